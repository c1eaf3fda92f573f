"""Tasks that live as long as a block, whose errors leave the block's own errors as they are.

With a task group each error of the block comes out within an `ExceptionGroup`: whoever starts a run and has a sentence
for its errors would not find them.
"""

import asyncio
import logging
from collections.abc import Coroutine
from types import TracebackType
from typing import Self

_log = logging.getLogger(__name__)


class WorkBeside:
    """`async with WorkBeside() as work:`; what was started is cancelled at the end of the block.

    What it raised is raised then, unless the block itself raises.
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures: list[BaseException] = []

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Do `work` beside the block."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._note_end)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        if self._failures and error is None:
            raise self._failures[0]

    def _note_end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            # Said now, too: until the block ends, nobody would know why nothing is new any more.
            _log.error("What runs beside the calls has failed", exc_info=failure)
            self._failures.append(failure)
