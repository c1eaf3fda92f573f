"""Which streams are calls, how many may wait, and for how many a session is opened early."""

import asyncio
import logging

import pytest

from socket_server.call.places import EARLY_SESSIONS, IN_VAIN_SECONDS, START_SECONDS, WAITING, Places
from socket_server.core.errors import NoPlaceError, TokenError


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


async def wait_in_vain(places: Places, stream: str) -> str:
    """What ends the waiting of a stream that never shows its token."""
    try:
        async with places.waiting(stream):
            await asyncio.Event().wait()
    except TokenError as error:
        return str(error)
    return ""


async def test_the_oldest_of_too_many_waiting_streams_has_to_go_and_no_other() -> None:
    places = Places(max_calls=1)
    tasks = [asyncio.create_task(wait_in_vain(places, str(number))) for number in range(WAITING + 1)]
    done, others = await asyncio.wait(tasks, timeout=10, return_when=asyncio.FIRST_COMPLETED)
    assert done == {tasks[0]}
    assert tasks[0].result() == f"no `start`, and {WAITING} newer streams wait for theirs"
    for task in others:
        task.cancel()
    await asyncio.wait(others)


class ClockLoop(asyncio.SelectorEventLoop):
    """Its time is set."""

    now = 0.0

    def time(self) -> float:
        return self.now


def test_a_caller_who_comes_in_the_moment_when_others_time_out_is_not_failed() -> None:
    """Whoever is sent away has been told by the loop that their time is over, but has not run since."""

    async def arrive(places: Places) -> str:
        async with places.waiting("caller"):
            return "waits"

    async def wait_for_ever(places: Places, stream: str) -> None:
        async with places.waiting(stream):
            await asyncio.Event().wait()

    async def run() -> list[object]:
        loop, places = asyncio.get_running_loop(), Places(max_calls=1)
        assert isinstance(loop, ClockLoop)
        tasks = [asyncio.create_task(wait_for_ever(places, str(number))) for number in range(WAITING)]
        await asyncio.sleep(0)  # they wait
        arrived: asyncio.Future[asyncio.Task[str]] = loop.create_future()

        def begin() -> None:
            arrived.set_result(asyncio.Task(arrive(places), loop=loop, eager_start=True))

        loop.call_at(START_SECONDS + 1, begin)
        loop.now = START_SECONDS + 2
        return await asyncio.gather(await arrived, *tasks, return_exceptions=True)

    with asyncio.Runner(loop_factory=ClockLoop) as runner:
        first, *others = runner.run(run())

    assert first == "waits"
    assert {type(each) for each in others} == {TimeoutError}


async def test_as_many_streams_may_wait_as_there_are_places() -> None:
    places = Places(max_calls=WAITING + 1)
    tasks = [asyncio.create_task(wait_in_vain(places, str(number))) for number in range(WAITING + 1)]
    for _ in range(3):  # each begins to wait in its first step
        await asyncio.sleep(0)
    assert not any(task.done() for task in tasks)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def test_a_stream_that_has_shown_its_token_is_not_sent_away_by_newer_ones() -> None:
    places = Places(max_calls=1)
    async with places.waiting("call"):
        pass
    places.take("call")
    tasks = [asyncio.create_task(wait_in_vain(places, str(number))) for number in range(WAITING)]
    for _ in range(3):
        await asyncio.sleep(0)
    assert (places.calls, any(task.done() for task in tasks)) == (1, False)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


def test_there_are_never_more_calls_than_places(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    places = Places(max_calls=2)
    places.take("a")
    places.take("b")
    with pytest.raises(NoPlaceError, match="2 calls are in progress"):
        places.take("c")
    assert (places.calls, places.full) == (2, True)
    places.free("c")
    places.free("a")
    assert (places.calls, places.full) == (1, False)
    assert caplog.messages == [f"calls in progress: {count}" for count in (1, 2, 1)]


async def open_early(places: Places, stream: str, spares: int = 0) -> bool:
    async with places.waiting(stream):
        return places.may_open_early(stream, spares)


async def test_sessions_that_were_opened_in_vain_count_for_a_minute() -> None:
    clock = Clock()
    places = Places(1, clock)
    for number in range(EARLY_SESSIONS):
        assert await open_early(places, str(number))
    assert not await open_early(places, "one too many")
    for number in range(EARLY_SESSIONS):
        places.free(str(number))
    clock.now += IN_VAIN_SECONDS - 1
    assert not await open_early(places, "still too early")
    clock.now += 1
    assert await open_early(places, "a minute later")


async def test_sessions_of_calls_are_not_in_vain() -> None:
    places = Places(3 * EARLY_SESSIONS, Clock())
    for number in range(3 * EARLY_SESSIONS):
        assert await open_early(places, str(number))
        places.take(str(number))
        places.free(str(number))


@pytest.mark.parametrize(("waiting", "spares", "opens"), [(1, 0, True), (1, 1, False), (2, 1, True), (2, 2, False)])
async def test_a_session_is_opened_early_only_where_no_spare_is_left(waiting: int, spares: int, opens: bool) -> None:
    places = Places(1, Clock())
    others = [asyncio.create_task(wait_in_vain(places, str(number))) for number in range(waiting - 1)]
    await asyncio.sleep(0)  # they begin to wait in their first step
    assert await open_early(places, "last", spares) is opens
    for task in others:
        task.cancel()
    if others:
        await asyncio.wait(others)
