"""Two sockets and the core between them, in one step.

Whatever arrives is handed to the core in the read callback itself, and what the core orders is done before the callback
returns. So there is no queue in which an interruption could wait behind audio, and gate, `clear` and ledger change
together. Audio takes a shorter way still: a frame asks the core's gate and is passed on as it is. What takes time runs
beside it, in the task group of `call`, and comes back as an event.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from msgspec import Raw

from socket_server import media_stream, realtime, realtime_orders
from socket_server.actions import (
    Action,
    ClearAudio,
    CloseModel,
    EndStream,
    ForwardHeldAudio,
    RecordTurn,
    RunTool,
    SendMark,
    Transfer,
    TruncateItem,
)
from socket_server.agent import Agent
from socket_server.alarm import Alarm, now_ms
from socket_server.conversation import Conversation
from socket_server.errors import ProtocolError
from socket_server.events import DeadlinePassed, Event, ModelLost, PhoneLost, PhoneStopped
from socket_server.media_stream import PhoneWriter, StreamStarted
from socket_server.model_socket import ModelSocket
from socket_server.phone_socket import PhoneSocket

HELD_FRAMES = 1500  # 30 s of 20 ms frames: longer than any session takes to get ready
GARBAGE_ALLOWED = 10  # a peer that sends more nonsense than this is not worth listening to

type SlowWork = RunTool | Transfer | RecordTurn
type CallLogger = logging.LoggerAdapter[logging.Logger]


class Bridge:
    """The listener of both sockets of one call. None of its methods raises or waits."""

    def __init__(
        self,
        phone: PhoneSocket,
        agent: Agent,
        start_work: Callable[[SlowWork], None],
        log: CallLogger,
        *,
        log_event_types: frozenset[str] = frozenset(),
        show_timing_math: bool = False,
    ) -> None:
        self.started: asyncio.Future[StreamStarted] = asyncio.get_running_loop().create_future()
        """The stream's `start`; ProtocolError if something else came or the socket was closed."""
        self.ended: asyncio.Future[EndStream] = asyncio.get_running_loop().create_future()
        """Set once: by the core, or with "internal_error" when it failed."""
        self._log = log
        self._phone = phone
        self._agent = agent
        self._start_work = start_work
        self._log_event_types = log_event_types
        self._show_timing_math = show_timing_math
        self._conversation: Conversation | None = None
        self._writer: PhoneWriter | None = None
        self._session_update = b""
        self._model: ModelSocket | None = None
        self._model_refused = ""
        self._phone_gone: PhoneStopped | PhoneLost | None = None
        """The end of a stream that came before it was admitted."""
        self._held: deque[Raw] = deque(maxlen=HELD_FRAMES)
        self._dropped_frames = 0
        self._garbage = {"phone": 0, "model": 0}
        self._alarm = Alarm(lambda: self.deliver(DeadlinePassed()))

    def begin(self, conversation: Conversation, writer: PhoneWriter, session_update: bytes) -> None:
        """The stream was admitted: from here on the core decides, and the model may hear."""
        self._conversation = conversation
        self._writer = writer
        self._session_update = session_update
        self._alarm.set(conversation.deadline_ms)
        if self._phone_gone is not None:
            self.deliver(self._phone_gone)
        elif self._model is not None:
            self._model.send_text(session_update)
        elif self._model_refused:
            self.deliver(ModelLost(self._model_refused))

    def model_opened(self, model: ModelSocket) -> None:
        """The model's socket is the bridge's from here on; it is told nothing before `begin`."""
        self._model = model
        if self.ended.done():
            self._close_model()
        elif self._conversation is not None:
            model.send_text(self._session_update)

    def close(self) -> None:
        """Whatever happened: neither the model's socket nor the alarm outlives the call."""
        self._alarm.set(None)
        self._close_model()

    def deliver(self, event: Event) -> None:
        """Let the core decide about an event, and do what it orders."""
        if self._conversation is None:
            if isinstance(event, PhoneStopped | PhoneLost):
                self._phone_gone = self._phone_gone or event
            return
        if self.ended.done():
            return
        try:
            for action in self._conversation.receive(event, now_ms()):
                self._carry_out(action)
        except Exception:  # a defect of ours must not take other calls along, and this caller must not be left
            self._fail()
        self._alarm.set(self._conversation.deadline_ms)

    # --- the phone's socket

    def phone_text(self, text: bytes) -> None:
        try:
            message = media_stream.decode(text)
            if isinstance(message, Raw):
                self._caller_audio(message)
            elif isinstance(message, StreamStarted):
                if not self.started.done():  # a second one changes nothing
                    self.started.set_result(message)
            elif message is not None:
                self.deliver(message)
        except ProtocolError as error:
            self.phone_garbage(error.reason)
        except Exception:  # see `deliver`
            self._fail()

    def phone_garbage(self, reason: str) -> None:
        if not self.started.done():
            self.started.set_exception(ProtocolError("phone", reason))
        elif self._too_much_garbage("phone", reason):
            self.deliver(PhoneLost())

    def phone_lost(self, *, draining: bool) -> None:
        """The socket is closed, by whichever side."""
        if not self.started.done():
            self.started.set_exception(ProtocolError("phone", "closed before `start`"))
        self.deliver(PhoneLost(draining))

    # --- the model's socket

    def model_text(self, text: bytes) -> None:
        if self._conversation is None:
            return
        try:
            if self._log_event_types and (kind := realtime.kind(text)) in self._log_event_types:
                self._log.info("model event %s, %d bytes", kind, len(text))
            message = realtime.decode(text)
            if isinstance(message, realtime.AudioDelta):
                self._model_audio(message)
            elif message is not None:
                self.deliver(message)
        except ProtocolError as error:
            self.model_garbage(error.reason)
        except Exception:  # see `deliver`
            self._fail()

    def model_garbage(self, reason: str) -> None:
        if self._too_much_garbage("model", reason):
            self._log.error("model gave up on: too many bad messages")
            self._close_model()
            self.deliver(ModelLost(reason))

    def model_lost(self, reason: str) -> None:
        self._log.error("model lost: %s", reason)
        self._model = None
        self._model_refused = reason
        self.deliver(ModelLost(reason))

    # --- audio, the short way

    def _caller_audio(self, payload: Raw) -> None:
        conversation = self._conversation
        gate = "hold" if conversation is None else conversation.caller_audio
        if conversation is not None:
            conversation.caller_frame()
        if gate == "forward":
            self._forward(payload)
        elif gate == "hold":
            self._held.append(payload)

    def _forward(self, payload: Raw) -> None:
        model = self._model
        if model is None:
            return
        if media_stream.audio_bytes(payload) <= 0:
            self.phone_garbage("media without a payload of base64 text")
        elif model.stalled:
            self._dropped_frames += 1  # stale words would only delay the answer to the next ones
        else:
            model.send_text(realtime_orders.append(payload))

    def _model_audio(self, audio: realtime.AudioDelta) -> None:
        assert self._conversation is not None  # model_text looked
        assert self._writer is not None  # begun with it
        audio_bytes = media_stream.audio_bytes(audio.delta)
        if audio_bytes <= 0:
            self.model_garbage("an audio delta without base64 text")
            return
        mark = self._conversation.model_audio(audio.response_id, audio.item_id, audio_bytes, now_ms())
        if mark is None:
            return
        self._phone.send_text(self._writer.media(audio.delta))
        if mark:
            self._phone.send_text(self._writer.control(SendMark(mark)))

    # --- what the core orders

    def _carry_out(self, action: Action) -> None:
        match action:
            case ClearAudio() | SendMark():
                assert self._writer is not None  # begun with it
                self._phone.send_text(self._writer.control(action))
            case ForwardHeldAudio():
                while self._held:
                    self._forward(self._held.popleft())
            case CloseModel():
                self._close_model()
            case RunTool() | Transfer() | RecordTurn():
                self._start_work(action)
            case EndStream():
                self._end(action)
            case _:
                if isinstance(action, TruncateItem) and self._show_timing_math:
                    self._show_math(action)
                if self._model is not None:
                    self._model.send_text(realtime_orders.order(action, self._agent))

    def _show_math(self, cut: TruncateItem) -> None:
        by_clock_ms = cut.audio_end_ms - cut.by_marks_ms
        self._log.info(
            "item %s cut: %d ms proved by marks + %d ms by the clock = %d ms heard of %d ms sent",
            *(cut.item_id, cut.by_marks_ms, by_clock_ms, cut.audio_end_ms, cut.sent_ms),
        )

    def _end(self, end: EndStream) -> None:
        if self._dropped_frames:
            self._log.warning("%d frames of the caller were dropped: the model did not take them", self._dropped_frames)
        self.close()
        self.ended.set_result(end)

    def _fail(self) -> None:
        self._log.exception("the call failed by a defect of ours")
        if not self.started.done():
            self.started.set_exception(ProtocolError("phone", "defect while waiting for `start`"))
        if not self.ended.done():
            self._end(EndStream("internal_error", 0))

    def _close_model(self) -> None:
        if self._model is not None:
            self._model.close()
            self._model = None

    def _too_much_garbage(self, peer: str, reason: str) -> bool:
        """Log and drop one bad message; whether it was one too many."""
        self._garbage[peer] += 1
        self._log.warning("bad message of the %s: %s", peer, reason)
        return self._garbage[peer] > GARBAGE_ALLOWED
