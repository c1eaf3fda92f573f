"""The line to the model: one socket, from the request for it to its end.

A call has one line at a time. When a line is lost, another one may follow. Then messages and events of the old line
must be ignored. So each line knows by itself whether it is over.

Each message is decoded once. Audio goes to the relay, everything else to the core. Messages that come before the
session is ready are kept until it is. The beginning of the audio is looked at: some servers send another format than
their session says.
"""

import logging
from hashlib import blake2b
from typing import Protocol

from socket_server.call.audio_check import AudioCheck
from socket_server.call.bad_message_limit import BadMessageLimit
from socket_server.call.early_messages import EarlyMessages
from socket_server.call.media_relay import MediaRelay
from socket_server.call.timer import now_ms
from socket_server.core.actions import ModelAction
from socket_server.core.errors import ProtocolError
from socket_server.core.events import Event, ModelAudio, ModelError, ModelEvent, ModelLost, ModelOpened, SessionReady
from socket_server.core.model_codec import Model, ModelCodec

NOISE = "expected mu-law audio, as its session says, got 16-bit PCM; see REALTIME_URL in docs/settings.md"

log = logging.getLogger(__name__)


class LineOwner(Protocol):
    """The bridge, as a line needs it. No method raises."""

    @property
    def session_ready(self) -> bool: ...

    def deliver(self, event: Event) -> None: ...

    def fail(self) -> None:
        """To be called while an exception is handled: a defect of ours."""


class ModelLine:
    """Listens to its socket. Tells the owner what came, and, once, that it is lost."""

    def __init__(
        self, codec: ModelCodec, relay: MediaRelay, owner: LineOwner, log_event_types: frozenset[str] = frozenset()
    ) -> None:
        self.over = False
        """Lost, or closed by us: nothing more is sent or told."""
        self.spare = False
        """It was opened some time before the call."""
        self._codec = codec
        self._relay = relay
        self._owner = owner
        self._log_event_types = log_event_types
        self._socket: Model | None = None
        self._early_messages = EarlyMessages()
        self._bad_messages = BadMessageLimit("model")
        self._audio_check: AudioCheck | None = AudioCheck()
        self._audio_ms: int | None = None  # when a piece of audio that makes sense had last come

    @property
    def opened(self) -> bool:
        return self._socket is not None and not self.over

    def open(self, socket: Model, *, spare: bool) -> None:
        """The socket is there. A line that was closed meanwhile closes it."""
        self.spare = spare
        if self.over or socket.over:
            socket.close()
            return
        self._socket = self._relay.model = socket

    def start(self, session: bytes) -> None:
        """Ask for the session: from here on the model may hear."""
        assert self._socket is not None  # to be called when it is opened
        self._socket.send_text(session)
        self._owner.deliver(ModelOpened())

    def send(self, action: ModelAction) -> None:
        """Tell the model; a line that is not open tells nobody."""
        if self._socket is not None and not self.over and (text := self._codec.encode(action)):
            self._socket.send_text(text)

    def close(self) -> None:
        """It hears and says nothing more."""
        self.over = True
        if self._socket is not None:
            self._socket.close()
            if self._relay.model is self._socket:
                self._relay.model = None

    def lose(self, reason: str, *, hopeless: bool = False, noise: bool = False) -> None:
        """It is lost, or could not be opened; `hopeless`: another one would be, for the same reason; `noise`: what it
        sent as audio is none.
        """
        if self.over:
            return
        spare = self.spare and not self._owner.session_ready
        self.close()
        log.log(logging.WARNING if spare else logging.ERROR, "model lost: %s", reason)
        self._owner.deliver(ModelLost(reason, spare, hopeless, noise))

    def model_text(self, text: bytes) -> None:
        if self.over:
            return
        try:
            message = self._codec.decode(text)
            if self._log_event_types:
                self._log(text)
            if isinstance(message, ModelAudio):
                if self._audio_check is not None and self._is_noise(message, self._audio_check):
                    self.lose(NOISE, hopeless=True, noise=True)
                elif not self._relay.from_model(message) and not self._owner.session_ready:
                    self._early_messages.keep(message, len(text))
                self._audio_ms = self._relay.said_ms
            elif message is not None:
                self._event(message, len(text))
                self._bad_messages.note_good(now_ms())
        except ProtocolError as error:
            self.model_bad_message(error.reason)
        except Exception:
            self._owner.fail()

    def model_bad_message(self, reason: str) -> None:
        if self._bad_messages.exceeded(reason, now_ms(), good_ms=self._audio_ms):
            self.lose(reason, hopeless=True)

    def model_lost(self, reason: str) -> None:
        self.lose(reason)

    def _is_noise(self, said: ModelAudio, check: AudioCheck) -> bool:
        """Look at the beginning of what the session says, and then no more."""
        noise = check.observe(bytes(said.payload))
        if check.over:
            self._audio_check = None
        return noise

    def _event(self, event: ModelEvent, size_bytes: int) -> None:
        ready = self._owner.session_ready
        if isinstance(event, ModelError):
            log.warning("model error: %s", event.name)
            if self.spare and not ready:
                self.lose(f"error {event.name}")
                return
        elif not ready and not isinstance(event, SessionReady):
            self._early_messages.keep(event, size_bytes)
            return
        self._owner.deliver(event)
        if not ready:
            self._take_early()

    def _take_early(self) -> None:
        """The session has become ready, if it has: what came before follows in order."""
        for early in self._early_messages.take() if self._owner.session_ready else ():
            if self.over:  # one of them was its end, and the rest goes with it
                return
            if isinstance(early, ModelAudio):
                self._relay.from_model(early)
            else:
                self._owner.deliver(early)

    def _log(self, text: bytes) -> None:
        """For `LOG_EVENT_TYPES`, which is for looking into something: only then each message is read twice."""
        kind = self._codec.kind(text)
        if kind in self._log_event_types:
            # By the digest one finds the message in what somebody else noted of the same connection.
            log.info("model event %s, %d bytes, %s", kind, len(text), blake2b(text, digest_size=8).hexdigest())
