"""Ctrl-C, and what else asks a program to end: the first one stops everything that was started, in order."""

import asyncio
import signal
from collections.abc import Coroutine

INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def accept_interrupts() -> None:
    """Raise KeyboardInterrupt from now on. A script's background job starts with SIGINT ignored."""
    for number in INTERRUPTS:
        signal.signal(number, signal.default_int_handler)


async def run_until_interrupted[T](work: Coroutine[None, None, T]) -> T:
    """Cancel it at the first interrupt. Whoever presses Ctrl-C again need not: everything is being stopped already."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None, "a coroutine runs in a task"

    def interrupt() -> None:
        for number in INTERRUPTS:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)
        task.cancel()

    for number in INTERRUPTS:
        loop.add_signal_handler(number, interrupt)
    return await work
