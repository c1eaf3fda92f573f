"""Decides whether Twilio's report about a stream is a failure. Pure.

https://www.twilio.com/docs/voice/twiml/stream#statuscallback and https://www.twilio.com/docs/api/errors/31921.
"""

import re

from call_record import CallRecord

CLOSED_BY_US = "31921"
"""The server closed the WebSocket. Twilio calls that an error, even if it was intended."""
UNKNOWN = "unknown"

CODE = re.compile(r"(?<!\d)[1-9]\d{4}(?!\d)")


def parse_error_code(text: str) -> str:
    """Twilio's five digits in `StreamError`, which also has words."""
    found = CODE.search(text)
    return found[0] if found else UNKNOWN


def closed_on_purpose(record: CallRecord | None, stream_sid: str) -> bool:
    """Whether the container recorded a reason before it closed the stream. Without the record: False."""
    streams = record.streams if record else ()
    reasons = {stream.end_reason for stream in streams if stream_sid and stream.stream_sid == stream_sid}
    return bool(reasons - {None, "stream_lost"})
