"""The client of the call record. Failures are logged: no call ends because its record fails.

A call waits for the claim of its token and for the reading of its past. These two have a few threads of their own. Rows
that a call writes go to the record writer.
"""

import asyncio
import logging
import time

from botocore.config import Config

from call_record import Attempt, CallRecord, CallTable, EndReason, Leg, Turn
from socket_server.aws.executor import Executor
from socket_server.aws.logs import log_failure
from socket_server.aws.record_writer import CLOSE_SECONDS, END_THREADS, TURN_THREADS, RecordWriter
from socket_server.core.opening import Past, to_message
from socket_server.core.transfer_messages import Ringing
from socket_server.core.usage import Spent

CLAIM_SECONDS = 0.5  # then the signature, the token and this process's memory decide
# Without the record, a caller who comes back must tell everything again. For a new caller, waiting is only silence.
PAST_SECONDS, NO_PAST_SECONDS = 2.0, 0.5
END_SECONDS = 1.0  # how long a closing stream waits for its reason, and what was said, to be written
TOKEN_SECONDS = 300.0  # tokens live for 120

# If the table does not answer, each claim and each read takes a thread for its client's time-outs, which are 6 s. If
# all threads are taken, further requests count as timed out at once.
ASK_THREADS, ASKS_WAITING = 16, 100
# The same for reading what people do who are rung: it is repeated each second, so it takes no thread of the others.
ATTEMPT_THREADS, ATTEMPTS_WAITING = 16, 100
ATTEMPT_SECONDS = 3.0

CLIENT = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"total_max_attempts": 2, "mode": "standard"},
    max_pool_connections=ASK_THREADS + ATTEMPT_THREADS + TURN_THREADS + END_THREADS,
)
"""The settings of the table's DynamoDB client."""

RINGING = ("claimed", "ringing", "accepted")
"""The statuses of an attempt that has not ended, where the caller talks on."""

log = logging.getLogger(__name__)


class CallLog:
    """Writes the record of calls while the audio goes on. No method raises: each has a harmless answer."""

    def __init__(self, table: CallTable, writer: RecordWriter, threads: Executor) -> None:
        """`threads`: for requests for which calls wait."""
        self._table = table
        self._writer = writer
        self._threads = threads
        self._attempts = Executor("attempts", ATTEMPT_THREADS, ATTEMPTS_WAITING)
        self._used: dict[str, float] = {}  # jti -> when; for when the table is slow

    async def claim_stream(self, call_sid: str, jti: str, stream_sid: str) -> bool:
        """Whether this stream is the first to use the token. Within this process a second use is always refused."""
        now = time.monotonic()
        self._used = {known: used for known, used in self._used.items() if used > now - TOKEN_SECONDS}
        if jti in self._used:
            return False
        self._used[jti] = now
        try:
            async with asyncio.timeout(CLAIM_SECONDS):
                return await self._threads.run(lambda: self._table.claim_stream(call_sid, jti, stream_sid))
        except Exception as error:  # a caller is not refused because a database is slow, or for a defect of ours
            log_failure(log, "token not claimed in the table", error)
            return True

    async def read(self, call_sid: str, *, again: bool) -> CallRecord:
        """The record of the call; an empty one if the table does not answer in time. `again`: the call had a stream
        before.
        """
        try:
            async with asyncio.timeout(PAST_SECONDS if again else NO_PAST_SECONDS):
                # Nobody else needs it: if it has no thread when the time is over, it is cancelled.
                return await self._threads.start(lambda: self._table.read(call_sid))
        except Exception as error:  # a caller who is greeted as a stranger is better off than one who is not greeted
            log_failure(log, "record not read", error)
            return CallRecord()

    async def read_attempt(self, call_sid: str, request_id: str) -> tuple[Attempt, tuple[Leg, ...]] | None:
        """An attempt to ring people, and their telephones; None if it is not there, or the table fails or is slow."""
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS):
                attempt, legs = await self._attempts.start(lambda: self._read_attempt(call_sid, request_id))
        except Exception as error:  # the talk goes on
            log_failure(log, "attempt not read", error)
            return None
        return (attempt, legs) if attempt.claimed_at_ms else None

    def _read_attempt(self, call_sid: str, request_id: str) -> tuple[Attempt, tuple[Leg, ...]]:
        """The legs last: whoever has taken the call, as the attempt says, is among them then."""
        attempt = self._table.legs.read_attempt(call_sid, request_id)
        return attempt, self._table.legs.list_of(call_sid, request_id)

    def add_turn(self, call_sid: str, turn: Turn) -> None:
        """Write it later; nobody waits for it."""
        size_bytes = len(turn.said.encode()) + len(turn.heard.encode())
        self._writer.turn(call_sid, size_bytes, lambda: self._table.add_turn(call_sid, turn))

    def end_stream(
        self, call_sid: str, jti: str, reason: EndReason, talked_ms: int, spent: Spent | None = None
    ) -> None:
        """Write later why the stream ends, and what it cost; nobody waits for it."""
        tokens = spent.tokens if spent else None
        micro_usd = round(spent.cost_usd * 1e6) if spent and spent.cost_usd is not None else None

        def write() -> None:
            self._table.end_stream(call_sid, jti, reason, talked_ms, tokens=tokens, cost_micro_usd=micro_usd)

        self._writer.end(call_sid, write)

    async def written(self, call_sid: str) -> None:
        """Wait until the call's rows are written, for a second at most. After that the writing goes on."""
        try:
            async with asyncio.timeout(END_SECONDS):
                await self._writer.written(call_sid)
        except TimeoutError:  # the phone's socket has to be closed all the same
            log.warning("the record is not complete after %s s", END_SECONDS)

    async def close(self) -> None:
        """The process ends: write what is left, for a bounded time."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._writer.close())
            tasks.create_task(self._threads.close(CLOSE_SECONDS))
            tasks.create_task(self._attempts.close(CLOSE_SECONDS))


def read_past(record: CallRecord) -> Past | None:
    """What the model has to know about the earlier part of the call; None for a new call."""
    turns = tuple(message for turn in record.turns if (message := to_message(turn.speaker, turn.heard)))
    if not (turns or record.attempts):
        return None  # an earlier stream of which nothing was heard does not count: they have not been greeted yet
    ringing = _find_ringing(record)
    attempt = _find_attempt_just_over(record)
    if attempt is None:
        return Past(turns, ringing=ringing)
    told = attempt.failure if attempt.failure and attempt.status in ("failed", "busy") else attempt.status
    return Past(turns, told, attempt.destination, attempt.tells > 0, ringing)


def _find_ringing(record: CallRecord) -> Ringing | None:
    """People who are rung since an earlier stream, beside the talk."""
    for attempt in reversed(record.attempts):
        if attempt.mode == "attended" and attempt.status in RINGING and attempt.decision is None:
            return Ringing(attempt.request_id, attempt.destination, answered=True)
    return None


def _find_attempt_just_over(record: CallRecord) -> Attempt | None:
    """The attempt from which the caller comes back. If they talked about it since, it is in the turns."""
    last = max(record.attempts, key=lambda attempt: attempt.settled_at_ms, default=None)
    if last is None or not last.settled_at_ms:
        return None
    # A tool may end, and a key be pressed, while people ring: neither is talk.
    talked_at_ms = (turn.at_ms for turn in record.turns if turn.speaker in ("caller", "model"))
    return None if any(at_ms > last.settled_at_ms for at_ms in talked_at_ms) else last
