"""The answers that CloudFormation gets, on a real HTTP connection."""

import threading
from collections.abc import Iterator, Mapping
from typing import Never

import pytest
from botocore.exceptions import ClientError

import custom_resource
from custom_resource import FailedError, Request, shorten
from tests.cloudformation import STACK, CloudFormation, Context


@pytest.fixture
def cloudformation() -> Iterator[CloudFormation]:
    with CloudFormation() as cloudformation:
        yield cloudformation


def make_attributes(request: Request) -> Mapping[str, str]:
    return {"Colour": str(request.properties["Colour"])}


def must_not_run(request: Request) -> Never:
    raise AssertionError(request)


def test_a_creation_gets_its_attributes(cloudformation: CloudFormation) -> None:
    event = cloudformation.request("Create", "Paint", {"Colour": "blue"})

    custom_resource.answer(event, Context(), make_attributes)

    assert cloudformation.answer == {
        "Status": "SUCCESS",
        "PhysicalResourceId": "Paint",
        "StackId": STACK,
        "RequestId": event["RequestId"],
        "LogicalResourceId": "Paint",
        "Data": {"Colour": "blue"},
    }


def test_the_work_is_told_what_is_asked(cloudformation: CloudFormation) -> None:
    seen: list[Request] = []

    def work(request: Request) -> Mapping[str, str]:
        seen.append(request)
        return {}

    event = cloudformation.request("Update", "Paint", {"Colour": "blue"})
    custom_resource.answer(event, Context(), work)

    (request,) = seen
    assert request.request_id == event["RequestId"]
    assert (request.resource_type, request.logical_id, request.stack_id) == ("Custom::Paint", "Paint", STACK)
    assert request.properties["Colour"] == "blue"
    assert request.update


@pytest.mark.parametrize("kind", ["Update", "Delete"])
def test_the_physical_id_never_changes(cloudformation: CloudFormation, kind: str) -> None:
    event = cloudformation.request(kind, "Paint", {"Colour": "red"}, PhysicalResourceId="of an older version")

    custom_resource.answer(event, Context(), make_attributes)

    assert cloudformation.answer["PhysicalResourceId"] == "of an older version"


def test_a_deletion_succeeds_without_any_work(cloudformation: CloudFormation) -> None:
    event = cloudformation.request("Delete", "Paint", {})

    custom_resource.answer(event, Context(left_ms=0), must_not_run)

    assert cloudformation.answer["Status"] == "SUCCESS"


def test_a_failure_is_told_in_its_own_words(cloudformation: CloudFormation) -> None:
    def work(request: Request) -> Never:
        raise FailedError(f"{request.logical_id}: expected a colour,\n got “mud”")

    custom_resource.answer(cloudformation.request("Create", "Paint", {}), Context(), work)

    assert cloudformation.answer["Status"] == "FAILED"
    assert cloudformation.answer["Reason"] == "Paint: expected a colour, got “mud”"
    assert cloudformation.answer["PhysicalResourceId"] == "Paint"


def test_the_words_of_aws_are_told_with_where_the_log_is(cloudformation: CloudFormation) -> None:
    def work(_: Request) -> Never:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no s3:GetPaint"}}, "GetPaint")

    custom_resource.answer(cloudformation.request("Create", "Paint", {}), Context(), work)

    assert "no s3:GetPaint" in cloudformation.answer["Reason"]
    assert "/aws/lambda/warmline-function" in cloudformation.answer["Reason"]


def test_a_defect_is_answered_without_its_text(cloudformation: CloudFormation) -> None:
    def work(_: Request) -> Never:
        raise KeyError("the colour of my secret")

    custom_resource.answer(cloudformation.request("Update", "Paint", {}), Context(), work)

    assert cloudformation.answer["Status"] == "FAILED"
    assert "a defect, KeyError" in cloudformation.answer["Reason"]
    assert "2026/11/22/[$LATEST]00" in cloudformation.answer["Reason"]
    assert "secret" not in cloudformation.answer["Reason"]


def test_work_that_hangs_is_answered_while_there_is_time(cloudformation: CloudFormation) -> None:
    ended = threading.Event()

    def work(_: Request) -> Mapping[str, str]:
        ended.wait(60)
        return {}

    try:
        left_ms = int(custom_resource.ANSWER_S * 1000) + 50
        custom_resource.answer(cloudformation.request("Create", "Paint", {}), Context(left_ms), work)
    finally:
        ended.set()

    assert cloudformation.answer["Status"] == "FAILED"
    assert "not finished in the time" in cloudformation.answer["Reason"]


def test_a_timeout_of_the_work_itself_is_not_taken_for_the_end_of_the_time(cloudformation: CloudFormation) -> None:
    def work(_: Request) -> Never:
        raise TimeoutError

    custom_resource.answer(cloudformation.request("Create", "Paint", {}), Context(), work)

    assert "a defect, TimeoutError" in cloudformation.answer["Reason"]


@pytest.mark.parametrize("letters", ["“ä” ", "\x00\x1b\ud800", '"\\'], ids=["wide", "garbage", "escaped"])
def test_an_answer_stays_within_what_s3_takes(cloudformation: CloudFormation, letters: str) -> None:
    def work(_: Request) -> Never:
        raise FailedError(letters * 5000)

    custom_resource.answer(cloudformation.request("Create", "Paint", {}), Context(), work)

    assert cloudformation.answer["Status"] == "FAILED"


def test_a_long_reason_keeps_its_beginning_and_its_end() -> None:
    reason = "The build failed: " + "step " * 1000 + "no space left on device"

    assert shorten(reason).startswith("The build failed: step")
    assert shorten(reason).endswith("no space left on device")
    assert " … " in shorten(reason)
    assert len(shorten(reason).encode()) <= custom_resource.REASON_BYTES


@pytest.mark.parametrize("refusals", [[500], [0, 503], [403]])
def test_an_answer_that_is_not_taken_is_given_again(cloudformation: CloudFormation, refusals: list[int]) -> None:
    cloudformation.refusals = list(refusals)

    custom_resource.answer(cloudformation.request("Create", "Paint", {"Colour": "red"}), Context(), make_attributes)

    assert cloudformation.answer["Data"] == {"Colour": "red"}
    assert cloudformation.refused == refusals


def test_an_answer_that_cannot_be_delivered_is_left_to_lambda(
    cloudformation: CloudFormation, caplog: pytest.LogCaptureFixture
) -> None:
    cloudformation.refusals = [500] * 99

    with pytest.raises(OSError, match="could not be delivered to CloudFormation: HTTP 500"):
        custom_resource.answer(cloudformation.request("Delete", "Paint", {}), Context(), make_attributes)

    assert len(cloudformation.refused) == len(custom_resource.PAUSES_S)
    assert "SIGNED" not in caplog.text


def test_a_broken_connection_shows_no_signed_url(
    cloudformation: CloudFormation, caplog: pytest.LogCaptureFixture
) -> None:
    cloudformation.refusals = [0]

    custom_resource.answer(cloudformation.request("Delete", "Paint", {}), Context(), make_attributes)

    assert "ProtocolError" in caplog.text
    assert "SIGNED" not in caplog.text


@pytest.mark.parametrize("event", [None, [], {}, {"RequestType": "Delete"}, {"ResponseURL": 7}])
def test_what_is_no_request_of_cloudformation_is_refused(event: object) -> None:
    with pytest.raises(ValueError, match="expected a request of CloudFormation"):
        custom_resource.answer(event, Context(), must_not_run)


def test_properties_that_are_no_object_are_none(cloudformation: CloudFormation) -> None:
    seen: list[Request] = []

    def work(request: Request) -> Mapping[str, str]:
        seen.append(request)
        return {}

    custom_resource.answer(cloudformation.request("Create", "Paint", {}, ResourceProperties="blue"), Context(), work)

    assert seen[0].properties == {}
