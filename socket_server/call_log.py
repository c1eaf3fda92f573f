"""The client of the call record. What fails here is logged: a record is never worth a call."""

import asyncio
import logging
import time

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from call_record import Attempt, CallRecord, CallTable, EndReason, Turn
from socket_server.actions import AddMessage
from socket_server.opening import Past
from socket_server.threads import THREADS, Threads

CLAIM_SECONDS = 0.5  # then the signature, the token and this process's memory decide
END_SECONDS = 1.0  # how long a closing stream waits for its reason to be written
TOKEN_SECONDS = 300.0  # tokens live for 120

_CONFIG = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"total_max_attempts": 2, "mode": "standard"},
    max_pool_connections=THREADS,
)

log = logging.getLogger(__name__)


class CallLog:
    """The record of calls, written beside the audio. What fails is logged: a record is never worth a call."""

    def __init__(self, table_name: str, threads: Threads) -> None:
        self._table = CallTable(boto3.client("dynamodb", config=_CONFIG), table_name)
        self._threads = threads
        self._used: dict[str, tuple[str, float]] = {}  # jti -> StreamSid, when; for when the table is slow

    async def claim_stream(self, call_sid: str, jti: str, stream_sid: str) -> bool:
        """Whether this stream is the first to use the token."""
        now = time.monotonic()
        self._used = {known: use for known, use in self._used.items() if use[1] > now - TOKEN_SECONDS}
        if self._used.setdefault(jti, (stream_sid, now))[0] != stream_sid:
            return False
        try:
            async with asyncio.timeout(CLAIM_SECONDS):
                return await self._threads.run(lambda: self._table.claim_stream(call_sid, jti, stream_sid))
        except (BotoCoreError, ClientError, TimeoutError) as error:
            log.warning("token not claimed in the table: %s", type(error).__name__, extra={"call_sid": call_sid})
            return True

    async def read(self, call_sid: str) -> CallRecord:
        """What is known of the call; nothing if the table does not answer in time."""
        try:
            async with asyncio.timeout(CLAIM_SECONDS):
                return await self._threads.run(lambda: self._table.read(call_sid))
        except (BotoCoreError, ClientError, TimeoutError) as error:
            log.warning("record not read: %s", type(error).__name__, extra={"call_sid": call_sid})
            return CallRecord(None, (), (), ())

    async def add_turn(self, call_sid: str, turn: Turn) -> None:
        try:
            await self._threads.run(lambda: self._table.add_turn(call_sid, turn))
        except (BotoCoreError, ClientError) as error:
            log.warning("turn not written: %s", type(error).__name__, extra={"call_sid": call_sid})

    async def end_stream(self, call_sid: str, jti: str, reason: EndReason, talked_ms: int) -> None:
        """Write why the stream ends; waits a second at most, the write itself goes on."""
        try:
            async with asyncio.timeout(END_SECONDS):
                await self._threads.run(lambda: self._table.end_stream(call_sid, jti, reason, talked_ms))
        except (BotoCoreError, ClientError, TimeoutError) as error:
            log.warning("end of stream not written: %s", type(error).__name__, extra={"call_sid": call_sid})


def past_of(record: CallRecord) -> Past | None:
    """What the model has to know of what was before this stream; None for a new call."""
    turns = tuple(
        AddMessage("user" if turn.speaker == "caller" else "assistant", turn.heard)
        for turn in record.turns
        if turn.speaker != "note" and turn.heard
    )
    streams = [stream for stream in record.streams if stream.stream_sid]
    if not turns and len(streams) < 2:
        return None
    attempt = _attempt_just_over(record)
    return Past(turns, attempt.status if attempt else "", attempt.destination if attempt else "")


def _attempt_just_over(record: CallRecord) -> Attempt | None:
    """The attempt that the caller comes back from; one that was talked about since is in the turns."""
    last = max(record.attempts, key=lambda attempt: attempt.settled_at_ms, default=None)
    if last is None or not last.settled_at_ms or any(turn.at_ms > last.settled_at_ms for turn in record.turns):
        return None
    return last
