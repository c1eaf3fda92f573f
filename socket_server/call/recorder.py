"""The record of one stream: its turns, and how it ended. Failures are logged: no call ends because its record fails."""

import logging
import time

from call_record import Turn
from socket_server.aws.call_log import CallLog
from socket_server.call.timer import now_ms
from socket_server.core.actions import EndReason, RecordTurn
from socket_server.core.usage import Spent

log = logging.getLogger(__name__)


class Recorder:
    """It must get the names of call and stream before it records anything."""

    def __init__(self, call_log: CallLog) -> None:
        self.call_sid = ""
        self.jti = ""
        """Of the stream's token; "" until the stream is admitted."""
        self._call_log = call_log
        self._calendar_ms = int(time.time() * 1000) - now_ms()  # zero of the call's clock

    def add(self, turn: RecordTurn) -> None:
        row = Turn(self._calendar_ms + turn.at_ms, turn.speaker, turn.said, turn.heard)
        try:
            self._call_log.add_turn(self.call_sid, row)
        except Exception:
            log.exception("a turn was not taken over by a defect of ours")

    def end(self, reason: EndReason, talked_ms: int, spent: Spent | None = None) -> None:
        """`spent`: None, if it is not known."""
        self._call_log.end_stream(self.call_sid, self.jti, reason, talked_ms, spent)

    async def written(self) -> None:
        """Wait until all recorded rows are in the table, or the time for waiting is over."""
        await self._call_log.written(self.call_sid)
