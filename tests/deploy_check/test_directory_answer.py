"""`Custom::DirectoryCheck`: the version of the transfer function that is about to be used says whom it reaches."""

import json

import boto3
import pytest

from custom_resource import FailedError, Request
from directory_answer import check_directory
from tests.deploy_check.conftest import CANDIDATE, Stack, make_late_request


def test_a_function_that_knows_its_destinations_passes(stack: Stack) -> None:
    answer = stack.check("DirectoryCheck")

    assert (answer["Status"], stack.aws.asked) == ("SUCCESS", ["Invoke"])


def make_request(function: str = CANDIDATE, **properties: object) -> Request:
    return make_late_request("DirectoryCheck", {"Function": function} | properties)


def test_a_directory_that_rings_the_account_itself_is_refused(stack: Stack) -> None:
    stack.aws.function = b'{"destinations": [{"name": "office"}, {"name": "desk"}], "rings_own": ["desk"]}'

    with pytest.raises(FailedError, match="The directory's desk: expected somebody's telephone, got a number of the"):
        check_directory(make_request(), boto3.client("lambda"), ["+15550100000"])
    assert stack.aws.own_numbers == ["+15550100000"]


def test_a_fallback_number_of_the_account_itself_is_refused(stack: Stack) -> None:
    with pytest.raises(FailedError, match="Parameter FallbackNumber: expected somebody's telephone"):
        check_directory(make_request(FallbackNumber="+15550100000"), boto3.client("lambda"), ["+15550100000"])
    assert stack.aws.asked == []


def test_other_people_may_be_rung(stack: Stack) -> None:
    stack.aws.function = b'{"destinations": [{"name": "office"}], "rings_own": []}'

    assert check_directory(make_request(FallbackNumber="+15550100009"), boto3.client("lambda"), ["+15550100000"]) == {}
    assert check_directory(make_request(FallbackNumber=""), boto3.client("lambda")) == {}
    assert stack.aws.own_numbers is None  # nothing is known of them


def read_failure(stack: Stack, **payload: object) -> str:
    stack.aws.function_error, stack.aws.function = "Unhandled", json.dumps(payload).encode()
    return stack.reason("DirectoryCheck")


def test_a_bad_directory_is_told_in_the_words_of_the_function(stack: Stack) -> None:
    words = "destination \"sales\": targets: expected a number like +15550100000, got '0800'"

    reason = read_failure(stack, errorType="TomlFileError", errorMessage=words, stackTrace=["…"])

    assert reason == f"The transfer function does not say whom it can reach: it fails with TomlFileError: {words}"


def test_a_function_out_of_time_is_told(stack: Stack) -> None:
    reason = read_failure(stack, errorMessage="2026-11-22T00:00:00Z 1 Task timed out after 15.00 seconds")

    assert reason.endswith("it fails: 2026-11-22T00:00:00Z 1 Task timed out after 15.00 seconds")


def test_a_failure_is_one_even_with_a_list(stack: Stack) -> None:
    assert "expected a list of destinations" in read_failure(stack, destinations=[{"name": "office"}])


def test_an_answer_with_an_error_is_told(stack: Stack) -> None:
    stack.aws.function = b'{"status": "failed", "error": "action: expected one of \\u2026"}'

    assert stack.reason("DirectoryCheck").endswith("it answers: action: expected one of …")


@pytest.mark.parametrize(
    "payload",
    [b"", b"null", b"no json", b"\xff\x00", b"[" * 60_000, b'{"destinations": []}', b'{"destinations": [{"name": 7}]}'],
    ids=range(7),
)
def test_garbage_is_no_list_of_destinations(stack: Stack, payload: bytes) -> None:
    stack.aws.function = payload

    assert "expected a list of destinations, got " in stack.reason("DirectoryCheck")


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (404, "ResourceNotFoundException", "Function not found"),
        (400, "InvalidRequestContentException", "Could not parse"),
    ],
)
def test_a_function_that_cannot_be_invoked_is_told(stack: Stack, status: int, code: str, message: str) -> None:
    stack.aws.refused["Invoke"] = status, code, message

    reason = stack.reason("DirectoryCheck")

    assert "could not be asked for its destinations" in reason
    assert message in reason


def test_a_permission_that_never_comes_is_told(stack: Stack) -> None:
    stack.aws.refused["Invoke"] = 403, "AccessDeniedException", "not authorized to perform: lambda:InvokeFunction"

    with pytest.raises(FailedError, match="not authorized to perform: lambda:InvokeFunction"):
        check_directory(make_late_request("DirectoryCheck", {"Function": CANDIDATE}), boto3.client("lambda"))


def test_a_permission_that_is_new_is_waited_for(stack: Stack) -> None:
    stack.aws.refused["Invoke"], stack.aws.refused_times = (403, "AccessDeniedException", "not authorized"), 1

    assert stack.check("DirectoryCheck")["Status"] == "SUCCESS"
    assert stack.aws.asked == ["Invoke", "Invoke"]


def test_a_function_that_cannot_be_reached_is_told(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", "http://127.0.0.1:1")

    assert "could not be asked for its destinations: Could not connect" in stack.reason("DirectoryCheck")


@pytest.mark.parametrize("function", ["", None, 7, ["a"]])
def test_a_property_that_names_no_function_is_refused(stack: Stack, function: object) -> None:
    assert "Property Function: expected the ARN" in stack.reason("DirectoryCheck", Function=function)
    assert stack.aws.asked == []


def test_a_stack_that_goes_back_is_not_stopped(stack: Stack) -> None:
    stack.aws.stack, stack.aws.function = "UPDATE_ROLLBACK_IN_PROGRESS", b"null"

    assert stack.check("DirectoryCheck", "Update")["Status"] == "SUCCESS"
    assert stack.aws.asked == ["DescribeStacks"]
