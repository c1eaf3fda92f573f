"""Blocking calls beside the loop: boto3 is synchronous, audio must not wait for it.

The threads outlive the call they serve, so that a caller who hangs up does not break off the write that says so.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

THREADS = 32


class Threads:
    """Runs blocking calls beside the loop."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="aws")

    async def run[T](self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)
