"""How late the loop is."""

import asyncio
import time

from socket_server.loop_lag import EVERY_MS, SAMPLES, LoopLag


def test_a_loop_that_was_never_looked_at_is_not_late() -> None:
    assert LoopLag().ms == 0.0


def test_one_pause_is_no_overload() -> None:
    lag = LoopLag()
    for late_ms in (0.1, 0.2, 900.0, 0.1, 0.2):
        lag.observe(late_ms)
    assert lag.ms == 0.2


def test_what_is_over_is_forgotten() -> None:
    lag = LoopLag()
    for late_ms in [900.0] * SAMPLES + [0.0] * SAMPLES:
        lag.observe(late_ms)
    assert lag.ms == 0.0


def test_it_is_that_of_the_last_two_seconds() -> None:
    assert EVERY_MS * SAMPLES == 2000  # as docs/settings.md says


async def test_a_loop_that_somebody_blocks_is_late() -> None:
    lag = LoopLag()
    lag.start()
    while lag.ms < EVERY_MS:
        time.sleep(3 * EVERY_MS / 1000)  # noqa: ASYNC251 - this is what is to be seen: three looks long nothing else runs
        await asyncio.sleep(0)
    lag.stop()
