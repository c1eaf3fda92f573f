"""What the model says before its session is ready: kept in order, and neither played nor lost.

The greeting is asked for together with the session. Whatever of it is here before the service has confirmed the session
waits: it may be in a format that nobody has checked yet.
"""

from socket_server.core.errors import ProtocolError
from socket_server.core.events import ModelAudio, ModelEvent

EARLY_BYTES = 1024 * 1024  # a minute and a half of mu-law as base64 text; no service takes so long to confirm a session


class SessionGate:
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
