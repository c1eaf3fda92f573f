"""What an operator does to a call: what is asked of the transfer function, and what its answers mean to them."""

import io
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from console.board.actions import ActionError, Actions, Destination, Told

SID = "CA" + "0" * 32
TRANSFER = {
    "call_sid": SID,
    "request_id": "board_1",
    "action": "transfer",
    "destination": "front_desk",
    "reason": "put through by an operator",
    "announce": True,
}
END = {"action": "end", "call_sid": SID, "request_id": "board_1"}


class Function:
    """The stack's function, which answers as a test says."""

    def __init__(self) -> None:
        client = boto3.client("lambda", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
        self.stub = Stubber(client)
        self.actions = Actions(client, "warmline-transfer")

    def answer(self, asked: dict[str, Any], answer: object, **more: str) -> None:
        raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        expected = {"FunctionName": "warmline-transfer", "Payload": json.dumps(asked)}
        self.stub.add_response(
            "invoke", {"StatusCode": 200, "Payload": StreamingBody(io.BytesIO(raw), len(raw)), **more}, expected
        )


@pytest.fixture
def function() -> Iterator[Function]:
    made = Function()
    with made.stub:
        yield made
        made.stub.assert_no_pending_responses()


async def test_the_destinations_are_those_of_the_directory(function: Function) -> None:
    listed = [{"name": "a", "description": "Anna", "open": True}, {"name": "b", "open": False}, "garbage"]
    function.answer({"action": "destinations"}, {"destinations": listed})

    assert await function.actions.list_destinations() == [Destination("a", "Anna", True), Destination("b", "", False)]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"status": "moved"}, Told(True, "front desk is being rung, and the caller hears that.")),
        ({"status": "in_progress"}, Told(False, "The caller is being put through already.")),
        (
            {"status": "closed", "opens": "on Monday at 9"},
            Told(False, "front desk is closed and opens on Monday at 9."),
        ),
        ({"status": "closed", "opens": None}, Told(False, "front desk is closed.")),
        (
            {"status": "unknown_destination", "destinations": []},
            Told(False, "The directory has no front desk: it was changed. Load this page again."),
        ),
        ({"status": "caller_gone"}, Told(False, "The caller has hung up.")),
        ({"status": "failed", "error": "HTTP 500"}, Told(False, "That did not work: HTTP 500.")),
        ({"status": "new"}, Told(False, "That did not work: new.")),
        ({}, Told(False, "That did not work: nobody knows why.")),
    ],
)
async def test_what_became_of_a_transfer_is_a_sentence(function: Function, answer: object, told: Told) -> None:
    function.answer(TRANSFER, answer)

    assert await function.actions.put_through(SID, "front_desk", "board_1") == told


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"status": "moved"}, Told(True, "The caller hears a goodbye, and the call ends.")),
        ({"status": "in_progress"}, Told(False, "The goodbye is being said already.")),
        ({"status": "caller_gone"}, Told(False, "The caller has hung up.")),
        (
            {"status": "failed", "error": "action: expected one of destinations, transfer; got 'end'"},
            Told(False, "The stack is of an older version that cannot say goodbye: deploy this version."),
        ),
    ],
)
async def test_what_became_of_a_goodbye_is_a_sentence(function: Function, answer: object, told: Told) -> None:
    function.answer(END, answer)

    assert await function.actions.say_goodbye(SID, "board_1") == told


@pytest.mark.parametrize(
    ("answer", "more"),
    [({"errorMessage": "x"}, {"FunctionError": "Unhandled"}), (b"no JSON", {}), ([], {}), (b"[" * 100_000, {})],
)
async def test_a_function_that_fails_is_told(function: Function, answer: object, more: dict[str, str]) -> None:
    function.answer(END, answer, **more)

    with pytest.raises(ActionError, match=r"The function warmline-transfer failed: its log has the reason."):
        await function.actions.say_goodbye(SID, "board_1")


async def test_who_may_not_invoke_the_function_is_told_so(function: Function) -> None:
    function.stub.add_client_error("invoke", "AccessDeniedException", "no")

    with pytest.raises(ActionError, match=r"Your AWS user may not call Invoke .*: allow Invoke"):
        await function.actions.list_destinations()


async def test_destinations_that_are_no_list_are_told(function: Function) -> None:
    function.answer({"action": "destinations"}, {"status": "failed"})

    with pytest.raises(ActionError, match="did not say whom"):
        await function.actions.list_destinations()
