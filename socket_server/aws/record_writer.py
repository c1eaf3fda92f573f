"""Writes the rows of all calls of the process, while the calls go on.

No call waits for it, and it blocks no place for a new call. The number of waiting rows and bytes is limited, for each
call too. A row that is not written, whatever the reason, is counted and logged without its words. Each row has its own
time, so the order of writing does not matter, and the rows of one call are written at the same time.
"""

import asyncio
import logging
from collections.abc import Callable
from contextvars import Context, copy_context
from dataclasses import dataclass, field

from socket_server.aws.executor import Executor
from socket_server.aws.logs import log_failure
from socket_server.core.errors import BusyError
from socket_server.core.measures import Measured

TURN_THREADS, END_THREADS = 16, 16  # a drain ends a hundred calls at once, each of which waits a second at most
WAITING_ROWS, WAITING_BYTES = 4000, 8 * 2**20  # a minute of a hundred calls that all talk fast
CALL_ROWS = 200  # one call that records without end gets no more of the queue
CLOSE_SECONDS = 2.0  # of the process's last ones, see `server`

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Rows:
    """The rows of one call that are not written yet."""

    context: Context = field(default_factory=copy_context)  # the call's: its sid is in the lines
    waiting: set[asyncio.Future[None]] = field(default_factory=set)


class RecordWriter:
    """Writes rows for which nobody waits. No method raises."""

    def __init__(self, emit: Callable[[Measured], None]) -> None:
        self._emit = emit
        self._turns = Executor("turns", TURN_THREADS, WAITING_ROWS)
        self._ends = Executor("ends", END_THREADS, WAITING_ROWS)  # they decide what comes next: they wait for no turn
        self._calls: dict[str, _Rows] = {}
        self._bytes = 0

    def turn(self, call_sid: str, size_bytes: int, write: Callable[[], None]) -> None:
        """Accept what was said; `write` writes it later."""
        rows = self._calls.get(call_sid)
        if self._bytes + size_bytes > WAITING_BYTES:
            self._note_lost("turn", BusyError(f"{self._bytes} bytes wait already"))
        elif rows and len(rows.waiting) >= CALL_ROWS:
            self._note_lost("turn", BusyError(f"{len(rows.waiting)} rows of the call wait already"))
        else:
            self._take(call_sid, "turn", size_bytes, self._turns.start(write))

    def end(self, call_sid: str, write: Callable[[], None]) -> None:
        """Accept why a stream ended."""
        self._take(call_sid, "end of stream", 0, self._ends.start(write))

    async def written(self, call_sid: str) -> None:
        """Wait until all accepted rows of this call are written or lost, however long it takes."""
        if rows := self._calls.get(call_sid):
            await asyncio.wait(rows.waiting)

    async def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """The process ends: accept nothing more, write the remaining rows for this long, report what is lost."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._ends.close(seconds))
            tasks.create_task(self._turns.close(seconds))
        for rows in self._calls.values():
            error = TimeoutError(f"the process ends and {len(rows.waiting)} waited")
            rows.context.run(self._note_lost, "rows", error, len(rows.waiting))
        self._calls.clear()

    def _take(self, call_sid: str, what: str, size_bytes: int, row: asyncio.Future[None]) -> None:
        rows = self._calls.setdefault(call_sid, _Rows())
        rows.waiting.add(row)
        self._bytes += size_bytes

        def done(_: object) -> None:
            self._bytes -= size_bytes
            if row.cancelled():  # by the end of the process, which counts it
                return
            rows.waiting.discard(row)
            if not rows.waiting:
                self._calls.pop(call_sid, None)
            if error := row.exception():
                self._note_lost(what, error)

        row.add_done_callback(done)

    def _note_lost(self, what: str, error: BaseException, count: int = 1) -> None:
        log_failure(log, f"{what} not written", error)
        self._emit(Measured("RowsLost", count))
