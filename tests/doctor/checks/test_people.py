"""doctor.checks.people: can everybody be rung?"""

import dataclasses
from pathlib import Path

import pytest

from doctor.context import Options
from sandbox.doctor_target.target import DIRECTORY, NUMBER, Examined
from sandbox.twilio.account import Country
from tests.doctor.runs import OPTIONS, visit

ANNA, WORKSHOP = "+12025550142", "+442079460123"


def written(folder: Path, *changes: tuple[str, str]) -> Options:
    """The directory of the sandbox with changes."""
    text = DIRECTORY.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = folder / "directory.toml"
    file.write_text(text)
    return dataclasses.replace(OPTIONS, directory_file=file)


def country(whole: Examined, iso_code: str) -> Country:
    return next(each for each in whole.carrier.account.countries if each.iso_code == iso_code)


def test_numbers_are_not_shown_in_full(whole: Examined) -> None:
    told = " ".join(finding.says for finding in visit(whole, "people").found)

    assert "front_desk, +1202…42: the account may ring United States/Canada" in told
    assert ANNA not in told
    assert WORKSHOP not in told


def test_a_country_that_may_not_be_rung_is_wrong(whole: Examined) -> None:
    country(whole, "GB").low_risk = False

    finding = visit(whole, "people").one("✗")

    assert finding.says == "workshop, +4420…23: the account may not ring United Kingdom"
    assert "Geo permissions" in finding.cure


def test_the_longest_code_decides_the_country(whole: Examined, tmp_path: Path) -> None:
    seen = visit(whole, "people", options=written(tmp_path, (ANNA, "+12425550142")))

    assert seen.one("✗").says == "front_desk, +1242…42: the account may not ring Bahamas"


def test_a_premium_number_needs_a_permission_of_its_own(whole: Examined, tmp_path: Path) -> None:
    options = written(tmp_path, (WORKSHOP, "+449098790123"))

    assert "a special number of United Kingdom" in visit(whole, "people", options=options).one("✗").says
    country(whole, "GB").special = True
    assert "✗" not in visit(whole, "people", options=options).signs


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("+15550100002", "the number of an example; nobody has it"),
        ("+999123456789", "Twilio knows no country with such numbers"),
    ],
)
def test_a_number_that_nobody_can_have_is_wrong(whole: Examined, tmp_path: Path, number: str, said: str) -> None:
    assert said in visit(whole, "people", options=written(tmp_path, (ANNA, number))).one("✗").says


def test_a_trial_account_rings_verified_numbers_only(whole: Examined) -> None:
    whole.carrier.account.type, whole.carrier.account.verified = "Trial", [ANNA]

    says = visit(whole, "people").one("✗").says
    assert says == "workshop: a trial account does not ring +4420…23, which is not verified"


def test_the_fallback_number_is_rung_too(whole: Examined) -> None:
    whole.stack.parameters["FallbackNumber"] = "+5371234567"

    assert visit(whole, "people").one("✗").says == "FallbackNumber, +5371…67: the account may not ring Cuba"


def test_the_account_s_own_number_is_nobody_s_telephone(whole: Examined, tmp_path: Path) -> None:
    whole.stack.parameters["FallbackNumber"] = NUMBER
    found = visit(whole, "people", options=written(tmp_path, (ANNA, NUMBER))).found

    said = [each.says.partition(":")[0] for each in found if each.status.value == "✗"]
    assert said == ["front_desk, +1202…00", "FallbackNumber, +1202…00"]


def test_a_file_that_is_not_what_is_deployed_is_good_to_know(whole: Examined, tmp_path: Path) -> None:
    options = written(tmp_path, ('"workshop"', '"garage"'))

    says = visit(whole, "transfer", "people", options=options).one("!").says
    assert "has front_desk, garage, but deployed are front_desk, workshop" in says


def test_a_file_that_cannot_be_used_is_quoted(whole: Examined, tmp_path: Path) -> None:
    options = written(tmp_path, (f'"{ANNA}"', '"Anna"'))

    assert "directory.toml:8: " in visit(whole, "people", options=options).one("✗").says


def test_a_file_that_is_not_there_is_a_line(whole: Examined, tmp_path: Path) -> None:
    options = dataclasses.replace(OPTIONS, directory_file=tmp_path / "none.toml")

    assert "cannot be read" in visit(whole, "people", options=options).one("✗").says


@pytest.mark.parametrize(("number", "sign"), [(NUMBER, "✓"), ("+12025550177", "✓"), ("+12025550178", "✗")])
def test_a_caller_id_must_be_the_accounts(whole: Examined, tmp_path: Path, number: str, sign: str) -> None:
    whole.carrier.account.verified = ["+12025550177"]

    seen = visit(whole, "people", options=written(tmp_path, ('"called"', f'"{number}"')))

    assert (seen.found[-1].status.value, "caller_id" in seen.found[-1].says) == (sign, True)


@pytest.mark.parametrize(
    ("number", "sign", "said"),
    [
        (NUMBER, "✓", "the directory's business_number +1202…00 belongs to the account"),
        ("+12025550178", "✗", "the directory's business_number +1202…78 is not the account's"),
        ("", "!", "people are not rung for a caller who has no number to show"),
    ],
)
def test_the_business_number_must_be_the_accounts(
    whole: Examined, tmp_path: Path, number: str, sign: str, said: str
) -> None:
    options = written(tmp_path, (f'business_number = "{NUMBER}"', f'business_number = "{number}"'))
    seen = [each for each in visit(whole, "people", options=options).found if each.says.startswith(said)]

    assert [each.status.value for each in seen] == [sign]


@pytest.mark.parametrize(
    ("shown", "sign", "said"),
    [
        ("", "!", "FallbackNumber is not rung for a caller who has no number to show"),
        (NUMBER, "✓", "FallbackCallerId +1202…00 belongs to the account"),
        ("+12025550178", "✗", "FallbackCallerId +1202…78 is not the account's"),
    ],
)
def test_what_the_fallback_number_sees_must_be_the_accounts(whole: Examined, shown: str, sign: str, said: str) -> None:
    whole.stack.parameters |= {"FallbackNumber": ANNA, "FallbackCallerId": shown}
    seen = [each for each in visit(whole, "people").found if each.says.startswith(said)]

    assert [each.status.value for each in seen] == [sign]


def test_who_is_no_number_needs_no_permission(whole: Examined, tmp_path: Path) -> None:
    whole.carrier.account.countries.clear()
    options = written(tmp_path, (ANNA, "sip:anna@pbx.example.com"), (WORKSHOP, "client:workshop"))

    assert "no geographic permission is needed" in visit(whole, "people", options=options).found[-1].says


def test_a_bad_day_of_twilios_is_a_line(whole: Examined) -> None:
    whole.edge.closed.add("voice.twilio.com")

    assert visit(whole, "people").one("✗").says == "the name voice.twilio.com does not resolve"
