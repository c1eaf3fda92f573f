"""Lines of Warmline's logs, container and functions: what was wrong in a call, and which session of the model is whose.

Each line is one JSON object with the `call_sid` of its call. Whatever else a process prints is passed over.
"""

import re
from dataclasses import dataclass
from datetime import datetime

import msgspec

_BAD = ("WARNING", "ERROR", "CRITICAL")
_READY = re.compile(r"model event session\.updated, \d+ bytes, ([0-9a-f]+)")

LINKING_TYPE = "session.updated"
"""`LOG_EVENT_TYPES` must have it: the container then logs a digest of that message with the call's CallSid."""


@dataclass(frozen=True, slots=True)
class LogLine:
    level: str
    message: str
    call_sid: str
    at_ms: int | None
    """Since 1970; None: the line does not say."""
    text: str
    """The whole line."""

    @property
    def bad(self) -> bool:
        return self.level in _BAD

    @property
    def session_digest(self) -> str:
        """Of the `session.updated` that this call got; empty: the line tells of none."""
        found = _READY.match(self.message)
        return found[1] if found else ""


class _Entry(msgspec.Struct):
    level: str = ""
    message: object = None
    call_sid: str = ""
    timestamp: str = ""


_decode = msgspec.json.Decoder(_Entry).decode


def read_log_line(text: str) -> LogLine | None:
    """None: it is no log entry, or of no call."""
    try:
        entry = _decode(text)
    except (msgspec.MsgspecError, UnicodeError):
        return None
    if not entry.call_sid:
        return None
    message = entry.message if isinstance(entry.message, str) else text
    return LogLine(entry.level, message, entry.call_sid, _read_time(entry.timestamp), text)


def _read_time(timestamp: str) -> int | None:
    """As Powertools writes it, "2026-11-28 14:48:38,123+0000"."""
    try:
        return int(datetime.strptime(timestamp, "%Y-%m-%d %H:%M:%S,%f%z").timestamp() * 1000)
    except ValueError:
        return None
