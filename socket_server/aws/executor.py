"""Runs blocking calls on threads: boto3 is synchronous, and audio must not wait for it.

A call that has begun is finished, even if its waiter gives up or is cancelled. A call that hangs delays neither other
purposes nor the end of the process. The queue is limited: a call that would wait too long fails at once.
"""

import asyncio
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import Context, copy_context
from queue import SimpleQueue
from typing import Any

from socket_server.core.errors import BusyError

type _Job = tuple[Future[Any], Context, Callable[[], Any]]  # Any: the result of the call


class Executor:
    """The threads for one purpose, so that no purpose delays another. Belongs to one event loop."""

    def __init__(self, purpose: str, threads: int, waiting: int) -> None:
        """`waiting`: how many calls may wait for a thread."""
        self._purpose = purpose
        self._threads = threads
        self._most = threads + waiting
        self._started = 0
        self._open: set[Future[Any]] = set()  # calls that run or wait
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        weakref.finalize(self, self._jobs.put, None)

    def start[T](self, call: Callable[[], T]) -> asyncio.Future[T]:
        """Begin a blocking call. The future fails with BusyError if too many calls wait.

        Cancelling the future cancels the call if it has no thread yet.
        """
        job: Future[T] = Future()
        if len(self._open) >= self._most:
            job.set_exception(BusyError(f"{len(self._open)} calls of `{self._purpose}` are not done"))
        else:
            self._begin(job, call)
        running = asyncio.wrap_future(job)
        running.add_done_callback(_retrieve)
        return running

    async def run[T](self, call: Callable[[], T]) -> T:
        """The result of a blocking call. The call goes on even if nobody waits for it any more."""
        return await asyncio.shield(self.start(call))

    async def close(self, seconds: float) -> None:
        """Begin no more calls, and wait this long for those that have begun. Calls that still wait are cancelled."""
        self._most = 0
        begun = list(self._open)
        if ends := list(map(asyncio.wrap_future, begun)):
            for end in ends:
                end.add_done_callback(_retrieve)
            await asyncio.wait(ends, timeout=seconds)
        for job in begun:
            job.cancel()

    def _begin[T](self, job: Future[T], call: Callable[[], T]) -> None:
        self._open.add(job)
        job.add_done_callback(self._open.discard)
        try:
            if self._started < min(len(self._open), self._threads):
                name = f"{self._purpose}-{self._started}"
                # A daemon: a thread that hangs in a dead connection must not keep the process from ending.
                threading.Thread(target=_work, args=(self._jobs,), name=name, daemon=True).start()
                self._started += 1
        except RuntimeError as error:  # the system has no thread left: a failure like any other
            if not self._started:
                job.set_exception(error)
                return
        self._jobs.put((job, copy_context(), call))  # the context says whose call it is


def _work(jobs: SimpleQueue[_Job | None]) -> None:
    """The work of one thread, until nobody holds the queue any more."""
    while (job := jobs.get()) is not None:
        _run(*job)
        del job  # not kept until the next one comes
    jobs.put(None)  # for the other threads


def _run[T](job: Future[T], context: Context, call: Callable[[], T]) -> None:
    if not job.set_running_or_notify_cancel():
        return
    try:
        job.set_result(context.run(call))
    except BaseException as error:  # the waiter gets it
        job.set_exception(error)
        del job  # the error refers to this frame, so a socket in it would live until the next garbage collection


def _retrieve[T](done: asyncio.Future[T]) -> None:
    """Read the failure, because nobody else may do so. Otherwise asyncio would log it later, without a call_sid."""
    if not done.cancelled():
        done.exception()
