"""The client of the transfer function against a function that answers, hangs and fails."""

import asyncio
import json
import re
import threading
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.exceptions import ReadTimeoutError

import transfer
import twilio_rest
from socket_server.aws.executor import Executor
from socket_server.aws.transfer_client import TRANSFER_BUDGET_SECONDS, TransferClient
from socket_server.core import silence
from socket_server.core.actions import Brief, CancelTransfer, Connect, Transfer
from socket_server.core.events import TransferFinished
from socket_server.core.tool_offers import Destination
from tests.bounds import WAIT_S

TRANSFER = Transfer("call_1", "sales", "asked", "wants a bicycle", announce=False)
ATTENDED = Transfer(
    "call_1", "sales", "asked", "a bicycle", announce=False, attended=True, brief=Brief("Jo", "a bill", "looked it up")
)
CONNECT = Connect("call_1", announce=False)
CANCEL = CancelTransfer("call_1", "caller_gone")
SALES = {"name": "sales", "description": "New bicycles", "open": True}


@dataclass(frozen=True, slots=True)
class Failed:
    """The function raised."""

    kind: str


class Client:
    """boto3's client as far as it is used: answers with JSON, as told."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)  # the last one is given for ever
        self.asked: list[dict[str, Any]] = []
        self.may_answer = threading.Event()
        self.may_answer.set()

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3's names
        assert FunctionName == "transfer"
        self.asked.append(json.loads(Payload))
        assert self.may_answer.wait(WAIT_S)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise copy(answer)  # an exception keeps its frames, and the test keeps this one
        if isinstance(answer, Failed):
            return {"StatusCode": 200, "FunctionError": answer.kind, "Payload": BytesIO(b'{"errorType": "KeyError"}')}
        return {"StatusCode": 200, "Payload": BytesIO(json.dumps(answer).encode())}


def function_of(client: Client, threads: Executor | None = None, **seconds: float) -> TransferClient:
    # Any: one method of it is used.
    return TransferClient("transfer", threads or Executor("test", 4, 4), cast(Any, client), **seconds)


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while True:
            if happened():
                return
            await asyncio.sleep(0.01)  # the answer comes in a thread and nothing tells


def actions_of(client: Client) -> list[str]:
    return [request["action"] for request in client.asked]


LISTED = {"destinations": [SALES]}
LEARNT = (Destination("sales", "New bicycles", open=True),)


async def test_the_list_is_asked_for_once_while_it_is_good() -> None:
    client = Client(LISTED)
    function = function_of(client)
    assert [await function.destinations() for _ in range(3)] == [LEARNT] * 3
    assert client.asked == [{"action": "destinations"}]
    assert (function.knows("sales"), function.knows("+15550100000")) == (True, False)


@pytest.mark.parametrize("answer", [{"errorMessage": "no"}, {"destinations": [7]}, OSError("x"), RuntimeError("x")])
async def test_a_list_that_cannot_be_learnt_is_empty_and_not_asked_for_by_every_caller(answer: object) -> None:
    client = Client(answer)
    function = function_of(client)
    assert [await function.destinations() for _ in range(3)] == [()] * 3
    assert len(client.asked) == 1


async def test_the_first_callers_wait_together_and_not_for_long() -> None:
    client = Client(LISTED)
    client.may_answer.clear()
    function = function_of(client, wait_seconds=0.01)
    assert await asyncio.gather(*(function.destinations() for _ in range(5))) == [()] * 5
    assert await function.destinations() == ()
    client.may_answer.set()
    assert len(client.asked) == 1


async def test_an_old_list_is_served_and_asked_for_anew_beside() -> None:
    client = Client(LISTED, {"destinations": []})
    function = function_of(client, good_seconds=0.0)
    assert await function.destinations() == LEARNT
    client.may_answer.clear()
    assert [await function.destinations() for _ in range(3)] == [LEARNT] * 3
    client.may_answer.set()
    await until(lambda: not function.knows("sales"))
    assert await function.destinations() == ()


async def test_a_list_survives_a_failure_which_is_remembered(caplog: pytest.LogCaptureFixture) -> None:
    client = Client(LISTED, RuntimeError("x"))
    function = function_of(client, good_seconds=0.0)
    assert [await function.destinations() for _ in range(2)] == [LEARNT] * 2
    await until(lambda: "destinations not learnt: RuntimeError" in caplog.text)
    assert await function.destinations() == LEARNT
    assert len(client.asked) == 2


@pytest.mark.parametrize(
    ("answer", "finished"),
    [
        ({"status": "moved"}, TransferFinished("call_1", "moved")),
        ({"status": "ringing", "more": 1}, TransferFinished("call_1", "ringing")),
        ({"status": "closed"}, TransferFinished("call_1", "closed", "nobody is there now")),
        (
            {"status": "closed", "opens": "tomorrow at 9 am"},
            TransferFinished("call_1", "closed", "nobody is there now, open again tomorrow at 9 am"),
        ),
        (
            {"status": "closed", "tried": ["desk", "workshop"], "opens": None},
            TransferFinished(
                "call_1",
                "closed",
                "everybody who is there now has been rung, and nobody came: desk, workshop; "
                "ask for one by name to ring again",
            ),
        ),
        (
            {"status": "failed", "error": "21220 at +15550100000"},
            TransferFinished("call_1", "failed", "the connection could not be made"),
        ),
    ],
)
async def test_the_answer_is_told_without_numbers_or_codes(answer: object, finished: TransferFinished) -> None:
    client = Client(answer)
    assert await function_of(client).transfer("CA1", TRANSFER) == finished
    assert client.asked == [
        {
            "action": "transfer",
            "call_sid": "CA1",
            "destination": "sales",
            "reason": "asked",
            "summary": "wants a bicycle",
            "request_id": "call_1",
            "announce": False,
        }
    ]


async def test_why_a_transfer_failed_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    await function_of(Client({"status": "failed", "error": "21220 at Twilio"})).transfer("CA1", TRANSFER)
    [line] = caplog.records
    assert line.getMessage() == "transfer function: failed: 21220 at Twilio"


@pytest.mark.parametrize(
    "answer",
    [
        ReadTimeoutError(endpoint_url="http://127.0.0.1"),
        RuntimeError("can't start new thread"),
        {"status": "?"},
        {},
        7,
        Failed("Unhandled"),
    ],
)
async def test_whatever_goes_wrong_is_a_transfer_that_failed(answer: object) -> None:
    finished = await function_of(Client(answer)).transfer("CA1", TRANSFER)
    assert finished == TransferFinished("call_1", "failed", "the transfer could not be made")


async def test_why_the_function_itself_failed_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    await function_of(Client(Failed("Unhandled"))).transfer("CA1", TRANSFER)
    [line] = caplog.records
    assert (line.getMessage(), line.exc_info) == ("transfer function: FunctionFailedError: KeyError: ", None)


async def test_a_transfer_that_hangs_is_answered_within_the_budget() -> None:
    client = Client({"status": "moved"})
    client.may_answer.clear()
    finished = await function_of(client, budget_seconds=0.01).transfer("CA1", TRANSFER)
    assert finished == TransferFinished("call_1", "failed", "the transfer could not be made")
    client.may_answer.set()


async def test_a_transfer_that_nobody_waits_for_any_more_is_not_begun() -> None:
    client = Client({"status": "moved"})
    client.may_answer.clear()
    threads = Executor("test", 1, 1)
    first, late = function_of(client, threads), function_of(client, threads, budget_seconds=0.01)
    hanging = asyncio.create_task(first.transfer("CA1", TRANSFER))
    await asyncio.sleep(0)
    assert (await late.transfer("CA2", TRANSFER)).status == "failed"
    client.may_answer.set()
    assert (await hanging).status == "moved"
    await threads.close(10)
    assert [request["call_sid"] for request in client.asked] == ["CA1"]


async def test_too_many_transfers_that_hang_fail_the_next_one_at_once(caplog: pytest.LogCaptureFixture) -> None:
    client = Client({"status": "moved"})
    client.may_answer.clear()
    function = function_of(client, Executor("test", 1, 0))
    hanging = asyncio.create_task(function.transfer("CA1", TRANSFER))
    await asyncio.sleep(0)
    assert (await function.transfer("CA2", TRANSFER)).status == "failed"
    assert "transfer function: BusyError" in caplog.text
    client.may_answer.set()
    assert (await hanging).status == "moved"


# --- people who ring beside the talk


@pytest.mark.parametrize(("mode", "read"), [("attended", "attended"), ("direct", "direct"), ("telepathic", "direct")])
async def test_the_list_says_where_the_talk_goes_on(mode: str, read: str) -> None:
    [sales] = await function_of(Client({"destinations": [SALES | {"mode": mode}]})).destinations()
    assert sales.mode == read


async def test_people_are_rung_beside_the_talk_with_a_brief() -> None:
    client = Client({"status": "ringing", "people": 2})
    finished = await function_of(client).transfer("CA1", ATTENDED)
    assert finished == TransferFinished("call_1", "ringing", people=2)
    [request] = client.asked
    assert {name: request[name] for name in ("attended", "who", "about", "done")} == {
        "attended": True,
        "who": "Jo",
        "about": "a bill",
        "done": "looked it up",
    }


@pytest.mark.parametrize(
    ("answer", "status"),
    [({"status": "moved"}, "moved"), ({"status": "failed", "error": "x"}, "failed"), (7, "failed")],
)
async def test_the_call_is_moved_to_the_person_who_waits(answer: object, status: str) -> None:
    client = Client(answer)
    assert (await function_of(client).connect("CA1", CONNECT)).status == status
    assert client.asked == [{"action": "connect", "call_sid": "CA1", "attempt": "call_1", "announce": False}]


async def test_people_are_called_off_without_a_wait() -> None:
    client = Client({"status": "cancelled"})
    function = function_of(client)
    function.cancel("CA1", CANCEL)
    await function.close()
    assert client.asked == [{"action": "cancel", "call_sid": "CA1", "attempt": "call_1", "reason": "caller_gone"}]


async def test_people_are_called_off_only_when_they_ring_although_the_call_is_over() -> None:
    """Otherwise the function would find nobody, and ring them afterwards."""
    client = Client({"status": "ringing"})
    client.may_answer.clear()
    function = function_of(client)
    asking = asyncio.create_task(function.transfer("CA1", ATTENDED))
    await until(lambda: actions_of(client) == ["transfer"])
    asking.cancel()
    await asyncio.wait([asking])
    function.cancel("CA1", CANCEL)
    await asyncio.sleep(0)
    assert actions_of(client) == ["transfer"]
    client.may_answer.set()
    await function.close()
    assert actions_of(client) == ["transfer", "cancel"]


async def test_the_next_transfer_of_the_call_waits_until_people_are_called_off() -> None:
    """While an attempt is under way, the function begins no other."""
    client = Client({"status": "cancelled"}, {"status": "moved"})
    client.may_answer.clear()
    function = function_of(client)
    function.cancel("CA1", CANCEL)
    moving = asyncio.create_task(function.transfer("CA1", TRANSFER))
    await until(lambda: actions_of(client) == ["cancel"])
    client.may_answer.set()
    assert (await moving).status == "moved"
    assert actions_of(client) == ["cancel", "transfer"]


async def test_of_two_that_are_called_off_the_later_one_is_waited_for() -> None:
    client = Client({"status": "cancelled"})
    function = function_of(client)
    function.cancel("CA1", CANCEL)
    function.cancel("CA1", CancelTransfer("call_2", "replaced"))
    await function.close()
    await until(lambda: len(client.asked) == 2)


@pytest.mark.parametrize("answer", [ReadTimeoutError(endpoint_url="http://127.0.0.1"), Failed("Unhandled"), 7])
async def test_people_who_cannot_be_called_off_are_in_the_log(answer: object, caplog: pytest.LogCaptureFixture) -> None:
    function = function_of(Client(answer))
    function.cancel("CA1", CANCEL)
    await function.close()
    assert "people who ring not called off" in caplog.text


async def test_the_end_of_the_process_does_not_wait_for_ever() -> None:
    client = Client({"status": "cancelled"})
    client.may_answer.clear()
    function = function_of(client, close_seconds=0.01)
    function.cancel("CA1", CANCEL)
    await function.close()
    client.may_answer.set()


def test_each_wait_is_over_before_the_one_that_waits_for_it() -> None:
    template = (Path(__file__).parents[3] / "template.yaml").read_text(encoding="utf-8")
    [lambda_s] = re.findall(r"\n  TransferFunction:\n.*?\n      Timeout: (\d+)\n", template, re.DOTALL)
    function_s = transfer.TWILIO_S + 1.7  # in which it writes the outcome
    core_s = silence.TRANSFER_MS / 1000
    assert twilio_rest.TIMEOUT_S < transfer.TWILIO_S < function_s < TRANSFER_BUDGET_SECONDS < min(core_s, int(lambda_s))
