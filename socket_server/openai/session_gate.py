"""What the model says, as the bridge is to take it: decoded, and in order, but nothing before its session is ready.

The greeting is asked for together with the session. Whatever of it is here before the service has repeated the session
waits: it may be in a format that nobody has checked yet, and is neither played nor lost.
"""

import logging

from socket_server.core.errors import ProtocolError
from socket_server.core.events import ModelError, ModelEvent, SessionUpdated
from socket_server.openai import server_events
from socket_server.openai.server_events import AudioDelta

EARLY_BYTES = 1024 * 1024  # a minute and a half of mu-law as base64 text; no service takes so long to repeat a session

log = logging.getLogger(__name__)


class SessionGate:
    """The messages of one call's model."""

    def __init__(self, log_event_types: frozenset[str] = frozenset(), *, early_bytes: int = EARLY_BYTES) -> None:
        self._log_event_types = log_event_types
        self._early: list[bytes] = []
        self._free_bytes = self._early_bytes = early_bytes

    def read(self, text: bytes, *, session_ready: bool) -> AudioDelta | ModelEvent | None:
        """One message, or None where there is nothing to do, or not yet; ProtocolError if it is bad, or too early."""
        message = server_events.decode(text)
        if message is not None and not session_ready and not isinstance(message, SessionUpdated | ModelError):
            self._keep(text)
            return None
        if self._log_event_types and (kind := server_events.kind(text)) in self._log_event_types:
            log.info("model event %s, %d bytes", kind, len(text))
        if isinstance(message, ModelError):
            log.warning("model error: %s", message.code)
        return message

    def take_early(self) -> list[bytes]:
        """What came too early, oldest first, once."""
        early, self._early, self._free_bytes = self._early, [], self._early_bytes
        return early

    def _keep(self, text: bytes) -> None:
        if len(text) > self._free_bytes:
            raise ProtocolError("model", f"more than {self._early_bytes} bytes before `session.updated`")
        self._early.append(text)
        self._free_bytes -= len(text)
