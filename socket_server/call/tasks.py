"""The tasks of one call: no task outlives the call, and no task that fails ends it."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Self

log = logging.getLogger(__name__)


class CallTasks:
    """A task group whose tasks end with the call."""

    def __init__(self) -> None:
        self._group = asyncio.TaskGroup()
        self._running: set[asyncio.Task[object]] = set()

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._group.__aexit__(kind, error, trace)

    def start[T](self, job: Coroutine[None, None, T]) -> asyncio.Task[T]:
        """Start a task. If it fails, the group and the call end."""
        task = self._group.create_task(job)
        self.end_with_call(task)
        return task

    def start_guarded(self, job: Coroutine[None, None, None], if_it_fails: Callable[[], None]) -> asyncio.Task[None]:
        """Start a task that may fail without ending the call."""
        return self.start(_guard(job, if_it_fails))

    def end_with_call[T](self, task: asyncio.Task[T]) -> None:
        """Cancel also this task, of another owner, when the call ends."""
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def cancel(self) -> None:
        """The call ends: cancel all tasks."""
        for task in self._running:
            task.cancel()


async def _guard(job: Coroutine[None, None, None], if_it_fails: Callable[[], None]) -> None:
    try:
        await job
    except Exception:
        log.exception("a job beside the audio failed by a defect of ours")
        if_it_fails()
