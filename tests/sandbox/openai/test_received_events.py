"""Waiting for what a client sends."""

import asyncio

import pytest

from sandbox.openai.received_events import ClientRecord


@pytest.fixture
def record() -> ClientRecord:
    record = ClientRecord()
    record.received += [{"type": "session.update"}, {"type": "response.create"}, {"type": "response.cancel"}]
    return record


async def test_messages_are_expected_in_order(record: ClientRecord) -> None:
    assert (await record.expect("session.update"))["type"] == "session.update"
    assert (await record.expect("response.create"))["type"] == "response.create"


async def test_another_message_than_the_expected_one_is_a_failure_that_shows_it(record: ClientRecord) -> None:
    with pytest.raises(AssertionError, match=r"expected 'response\.create' and got \{'type': 'session\.update'\}"):
        await record.expect("response.create")


async def test_others_can_be_passed_over(record: ClientRecord) -> None:
    assert (await record.wait_for("response.cancel"))["type"] == "response.cancel"


async def test_a_closed_session_is_not_waited_for(record: ClientRecord) -> None:
    record.closed, record.close_code = True, 1006
    with pytest.raises(AssertionError, match=r"closed \(1006\) before it sent 'conversation\.item\.create'"):
        await record.wait_for("conversation.item.create")


async def test_what_never_comes_is_a_failure_that_shows_what_came() -> None:
    record = ClientRecord()
    record.timeout_s = 0.01
    record.audio += b"1234"
    with pytest.raises(AssertionError, match="4 bytes of audio"):
        await record.wait_for_audio(b"5")


async def test_audio_is_waited_for_by_content_by_length_and_as_it_comes() -> None:
    record = ClientRecord()
    async with asyncio.TaskGroup() as group:
        waiting = [
            group.create_task(record.wait_for_audio(b"ab")),
            group.create_task(record.wait_for_audio_ms(1)),
            group.create_task(record.wait_for_more_audio(0)),
        ]
        await asyncio.sleep(0)
        record.audio += b"xxab1234"
        record.note_change()
    assert waiting[2].result() == b"xxab1234"
