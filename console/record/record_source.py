"""The calls of a stack, from its table of calls: a `CallSource` for the pages.

It reads with the user's own credentials and changes nothing. A call that runs is read again every second. The table
tells nobody of a change, so there is no other way.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

import call_index
from call_attributes import Attributes, read_record
from call_search import CallSearch, Page
from console.call_source import CallList, CallQuery, SourceError
from console.call_view import CallView
from console.record.aws_sentences import tell_error
from console.record.record_list import AT_ONCE, CALL_SID, RecordList
from console.record.record_view import make_view
from doctor.errors import read_error_code

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

POLL_S = 1.0
"""With the index's delay and the request's time, what happens is shown within two seconds."""
SAME_POLLS = 15
"""After so many without news a list is read again: a call may be over because nothing has followed."""
LATE_ROWS_MS = 15_000
"""How long after its end a call is read again: its last words and costs are written a moment later."""
LISTS_AT_ONCE = 4

CLIENT = Config(
    connect_timeout=3,
    read_timeout=5,
    retries={"total_max_attempts": 3, "mode": "standard"},
    max_pool_connections=AT_ONCE + LISTS_AT_ONCE,
)
"""The settings of the table's client."""


class RecordSource:
    """A `CallSource`. `close` it at the end."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table_name: str,
        name: str,
        *,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """`name`: what the pages show. `now`: seconds since 1970."""
        self.read_units = 0.0
        """All that was read so far."""
        self._search = CallSearch(client, table_name)
        self._table_name = table_name
        self._name = name
        self._now = now
        self._sleep = sleep
        self._lists = ThreadPoolExecutor(LISTS_AT_ONCE, "list")
        self._reads = ThreadPoolExecutor(AT_ONCE, "read")

    @property
    def name(self) -> str:
        return self._name

    async def list_calls(self, query: CallQuery) -> CallList:
        found = await self._run(RecordList(self._search, self._reads, query, self._now_ms).read)
        self.read_units += found.read_units or 0.0
        return found

    async def read_call(self, sid: str) -> CallView | None:
        if not CALL_SID.fullmatch(sid):  # the table has rows of other things
            return None
        page = await self._run(lambda: self._search.read_call(sid))
        self.read_units += page.read_units
        return make_view(sid, read_record(page.rows), self._now_ms)

    async def watch_call(self, sid: str) -> AsyncGenerator[CallView]:
        shown: CallView | None = None
        while (view := await self.read_call(sid)) is not None:
            if view != shown:
                yield view
                shown = view
            if _is_finished(view, self._now_ms):
                return
            await self._sleep(POLL_S)

    async def watch_list(self, query: CallQuery) -> AsyncGenerator[CallList]:
        """A list may take many requests, so between two of them one request looks for what is new today."""
        while True:
            newest = await self._run(self._read_newest)
            yield await self.list_calls(query)
            for _ in range(SAME_POLLS):
                await self._sleep(POLL_S)
                if await self._run(self._read_newest) != newest:
                    break

    def _read_newest(self) -> list[Attributes]:
        """The newest rows of today."""
        today = datetime.fromtimestamp(self._now(), UTC).date()
        page = next(self._search.list_day(today), Page([], 0.0))
        self.read_units += page.read_units
        return page.rows

    def close(self) -> None:
        self._lists.shutdown(cancel_futures=True)
        self._reads.shutdown(cancel_futures=True)

    @property
    def _now_ms(self) -> int:
        return int(self._now() * 1000)

    async def _run[T](self, read: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._lists, read)
        except (BotoCoreError, ClientError) as error:
            raise explain(error, self._table_name) from error


def explain(error: BotoCoreError | ClientError, table_name: str) -> SourceError:
    """One sentence with what to do."""
    if isinstance(error, ClientError):
        code, told = read_error_code(error), str(error.response.get("Error", {}).get("Message", ""))
        if "backfilling" in told:
            return SourceError(
                f"The index {call_index.NAME} of the table {table_name} is being built: try again in some minutes."
            )
        # Its code is ValidationException; that of moto ResourceNotFoundException.
        if call_index.NAME in told and code in ("ValidationException", "ResourceNotFoundException"):
            return SourceError(
                f"The table {table_name} has no index {call_index.NAME}, because its stack is of an older version: "
                "deploy this version, which adds it."
            )
        if code == "ResourceNotFoundException":
            return SourceError(f"There is no table {table_name} in this region: is STACK=… or REGION=… another one?")
    return SourceError(tell_error(error))


def _is_finished(view: CallView, now_ms: int) -> bool:
    if view.summary.outcome == "running":
        return False
    ended_at_ms = view.summary.ended_at_ms
    return ended_at_ms is None or now_ms > ended_at_ms + LATE_ROWS_MS
