"""How late the loop is."""

import asyncio
import time

from socket_server.lag import SAMPLES, TOO_LATE_MS, Lag


def test_a_loop_that_was_never_late_has_room() -> None:
    assert (Lag().ms, Lag().too_long) == (0.0, False)


def test_one_pause_is_no_overload() -> None:
    lag = Lag()
    for late_ms in (0.1, 0.2, 900.0, 0.1, 0.2):
        lag.came(late_ms)
    assert (lag.ms, lag.too_long) == (0.2, False)


def test_a_loop_that_is_always_late_has_no_room() -> None:
    lag = Lag()
    for _ in range(SAMPLES):
        lag.came(TOO_LATE_MS + 1)
    assert lag.too_long


def test_what_is_over_is_forgotten() -> None:
    lag = Lag()
    for late_ms in [900.0] * SAMPLES + [0.0] * SAMPLES:
        lag.came(late_ms)
    assert lag.ms == 0.0


async def test_a_loop_that_somebody_blocks_is_late() -> None:
    lag = Lag()
    lag.start()
    while not lag.too_long:
        time.sleep(0.15)  # noqa: ASYNC251 - this is what is to be seen: three looks long nothing else runs
        await asyncio.sleep(0)
    lag.stop()
