"""A page gets the newest state at a bounded pace, the last one always; a page that is left costs nothing more."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
from starlette.types import Message

from console.call_source import SourceError
from console.web.event_stream import EventStream, Pace, encode_event
from tests.console.web.stream_ends import Gate, Page, Watch

SCOPE = {"type": "http", "method": "GET"}


def encode(before: int | None, after: int) -> bytes:
    return b"" if before == after else encode_event("state", after)


async def _no_pause(_seconds: float) -> None:
    await asyncio.sleep(0)


def make_stream(
    watch: Watch, *, pause: Callable[[float], Awaitable[object]] = _no_pause, heartbeat_s: float = 60.0
) -> tuple[EventStream[int], asyncio.Event]:
    stopping = asyncio.Event()
    pace = Pace(sleep=pause, heartbeat_s=heartbeat_s)
    return EventStream(watch.run(), encode, stopping=stopping, pace=pace), stopping


async def test_states_come_in_order_and_then_the_end() -> None:
    watch, page = Watch(), Page()
    stream, _ = make_stream(watch)

    async with asyncio.TaskGroup() as group:
        group.create_task(stream(SCOPE, page.receive, page.send))
        watch.put(1)
        assert await page.sent.get() == b"event: state\ndata: 1\n\n"
        watch.put(2)
        assert await page.sent.get() == b"event: state\ndata: 2\n\n"
        watch.put(None)
        assert await page.sent.get() == b"event: end\ndata: {}\n\n"

    assert watch.closed.is_set()


async def test_a_page_gets_at_most_five_events_a_second() -> None:
    watch, page, gate = Watch(), Page(), Gate()
    stream, _ = make_stream(watch, pause=gate.sleep)

    async with asyncio.TaskGroup() as group:
        group.create_task(stream(SCOPE, page.receive, page.send))
        watch.put(1)
        assert await gate.begun.get() == 0.2
        watch.put(*range(2, 1000), None)
        await watch.closed.wait()
        during_the_pause = page.take_all()
        gate.ends.set()

    assert during_the_pause == [b"event: state\ndata: 1\n\n"]
    # The last state is sent, whatever was skipped.
    assert page.take_all() == [b"event: state\ndata: 999\n\nevent: end\ndata: {}\n\n"]


async def test_nothing_is_sent_for_a_state_that_says_nothing_new() -> None:
    watch, page, gate = Watch(), Page(), Gate()
    gate.ends.set()
    stream, _ = make_stream(watch, pause=gate.sleep)

    async with asyncio.TaskGroup() as group:
        group.create_task(stream(SCOPE, page.receive, page.send))
        for state in (1, 1, 2):
            watch.put(state)
            await gate.begun.get()  # it was looked at
        watch.put(None)

    assert page.take_all() == [encode_event("state", 1), encode_event("state", 2), encode_event("end", {})]


async def test_a_silent_watch_sends_heartbeats() -> None:
    watch, page = Watch(), Page()
    stream, stopping = make_stream(watch, heartbeat_s=0.001)

    async with asyncio.TaskGroup() as group:
        group.create_task(stream(SCOPE, page.receive, page.send))
        assert [await page.sent.get() for _ in range(3)] == [b": \n\n"] * 3
        stopping.set()


def test_heartbeats_and_events_have_the_pace_that_pages_expect() -> None:
    assert (Pace().gap_s, Pace().heartbeat_s) == (0.2, 15.0)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (SourceError("The credentials have expired: sign in again."), "The credentials have expired: sign in again."),
        (ValueError("secret"), "This page cannot be kept up to date: the program's output says why."),
    ],
)
async def test_an_error_of_the_source_is_told_in_a_sentence(error: Exception, sentence: str) -> None:
    watch, page = Watch(), Page()
    stream, _ = make_stream(watch)
    watch.put(1, error)

    await stream(SCOPE, page.receive, page.send)

    sent = b"".join(page.take_all())
    assert sent == encode_event("state", 1) + encode_event("problem", {"message": sentence})
    assert watch.closed.is_set()


async def test_a_state_that_cannot_be_written_is_told_in_a_sentence() -> None:
    watch, page = Watch(), Page()
    stream: EventStream[float] = EventStream(
        watch.run(), lambda _, after: encode_event("state", after / 0), stopping=asyncio.Event(), pace=Pace()
    )
    watch.put(1)

    await stream(SCOPE, page.receive, page.send)

    assert page.take_all() == [
        encode_event("problem", {"message": "This page cannot be kept up to date: the program's output says why."})
    ]
    assert watch.closed.is_set()


async def test_a_page_that_is_left_ends_its_watch() -> None:
    watch, page = Watch(), Page()
    stream, _ = make_stream(watch)

    async with asyncio.TaskGroup() as group:
        group.create_task(stream(SCOPE, page.receive, page.send))
        watch.put(1)
        await page.sent.get()
        page.left.set()

    assert watch.closed.is_set()


async def test_a_page_that_is_left_before_anything_came_ends_its_watch() -> None:
    watch, page = Watch(), Page()
    stream, _ = make_stream(watch)
    page.left.set()

    await stream(SCOPE, page.receive, page.send)

    assert page.take_all() == []


async def test_a_server_that_stops_ends_the_stream_at_once() -> None:
    watch, page, gate = Watch(), Page(), Gate()
    stream, stopping = make_stream(watch, pause=gate.sleep)

    async with asyncio.TaskGroup() as group:
        group.create_task(stream(SCOPE, page.receive, page.send))
        watch.put(1)
        await gate.begun.get()
        stopping.set()

    assert watch.closed.is_set()


async def test_a_stream_that_is_cancelled_closes_its_watch() -> None:
    watch, page = Watch(), Page()
    stream, _ = make_stream(watch)
    task = asyncio.create_task(stream(SCOPE, page.receive, page.send))
    watch.put(1)
    await page.sent.get()

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert watch.closed.is_set()


async def test_a_slow_page_gets_the_newest_state_when_it_reads_again() -> None:
    watch, page = Watch(), Page()
    stream, _ = make_stream(watch)
    reads, waits = asyncio.Event(), asyncio.Event()

    async def send(message: Message) -> None:
        await page.send(message)
        waits.set()
        await reads.wait()

    async with asyncio.TaskGroup() as group:
        reads.set()
        group.create_task(stream(SCOPE, page.receive, send))
        await waits.wait()
        reads.clear()
        watch.put(1)
        await page.sent.get()
        watch.put(2, 3, 4, None)
        await watch.closed.wait()
        reads.set()

    assert b"".join(page.take_all()) == encode_event("state", 4) + encode_event("end", {})


async def test_a_head_request_gets_no_events() -> None:
    watch, page = Watch(), Page()
    stream, _ = make_stream(watch)

    await stream({"type": "http", "method": "HEAD"}, page.receive, page.send)

    assert page.take_all() == []


async def test_a_watch_need_not_be_a_generator() -> None:
    class Once:
        def __init__(self) -> None:
            self.states: Iterator[int] = iter([1])

        def __aiter__(self) -> "Once":
            return self

        async def __anext__(self) -> int:
            for state in self.states:
                return state
            raise StopAsyncIteration

    page = Page()
    stream = EventStream(Once(), encode, stopping=asyncio.Event(), pace=Pace())

    await stream(SCOPE, page.receive, page.send)

    assert b"".join(page.take_all()) == encode_event("state", 1) + encode_event("end", {})
