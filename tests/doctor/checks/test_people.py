"""doctor.checks.people: whether everybody in the directory can be rung."""

import dataclasses
from pathlib import Path

import pytest

from doctor.options import Options
from sandbox.doctor_target.target import DIRECTORY, NUMBER, DoctorTarget
from sandbox.twilio.account import Country
from tests.doctor.runs import OPTIONS, diagnose

ANNA, WORKSHOP = "+12025550142", "+442079460123"


def write_directory(folder: Path, *changes: tuple[str, str]) -> Options:
    """The directory of the sandbox with changes."""
    text = DIRECTORY.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = folder / "directory.toml"
    file.write_text(text)
    return dataclasses.replace(OPTIONS, directory_file=file)


def find_country(target: DoctorTarget, iso_code: str) -> Country:
    return next(each for each in target.carrier.account.countries if each.iso_code == iso_code)


def test_numbers_are_not_shown_in_full(target: DoctorTarget) -> None:
    told = " ".join(finding.message for finding in diagnose(target, "people").findings)

    assert "front_desk, +1202…42: the account may ring United States/Canada" in told
    assert ANNA not in told
    assert WORKSHOP not in told


def test_a_country_that_the_account_may_not_ring_is_a_failure(target: DoctorTarget) -> None:
    find_country(target, "GB").low_risk = False

    finding = diagnose(target, "people").find_only("✗")

    assert finding.message == "workshop, +4420…23: the account may not ring United Kingdom"
    assert "Geo permissions" in finding.remedy


def test_the_longest_code_decides_the_country(target: DoctorTarget, tmp_path: Path) -> None:
    diagnosis = diagnose(target, "people", options=write_directory(tmp_path, (ANNA, "+12425550142")))

    assert diagnosis.find_only("✗").message == "front_desk, +1242…42: the account may not ring Bahamas"


def test_a_premium_number_needs_a_permission_of_its_own(target: DoctorTarget, tmp_path: Path) -> None:
    options = write_directory(tmp_path, (WORKSHOP, "+449098790123"))

    assert "a special number of United Kingdom" in diagnose(target, "people", options=options).find_only("✗").message
    find_country(target, "GB").special = True
    assert "✗" not in diagnose(target, "people", options=options).symbols


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("+15550100002", "an example number that nobody has"),
        ("+999123456789", "Twilio knows no country with such numbers"),
    ],
)
def test_a_number_that_cannot_exist_is_a_failure(target: DoctorTarget, tmp_path: Path, number: str, said: str) -> None:
    assert said in diagnose(target, "people", options=write_directory(tmp_path, (ANNA, number))).find_only("✗").message


def test_a_trial_account_rings_verified_numbers_only(target: DoctorTarget) -> None:
    target.carrier.account.type, target.carrier.account.verified = "Trial", [ANNA]

    message = diagnose(target, "people").find_only("✗").message
    assert message == "workshop: a trial account does not ring +4420…23, which is not verified"


def test_the_fallback_number_is_rung_too(target: DoctorTarget) -> None:
    target.stack.parameters["FallbackNumber"] = "+5371234567"

    assert (
        diagnose(target, "people").find_only("✗").message == "FallbackNumber, +5371…67: the account may not ring Cuba"
    )


def test_the_accounts_own_number_as_a_target_is_a_failure(target: DoctorTarget, tmp_path: Path) -> None:
    target.stack.parameters["FallbackNumber"] = NUMBER
    found = diagnose(target, "people", options=write_directory(tmp_path, (ANNA, NUMBER))).findings

    said = [each.message.partition(":")[0] for each in found if each.status.value == "✗"]
    assert said == ["front_desk, +1202…00", "FallbackNumber, +1202…00"]


def test_a_file_that_differs_from_the_deployed_one_is_a_warning(target: DoctorTarget, tmp_path: Path) -> None:
    options = write_directory(tmp_path, ('"workshop"', '"garage"'))

    message = diagnose(target, "transfer", "people", options=options).find_only("!").message
    assert "has front_desk, garage, but deployed are front_desk, workshop" in message


def test_an_invalid_file_is_reported_with_its_line(target: DoctorTarget, tmp_path: Path) -> None:
    options = write_directory(tmp_path, (f'"{ANNA}"', '"Anna"'))

    assert "directory.toml:8: " in diagnose(target, "people", options=options).find_only("✗").message


def test_a_missing_file_is_reported(target: DoctorTarget, tmp_path: Path) -> None:
    options = dataclasses.replace(OPTIONS, directory_file=tmp_path / "none.toml")

    assert "cannot be read" in diagnose(target, "people", options=options).find_only("✗").message


@pytest.mark.parametrize(("number", "symbol"), [(NUMBER, "✓"), ("+12025550177", "✓"), ("+12025550178", "✗")])
def test_a_caller_id_must_belong_to_the_account(target: DoctorTarget, tmp_path: Path, number: str, symbol: str) -> None:
    target.carrier.account.verified = ["+12025550177"]

    diagnosis = diagnose(target, "people", options=write_directory(tmp_path, ('"called"', f'"{number}"')))

    assert (diagnosis.findings[-1].status.value, "caller_id" in diagnosis.findings[-1].message) == (symbol, True)


@pytest.mark.parametrize(
    ("number", "symbol", "said"),
    [
        (NUMBER, "✓", "the directory's business_number +1202…00 belongs to the account"),
        ("+12025550178", "✗", "the directory's business_number +1202…78 does not belong to the account"),
        ("", "!", "people are not rung for a caller who has no number to show"),
    ],
)
def test_the_business_number_must_belong_to_the_account(
    target: DoctorTarget, tmp_path: Path, number: str, symbol: str, said: str
) -> None:
    without_sms = (', "sms:+12025550143"', "")
    options = write_directory(tmp_path, without_sms, (f'business_number = "{NUMBER}"', f'business_number = "{number}"'))
    findings = [each for each in diagnose(target, "people", options=options).findings if each.message.startswith(said)]

    assert [each.status.value for each in findings] == [symbol]


@pytest.mark.parametrize(
    ("shown", "symbol", "said"),
    [
        ("", "!", "FallbackNumber is not rung for a caller who has no number to show"),
        (NUMBER, "✓", "FallbackCallerId +1202…00 belongs to the account"),
        ("+12025550178", "✗", "FallbackCallerId +1202…78 does not belong to the account"),
    ],
)
def test_the_fallback_caller_id_must_belong_to_the_account(
    target: DoctorTarget, shown: str, symbol: str, said: str
) -> None:
    target.stack.parameters |= {"FallbackNumber": ANNA, "FallbackCallerId": shown}
    findings = [each for each in diagnose(target, "people").findings if each.message.startswith(said)]

    assert [each.status.value for each in findings] == [symbol]


def test_targets_without_a_phone_number_need_no_permission(target: DoctorTarget, tmp_path: Path) -> None:
    target.carrier.account.countries.clear()
    options = write_directory(tmp_path, (ANNA, "sip:anna@pbx.example.com"), (WORKSHOP, "client:workshop"))

    assert "no geographic permission is needed" in diagnose(target, "people", options=options).findings[-1].message


def test_an_error_of_twilio_is_reported(target: DoctorTarget) -> None:
    target.edge.closed.add("voice.twilio.com")

    assert diagnose(target, "people").find_only("✗").message == "the name voice.twilio.com does not resolve"


def test_a_region_without_such_lists_is_a_warning(target: DoctorTarget) -> None:
    target.stack.parameters["TwilioApiUrl"] = "https://api.dublin.ie1.twilio.com"
    target.edge.closed.add("voice.dublin.ie1.twilio.com")

    diagnosis = diagnose(target, "transfer", "people")

    assert "so nobody's number was checked" in diagnosis.find_only("!").message
    assert "✗" not in diagnosis.symbols
