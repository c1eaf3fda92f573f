"""sandbox.twilio.event_log: what happened can be listed, watched and waited for."""

import asyncio

import pytest

from sandbox.twilio.event_log import EventLog, TimedEvent
from sandbox.twilio.events import Answered, HungUp, Ringing


def event(at_ms: int, what: Ringing | Answered | HungUp, sid: str = "CA1") -> TimedEvent:
    return TimedEvent(at_ms, at_ms, sid, what)


async def test_happenings_are_listed_by_kind_and_call() -> None:
    events = EventLog()
    events.append(event(0, Ringing("a")))
    events.append(event(1, Answered("a")))
    events.append(event(2, Answered("b"), "CA2"))

    assert events.of(Answered) == [Answered("a"), Answered("b")]
    assert events.of(Answered, "CA2") == [Answered("b")]
    assert [each.at_ms for each in events] == [0, 1, 2]


async def test_waiting_finds_what_is_past() -> None:
    events = EventLog()
    events.append(event(0, Ringing("a")))

    assert await events.wait_for(Ringing) == Ringing("a")


async def test_waiting_finds_what_is_to_come() -> None:
    events = EventLog()
    waiting = asyncio.ensure_future(events.wait_for(Answered, lambda answered: answered.to == "b"))
    await asyncio.sleep(0)
    for what in (Ringing("b"), Answered("a"), Answered("b")):
        events.append(event(0, what))

    assert await waiting == Answered("b")


async def test_waiting_in_vain_tells_what_happened_instead() -> None:
    events = EventLog()
    events.append(event(0, Ringing("a")))

    with pytest.raises(AssertionError, match=r"waited 0 s for Answered; there was \['Ringing'\]"):
        await events.wait_for(Answered, timeout_s=0)


async def test_watching_misses_nothing() -> None:
    events, seen = EventLog(), list[TimedEvent]()

    async def watch() -> None:
        async for each in events.watch():
            seen.append(each)
            if isinstance(each.what, HungUp):
                return

    events.append(event(0, Ringing("a")))
    watching = asyncio.ensure_future(watch())
    await asyncio.sleep(0)
    events.append(event(1, Answered("a")))
    events.append(event(2, HungUp("party")))
    await watching

    assert seen == list(events)
