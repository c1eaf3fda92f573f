"""Keeps what the model says before its session is ready, in order: it is neither played nor lost.

The greeting is requested together with the session. If parts of it arrive before the service has confirmed the session,
they wait: nobody has checked their audio format yet.
"""

from socket_server.core.errors import ProtocolError
from socket_server.core.events import ModelAudio, ModelEvent

EARLY_BYTES = 1024 * 1024  # a minute and a half of mu-law as base64 text; no service takes longer to confirm a session


class EarlyMessages:
    """The early messages of one socket."""

    def __init__(self, early_bytes: int = EARLY_BYTES) -> None:
        self._early: list[ModelAudio | ModelEvent] = []
        self._free_bytes = self._early_bytes = early_bytes

    def keep(self, message: ModelAudio | ModelEvent, size_bytes: int) -> None:
        """One more, of so many bytes on the wire; ProtocolError if that is too much."""
        if size_bytes > self._free_bytes:
            raise ProtocolError("model", f"more than {self._early_bytes} bytes before its session was ready")
        self._early.append(message)
        self._free_bytes -= size_bytes

    def take(self) -> list[ModelAudio | ModelEvent]:
        """What was kept, oldest first, once."""
        early, self._early, self._free_bytes = self._early, [], self._early_bytes
        return early
