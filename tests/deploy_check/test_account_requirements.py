"""`Custom::AccountCheck`: two secrets and ECS's role, and everything that is wrong with them at once."""

import boto3
import pytest

from account_requirements import check_account
from custom_resource import FailedError
from tests.deploy_check.conftest import OPENAI, TWILIO, Stack, make_late_request, store


def test_good_secrets_are_named_by_their_full_arns(stack: Stack) -> None:
    answer = stack.check("AccountCheck")

    assert answer["Status"] == "SUCCESS"
    assert answer["Data"] == {
        "TwilioSecretArn": store("warmline/twilio", TWILIO),
        "OpenAISecretArn": store("warmline/openai", OPENAI),
    }


def test_a_secret_may_be_named_by_its_arn(stack: Stack) -> None:
    arn = store("warmline/twilio", TWILIO)

    assert stack.check("AccountCheck", TwilioSecret=arn)["Data"]["TwilioSecretArn"] == arn


def test_everything_that_is_wrong_is_told_at_once(stack: Stack) -> None:
    store("warmline/twilio", TWILIO | {"TWILIO_AUTH_TOKEN": "hunter2", "STREAM_TOKEN_SECRET": "short"})
    stack.aws.role = False
    stack.aws.refused["CreateServiceLinkedRole"] = 409, "LimitExceeded", "no more roles"

    reason = stack.reason("AccountCheck", OpenAISecret="warmline/nothing")

    assert "Secret warmline/twilio: TWILIO_AUTH_TOKEN: expected 32 hexadecimal digits, got 7 characters." in reason
    assert "Secret warmline/twilio: STREAM_TOKEN_SECRET: expected at least 32 bytes" in reason
    assert "Secret warmline/nothing: there is none with a value; is there one of this name in us-east-1?" in reason
    assert "Role AWSServiceRoleForECS: ECS needs it, and it could not be made: LimitExceeded: no more roles" in reason
    assert "hunter2" not in reason


def test_every_fault_there_can_be_is_told_whole(stack: Stack) -> None:
    store("warmline/twilio", dict.fromkeys([*TWILIO, "TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET"], " "))
    store("warmline/openai", {"OPENAI_API_KEY": " "})
    stack.aws.role = False
    stack.aws.refused["CreateServiceLinkedRole"] = 409, "LimitExceeded", "no more roles " * 20

    reason = stack.reason("AccountCheck")

    assert "…" not in reason
    assert reason.count("expected") == 6


def test_a_secret_that_is_no_text_is_refused(stack: Stack) -> None:
    boto3.client("secretsmanager").create_secret(Name="bytes", SecretBinary=b"\x00\xff")

    assert "Secret bytes: expected a JSON object, got bytes or nothing." in stack.reason(
        "AccountCheck", TwilioSecret="bytes"
    )


def test_a_secret_on_its_way_out_is_refused_in_the_words_of_aws(stack: Stack) -> None:
    boto3.client("secretsmanager").delete_secret(SecretId="warmline/openai")

    reason = stack.reason("AccountCheck")

    assert "Secret warmline/openai: it cannot be read: InvalidRequestException" in reason
    assert "marked" in reason


def test_a_secret_that_may_not_be_read_may_be_missing(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    # So AWS answers for a name that no secret has, when the permission is for whole ARNs.
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", stack.aws.origin)
    message = "User: … is not authorized to perform: secretsmanager:GetSecretValue on resource: warmline/twilio."
    stack.aws.refused["GetSecretValue"] = 400, "AccessDeniedException", message

    with pytest.raises(FailedError) as failed:
        check_account(
            make_late_request("AccountCheck", {"TwilioSecret": "warmline/twilio", "OpenAISecret": "warmline/openai"}),
            boto3.client("secretsmanager"),
            boto3.client("iam"),
        )

    reason = str(failed.value)
    assert (
        'Secret warmline/twilio: it may not be read; is there one of this name in us-east-1? "make secrets"' in reason
    )
    assert "on resource: warmline/twilio)." in reason


def test_a_secrets_manager_that_cannot_be_reached_is_told(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")

    reason = stack.reason("AccountCheck")

    assert "Secret warmline/twilio: it cannot be read: Could not connect" in reason


@pytest.mark.parametrize("name", ["", "  ", None, ["warmline"], {"Ref": "TwilioSecret"}])
def test_a_name_that_is_none_is_refused(stack: Stack, name: object) -> None:
    reason = stack.reason("AccountCheck", TwilioSecret=name)

    assert reason == "Parameter TwilioSecret: expected the name of a secret, got nothing."


def test_the_role_of_ecs_is_left_alone_where_it_is(stack: Stack) -> None:
    stack.check("AccountCheck")

    assert stack.aws.asked == ["GetRole"]


def test_the_role_of_ecs_is_made_where_it_is_missing(stack: Stack) -> None:
    stack.aws.role = False

    assert stack.check("AccountCheck")["Status"] == "SUCCESS"
    assert stack.aws.asked == ["GetRole", "CreateServiceLinkedRole", "GetRole"]


def test_a_new_role_is_waited_for_until_it_is_seen(stack: Stack) -> None:
    stack.aws.role, stack.aws.shown_after = False, 2

    assert stack.check("AccountCheck")["Status"] == "SUCCESS"
    assert stack.aws.asked == ["GetRole", "CreateServiceLinkedRole", "GetRole", "GetRole", "GetRole"]


@pytest.mark.parametrize("action", ["GetRole", "CreateServiceLinkedRole"])
def test_a_permission_that_is_new_is_waited_for(stack: Stack, action: str) -> None:
    stack.aws.role = False
    stack.aws.refused[action], stack.aws.refused_times = (403, "AccessDenied", "not authorized"), 1

    assert stack.check("AccountCheck")["Status"] == "SUCCESS"
    assert stack.aws.asked.count(action) == {"GetRole": 3, "CreateServiceLinkedRole": 2}[action]


def test_a_role_that_another_stack_made_meanwhile_will_do(stack: Stack) -> None:
    stack.aws.role, stack.aws.made_meanwhile = False, True

    assert stack.check("AccountCheck")["Status"] == "SUCCESS"


def test_a_role_that_never_shows_ends_with_advice(stack: Stack) -> None:
    stack.aws.role, stack.aws.shown_after = False, 1_000_000

    reason = stack.reason("AccountCheck", left_ms=20_000)

    assert reason == "Role AWSServiceRoleForECS: it was made, but cannot be seen yet; deploy again in a minute."


def test_another_refusal_of_the_role_is_not_taken_for_a_race(stack: Stack) -> None:
    stack.aws.role = False
    stack.aws.refused["CreateServiceLinkedRole"] = 400, "InvalidInput", "no such service"

    assert "InvalidInput: no such service" in stack.reason("AccountCheck")


def test_an_iam_that_cannot_be_reached_is_told(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_IAM", "http://127.0.0.1:1")

    assert "aws iam create-service-linked-role" in stack.reason("AccountCheck")


def test_an_update_checks_again(stack: Stack) -> None:
    store("warmline/openai", {})

    assert stack.check("AccountCheck", "Update")["Status"] == "FAILED"


def test_a_stack_that_goes_back_is_not_stopped_by_a_bad_secret(stack: Stack) -> None:
    arn = store("warmline/openai", {})
    stack.aws.stack = "UPDATE_ROLLBACK_IN_PROGRESS"

    answer = stack.check("AccountCheck", "Update", TwilioSecret="warmline/gone")

    assert answer["Status"] == "SUCCESS"
    assert answer["Data"] == {
        "TwilioSecretArn": "arn:aws:secretsmanager:us-east-1:000000000000:secret:warmline/gone",
        "OpenAISecretArn": arn,
    }


def test_a_stack_that_goes_back_keeps_the_arn_of_a_secret_that_is_gone(stack: Stack) -> None:
    stack.aws.stack = "UPDATE_ROLLBACK_IN_PROGRESS"
    arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:gone-AbCdEf"

    assert stack.check("AccountCheck", "Update", OpenAISecret=arn)["Data"]["OpenAISecretArn"] == arn


def test_a_deletion_asks_nothing_of_anybody(stack: Stack) -> None:
    boto3.client("secretsmanager").delete_secret(SecretId="warmline/twilio")

    assert stack.check("AccountCheck", "Delete")["Status"] == "SUCCESS"
    assert stack.aws.asked == []
