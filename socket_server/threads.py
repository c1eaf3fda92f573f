"""Blocking calls beside the loop: boto3 is synchronous, audio must not wait for it.

What was begun is finished: a waiter that gives up or is cancelled takes nothing back, not even a call that still waits
for a thread. So a caller who hangs up does not break off the write that says so.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

THREADS = 32


class Threads:
    """Threads for one purpose: what fills them keeps nothing else waiting."""

    def __init__(self, purpose: str) -> None:
        self.pool = ThreadPoolExecutor(THREADS, thread_name_prefix=purpose)

    def start[T](self, call: Callable[[], T]) -> asyncio.Future[T]:
        """Begin a blocking call. Whoever cancels the future cancels a call that has no thread yet."""
        loop = asyncio.get_running_loop()
        copied = copy_context()  # whose call it is
        try:
            running = loop.run_in_executor(self.pool, lambda: copied.run(call))
        except RuntimeError as error:  # the system has no thread left: bad luck like any other failure
            running = loop.create_future()
            running.set_exception(error)
        running.add_done_callback(_retrieve)
        return running

    async def run[T](self, call: Callable[[], T]) -> T:
        """The result of a blocking call, which goes on if the caller of this does not wait for it."""
        return await asyncio.shield(self.start(call))


def _retrieve[T](done: asyncio.Future[T]) -> None:
    """Nobody may be left to see the failure; asyncio would complain about that later, without a call_sid."""
    if not done.cancelled():
        done.exception()
