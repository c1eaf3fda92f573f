"""doctor.checks.notify: whether people can be told of missed calls and messages."""

from pathlib import Path

import pytest

from sandbox.aws.topics import Subscription
from sandbox.doctor_target.target import NUMBER, DoctorTarget
from tests.doctor.checks.test_people import write_directory
from tests.doctor.runs import diagnose

NOTIFY = 'notify = ["sns", "sms:+12025550143"]'


def subscribe(target: DoctorTarget, *subscriptions: Subscription) -> None:
    installation = target.installation
    installation.cloud.topics.topics[installation.notify_topic].subscriptions = [*subscriptions]


def test_it_says_who_is_told_and_by_which_number(target: DoctorTarget) -> None:
    subscribe(
        target, Subscription("email", "anna@example.com"), Subscription("email", "b@c.test"), Subscription("sqs", "q")
    )

    assert [finding.message for finding in diagnose(target, "notify").findings] == [
        "missed calls and messages reach 2 by email, 1 by sqs",
        "+1202…00 can send SMS. In the US it must be registered (A2P 10DLC, or toll-free verification)",
    ]


def test_a_subscription_that_nobody_has_confirmed_is_a_warning(target: DoctorTarget) -> None:
    subscribe(
        target,
        Subscription("email", "anna@example.com", confirmed=False),
        Subscription("https", "https://hooks.example.com/secret", confirmed=False),
    )

    messages = [each.message for each in diagnose(target, "notify").findings if each.status.value == "!"]
    assert messages == [
        "email ann…example.com has not confirmed its subscription",
        "https htt… has not confirmed its subscription",
    ]


def test_a_topic_without_confirmed_subscriptions_is_a_failure(target: DoctorTarget) -> None:
    subscribe(target, Subscription("email", "anna@example.com", confirmed=False))

    assert "NotifyEmail" in diagnose(target, "notify").find_only("✗").remedy


def test_a_stack_without_the_topic_is_a_failure(target: DoctorTarget) -> None:
    del target.stack.outputs["NotifyTopic"]

    assert "deploy again" in diagnose(target, "notify").find_only("✗").remedy


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (NOTIFY, NOTIFY.replace("+12025550143", "+15550100012"), "+1555…12: an example number that nobody has"),
        ("business_number", 'sms_from = "+12025550177"\nbusiness_number', "+1202…77 is no number of the account"),
    ],
)
def test_an_sms_that_cannot_be_sent_is_a_failure(
    target: DoctorTarget, tmp_path: Path, old: str, new: str, said: str
) -> None:
    options = write_directory(tmp_path, (old, new))

    assert said in diagnose(target, "notify", options=options).find_only("✗").message


def test_a_number_without_sms_is_a_failure(target: DoctorTarget) -> None:
    target.number.sms = False

    assert diagnose(target, "notify").find_only("✗").message == f"{NUMBER[:5]}…{NUMBER[-2:]} cannot send SMS"


def test_a_trial_account_tells_verified_numbers_alone(target: DoctorTarget) -> None:
    target.carrier.account.type = "Trial"

    assert "front_desk, an SMS to +1202…43" in diagnose(target, "notify").find_only("✗").message
    target.carrier.account.verified = ["+12025550143"]
    assert "✗" not in diagnose(target, "notify").symbols


def test_a_message_that_nobody_learns_of_is_a_warning(target: DoctorTarget, tmp_path: Path) -> None:
    options = write_directory(tmp_path, (NOTIFY, 'nobody = "message"'))

    diagnosis = diagnose(target, "notify", options=options)
    assert diagnosis.symbols == "✓!"
    assert diagnosis.find_only("!").message == "nobody learns of a message that a caller leaves for front_desk"


def test_a_file_that_cannot_be_used_is_reported_elsewhere(target: DoctorTarget, tmp_path: Path) -> None:
    options = write_directory(tmp_path, ("front_desk", "Front desk!"))

    assert diagnose(target, "notify", options=options).findings == []
