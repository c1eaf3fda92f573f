"""The media relay: audio from the caller to the model and from the model to the phone, frame by frame.

A frame comes fifty times a second each way, so it is not an event: its audio is not decoded, and the core does not run
for it. The relay asks the core's gate and passes the frame on as the base64 text that it came in. That is safe because
the gate is the core's own state, and is asked in the same step in which the frame is written. All earlier actions are
in effect by then, and the length of the audio is counted in the ledger at once.

If no frame comes, the relay sends silence to the model, through the same gate: see `frame_gaps`. That has no effect in
the other direction: the ledger counts only audio that was sent to the phone.
"""

import logging
from base64 import b64encode
from binascii import a2b_base64
from collections import deque
from collections.abc import Callable
from typing import Protocol

from socket_server.call.frame_gaps import FrameGaps
from socket_server.call.voice_activity import VoiceActivity
from socket_server.core.actions import ClearAudio, PlayAudio, SendMark
from socket_server.core.conversation import Conversation
from socket_server.core.events import ModelAudio
from socket_server.core.model_codec import Model
from socket_server.twilio.media_stream import MediaBody, MediaStreamWriter, count_audio_bytes, read_base64_text

LOOK_SECONDS = 0.1
LOOKED_AT = len(b'"') + 216  # of a payload: 20 ms, a whole frame of Twilio's
EMPTY = len(b'""')
SILENCE = b"\xff" * 8  # a millisecond of it
HELD_BYTES = 30 * 8000 * 4 // 3  # half a minute as base64: longer than any session needs to get ready

log = logging.getLogger(__name__)


class Phone(Protocol):
    """The part of a PhoneSocket that the relay needs."""

    def send_text(self, *texts: bytes) -> None: ...


class MediaRelay:
    """The frames of one call."""

    def __init__(self, phone: Phone, append: Callable[[bytes], bytes], now_ms: Callable[[], int]) -> None:
        """`append` makes the model's message from a payload, see `ModelCodec`."""
        self.model: Model | None = None
        """The socket that gets the caller's audio."""
        self.dropped_frames = 0
        """Frames of the caller that were dropped: the model did not accept them, or was not ready for too long."""
        self.filled_ms = 0
        """Frames of silence that the model got in place of missing ones."""
        self.heard_ms = 0
        """When the last frame came, as `look` noticed it."""
        self.said_ms = 0
        """When the last audio of the model came."""
        self._phone = phone
        self._append = append
        self._now_ms = now_ms
        self._conversation: Conversation | None = None
        self._writer: MediaStreamWriter | None = None
        self._held: deque[bytes] = deque()
        self._free_bytes = HELD_BYTES
        self._catching_up = False
        self._newest: bytes | None = None  # that came since the last look
        self._gaps = FrameGaps(now_ms)
        self._activity = VoiceActivity(now_ms())

    def begin(self, conversation: Conversation, writer: MediaStreamWriter) -> None:
        """From now on the core's gate decides. Until then frames are held, and the caller hears nothing."""
        self._conversation = conversation
        self._writer = writer

    def quiet_ms(self, now_ms: int) -> int:
        """How long the caller has not spoken, by the energy of the frames. Missing frames are quiet."""
        return self._activity.quiet_ms(now_ms)

    def log_counts(self) -> None:
        """Log the counts of the whole call."""
        if self.dropped_frames:
            log.warning("%d frames of the caller were dropped", self.dropped_frames)
        if self.filled_ms:
            log.info("the model was sent %d ms of silence for frames of the caller that did not come", self.filled_ms)

    def from_caller(self, media: MediaBody) -> None:
        """Forward, hold or drop one frame; ProtocolError if it is not a frame."""
        audio = read_base64_text("phone", media.payload)
        conversation, model = self._conversation, self.model
        gate = "hold" if conversation is None else conversation.caller_frame()
        if len(audio) == EMPTY:
            return
        self._newest = audio
        missing_ms = self._gaps.observe(media.timestamp, audio)
        if gate == "forward" and model is not None:
            if not model.stalled:
                self._catching_up = False  # the held frames were sent, as far as we can see here
            elif not self._catching_up:
                self.dropped_frames += 1  # old words would only delay the answer to new ones
                return
            if missing_ms:
                self._fill(model, missing_ms)
            model.send_text(self._append(audio))
        elif gate == "hold":
            self._hold(audio)

    def look(self, now_ms: int) -> None:
        """The work that is not needed for every frame. Call it every `LOOK_SECONDS` after `begin`."""
        audio, self._newest = self._newest, None
        if audio is not None:
            self.heard_ms = now_ms
            if piece := _cut_beginning(audio):
                self._activity.observe(piece, now_ms)
        model = None if audio is not None else self._find_listening_model()
        missing_ms = self._gaps.look(now_ms, came=model is None)
        if model is not None and missing_ms:
            self._fill(model, missing_ms)

    def _find_listening_model(self) -> Model | None:
        conversation, model = self._conversation, self.model
        if conversation is None or model is None or model.stalled or conversation.caller_frame() != "forward":
            return None
        return model

    def _fill(self, model: Model, missing_ms: int) -> None:
        """Send silence in place of frames that did not come."""
        model.send_text(self._append(b'"%b"' % b64encode(SILENCE * missing_ms)))
        self.filled_ms += missing_ms

    def _hold(self, audio: bytes) -> None:
        """Keep the frame for `send_held`. If there are too many, the oldest are dropped."""
        self._held.append(audio)
        self._free_bytes -= len(audio)
        while self._free_bytes < 0:
            self._free_bytes += len(self._held.popleft())
            self.dropped_frames += 1

    def send_held(self) -> None:
        """The session is ready: send everything that the caller said meanwhile, in order."""
        while self._held:
            audio = self._held.popleft()
            if self.model is not None:
                self.model.send_text(self._append(audio))
        self._free_bytes = HELD_BYTES
        self._catching_up = True

    def carry_out(self, action: ClearAudio | PlayAudio | SendMark) -> None:
        """Send the core's actions to the phone. Audio that it must play is in the ledger already."""
        assert self._writer is not None  # begun with it
        if isinstance(action, PlayAudio):
            self._phone.send_text(self._writer.media(b'"%b"' % b64encode(action.audio)))
        elif isinstance(action, SendMark):
            self._phone.send_text(self._writer.mark(action.name))
        else:
            self._phone.send_text(self._writer.clear())

    def from_model(self, said: ModelAudio) -> bool:
        """Pass on one piece of the model's audio, with the mark that the ledger needs; ProtocolError if it is not
        audio.

        Returns whether it was passed on: the core may refuse it, or may not have begun. Refused audio is not counted.
        """
        audio = read_base64_text("model", said.payload)
        conversation, writer = self._conversation, self._writer
        self.said_ms = now_ms = self._now_ms()
        if conversation is None or len(audio) == EMPTY:
            return False
        assert writer is not None  # begun with it
        mark = conversation.model_audio(said.response_id, said.item_id, count_audio_bytes(audio), now_ms)
        if mark is None:
            return False
        if mark:
            self._phone.send_text(writer.media(audio), writer.mark(mark))
        else:
            self._phone.send_text(writer.media(audio))
        return True


def _cut_beginning(audio: bytes) -> bytes:
    """The first 20 ms of the audio in such a text. A wrong character inside is left for the other peer to refuse."""
    try:
        return a2b_base64(audio[:LOOKED_AT])
    except ValueError:
        return b""
