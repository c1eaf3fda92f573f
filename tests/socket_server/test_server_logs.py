"""The log of the real server: every line is JSON and bears the sid of its own call, however calls are interleaved.

Lines come from tasks, timers, threads and from the read callbacks of two sockets a call; uvloop runs the callbacks of
all phones in one context.
"""

import json
from collections.abc import Iterator

import pytest
from websockets.exceptions import InvalidStatus

from tests.socket_server.conftest import ServerHarness
from tests.socket_server.emf import is_metric
from tests.socket_server.phone import Phone

pytestmark = pytest.mark.asyncio(loop_scope="module")


def lines(harness: ServerHarness) -> Iterator[tuple[str, str]]:
    """The call_sid and the message of each line of the log; what is no JSON fails."""
    for text in harness.server.log:
        if not is_metric(text):
            line = json.loads(text)
            yield line["call_sid"], line["message"]


async def test_each_line_of_interleaved_calls_bears_its_own_sid(harness: ServerHarness) -> None:
    phones, sessions = zip(*[await harness.talk() for _ in range(2)], strict=True)
    for nth, phone in enumerate(phones):
        await phone.send(b"?" * (nth + 1))
    for nth, session in enumerate(sessions):
        await harness.wait_for_log(f"binary message of {nth + 1} bytes")
        await session.fail(f"oddity_{nth}")
    for nth, phone in enumerate(phones):
        await harness.wait_for_log(f"oddity_{nth}")
        await phone.key("0")
    for phone in phones:
        await harness.wait_for_transfers(phone)
        await phone.stop()
    for phone in phones:
        assert await harness.wait_for_end(phone) == "transferred"
    await harness.wait_for_log("calls in progress: 0")
    for nth, phone in enumerate(phones):
        own = [message for sid, message in lines(harness) if sid == phone.call_sid]
        assert [message for message in own if message.startswith(("stream", "bad", "model", "transfer to"))] == [
            f"stream started: {phone.stream_sid}",
            f"bad message of the phone: expected text, got a binary message of {nth + 1} bytes",
            f"model error: oddity_{nth}",
            "transfer to the first open destination asked for",
            *[message for message in own if message.startswith("stream ended: transferred after")],
        ]
        assert own[-1].startswith("calls in progress: ")


async def test_lines_of_libraries_are_json_too(harness: ServerHarness) -> None:
    phone, _ = await harness.talk()
    await phone.stop()
    await harness.wait_for_end(phone)
    assert ("-", "Application startup complete.") in lines(harness)


async def test_a_refused_handshake_is_one_line_and_no_error(harness: ServerHarness) -> None:
    before = len(harness.server.log)

    with pytest.raises(InvalidStatus):
        await Phone.dial(harness.port, {})

    phone, _ = await harness.talk()  # whatever the refused one had left to say was said before
    refused, *_ = [json.loads(text) for text in harness.server.log[before:] if not is_metric(text)]
    await phone.stop()
    await harness.wait_for_end(phone)
    said = [json.loads(text) for text in harness.server.log[before:] if not is_metric(text)]
    assert (refused["level"], refused["message"]) == ("INFO", "handshake refused: no valid signature for STREAM_URL")
    assert not [line for line in said if line["name"].startswith("uvicorn") or line["level"] == "ERROR"]
