"""The short way of audio: from the caller to the model and from the model to the phone, frame by frame.

A frame comes fifty times a second each way, so it skips what an event goes through: it is not decoded, makes no event,
and the core does not run for it. It asks the core's gate and is passed on as the base64 text that it came in. That is
safe because the gate is the core's own state, asked in the same step in which the frame is written: whatever was
ordered before holds already, and what passes is counted into the ledger by its length, there and then. A mark that
comes back while the model speaks on is only counted, too.
"""

from base64 import b64encode
from collections import deque
from typing import Protocol

from socket_server import media_stream, realtime_orders
from socket_server.actions import ClearAudio, PlayAudio, SendMark
from socket_server.conversation import Conversation
from socket_server.errors import ProtocolError
from socket_server.media_stream import PhoneWriter
from socket_server.realtime import AudioDelta

HELD_FRAMES = 1500  # 30 s of 20 ms frames: longer than any session takes to get ready


class Phone(Protocol):
    """What is needed of a PhoneSocket."""

    def send_text(self, *texts: bytes) -> None: ...


class Model(Protocol):
    """What a call needs of a ModelSocket."""

    @property
    def stalled(self) -> bool: ...

    @property
    def over(self) -> bool: ...

    def send_text(self, text: bytes) -> None: ...

    def close(self) -> None: ...


class AudioPath:
    """The frames of one call."""

    def __init__(self, phone: Phone) -> None:
        self.dropped_frames = 0
        """Of the caller's: the model did not take them, or was not ready for too long."""
        self._phone = phone
        self._conversation: Conversation | None = None
        self._writer: PhoneWriter | None = None
        self._held: deque[bytes] = deque(maxlen=HELD_FRAMES)
        self._catching_up = False

    def begin(self, conversation: Conversation, writer: PhoneWriter) -> None:
        """From here on the core's gate decides; until then the caller's frames are held and the model has no voice."""
        self._conversation = conversation
        self._writer = writer

    def from_caller(self, payload: bytes, model: Model | None) -> None:
        """Forward, hold or drop one frame; ProtocolError if it is none."""
        audio_bytes = media_stream.audio_bytes(payload)
        if audio_bytes < 0:
            raise ProtocolError("phone", "media without a payload of base64 text")
        conversation = self._conversation
        gate = "hold" if conversation is None else conversation.caller_frame()
        if audio_bytes == 0:
            return
        if gate == "forward":
            if model is not None:
                self._forward(payload, model)
        elif gate == "hold":
            self.dropped_frames += len(self._held) == HELD_FRAMES
            self._held.append(payload)

    def mark_played(self, mark: str, now_ms: int) -> bool:
        """Whether the mark that came back is no event for the core: see `Conversation.mark_played`."""
        return self._conversation is not None and self._conversation.mark_played(mark, now_ms)

    def send_held(self, model: Model | None) -> None:
        """The session is ready: send all that the caller said meanwhile, in order."""
        while self._held:
            payload = self._held.popleft()
            if model is not None:
                model.send_text(realtime_orders.append(payload))
        self._catching_up = True

    def order(self, action: ClearAudio | PlayAudio | SendMark) -> None:
        """Tell the phone what the core orders; what it is to play is in the ledger already."""
        assert self._writer is not None  # begun with it
        if isinstance(action, PlayAudio):
            self._phone.send_text(self._writer.media(b'"%b"' % b64encode(action.audio)))
        else:
            self._phone.send_text(self._writer.control(action))

    def from_model(self, audio: AudioDelta, now_ms: int) -> None:
        """Pass one piece of the model's audio on, with the mark that the ledger wants; ProtocolError if it is none."""
        delta = bytes(audio.delta)
        audio_bytes = media_stream.audio_bytes(delta)
        if audio_bytes < 0:
            raise ProtocolError("model", "an audio delta without base64 text")
        if self._conversation is None or audio_bytes == 0:
            return
        assert self._writer is not None  # begun with it
        mark = self._conversation.model_audio(audio.response_id, audio.item_id, audio_bytes, now_ms)
        if mark is None:
            return
        media = self._writer.media(delta)
        if mark:
            self._phone.send_text(media, self._writer.control(SendMark(mark)))
        else:
            self._phone.send_text(media)

    def _forward(self, payload: bytes, model: Model) -> None:
        if not model.stalled:
            self._catching_up = False  # what was held has left, as far as it can be seen from here
        elif not self._catching_up:
            self.dropped_frames += 1  # stale words would only delay the answer to the next ones
            return
        model.send_text(realtime_orders.append(payload))
