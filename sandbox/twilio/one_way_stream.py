"""`<Start><Stream>`: a media stream that listens to a call, and plays nothing into it.

https://www.twilio.com/docs/voice/media-streams#unidirectional-media-streams: one track or both, and no keys. Inbound is
what the party says, outbound what it hears. A server that sends something breaks the protocol
(https://www.twilio.com/docs/api/errors/31924). Not simulated: the limit of four tracks a call.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sandbox.speech import mulaw
from sandbox.twilio import errors
from sandbox.twilio.errors import StreamError
from sandbox.twilio.line import Line
from sandbox.twilio.media import MediaStream
from sandbox.twilio.media_messages import Track

TRACKS: Final[dict[str, tuple[Track, ...]]] = {
    "inbound_track": ("inbound",),
    "outbound_track": ("outbound",),
    "both_tracks": ("inbound", "outbound"),
}


class OneWayStream(MediaStream):
    """`tracks` has to be set before it runs, from the noun's `track`."""

    @contextmanager
    def attach(self, line: Line) -> Iterator[None]:
        with line.tapping(self._hear):
            yield

    def receive(self, text: str | bytes) -> None:
        raise StreamError(errors.STREAM_PROTOCOL, f"a stream of <Start> takes no message, got {len(text)} characters")

    def _hear(self, spoken: bytes, heard: bytes) -> None:
        if "outbound" in self.tracks:
            self.send(heard, self.ms, "outbound")
        if "inbound" in self.tracks:
            self.speak(spoken)
        else:
            self.ms += mulaw.FRAME_MS
