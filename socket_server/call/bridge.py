"""Two sockets and the core between them, in one step.

Whatever arrives is handed to the core in the read callback itself, and what the core orders is done before the callback
returns. So there is no queue in which an interruption could wait behind audio, and gate, `clear` and ledger change
together. Audio takes the shorter way of `audio_path`. What takes time runs beside it, in the task group of `call`, and
comes back as an event.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from socket_server.call.bad_message_limit import BadMessageLimit
from socket_server.call.media_relay import MediaRelay, Model, Phone
from socket_server.call.timer import DeadlineTimer, now_ms
from socket_server.core.actions import (
    Action,
    ClearAudio,
    CloseModel,
    EndStream,
    ForwardHeldAudio,
    OpenModel,
    PlayAudio,
    RecordTurn,
    RunTool,
    SendMark,
    Transfer,
    TruncateItem,
)
from socket_server.core.agent import Agent
from socket_server.core.conversation import Conversation
from socket_server.core.errors import ProtocolError
from socket_server.core.events import (
    CallAdmitted,
    DeadlinePassed,
    Event,
    KeyPressed,
    ModelError,
    ModelLost,
    ModelOpened,
    PhoneLost,
)
from socket_server.core.measures import Measured
from socket_server.openai import client_events
from socket_server.openai.server_events import AudioDelta
from socket_server.openai.session_gate import SessionGate
from socket_server.twilio import media_stream
from socket_server.twilio.media_stream import MediaBody, MediaStreamWriter, StreamStarted

log = logging.getLogger(__name__)

EARLY_EVENTS = 32  # that come before the core does; then keys are left out, and never how a side was lost

type SlowWork = OpenModel | RunTool | Transfer | RecordTurn
type Measure = Callable[[Event, list[Action], int], None]  # of an event, the actions for it, and when; raises nothing


class Bridge:
    """The listener of both sockets of one call. None of its methods raises or waits."""

    def __init__(
        self,
        phone: Phone,
        agent: Agent,
        start_work: Callable[[SlowWork], None],
        emit: Callable[[Measured], None],
        *,
        log_event_types: frozenset[str] = frozenset(),
        show_timing_math: bool = False,
    ) -> None:
        self.started: asyncio.Future[StreamStarted] = asyncio.get_running_loop().create_future()
        """The stream's `start`; ProtocolError if something else came or the socket was closed."""
        self.ended: asyncio.Future[EndStream] = asyncio.get_running_loop().create_future()
        """Set once: by the core, or with "internal_error" when it failed."""
        self._agent = agent
        self._start_work = start_work
        self._emit = emit
        self._words = SessionGate(log_event_types)
        self._show_timing_math = show_timing_math
        self._conversation: Conversation | None = None
        self._measure: Measure
        self._session_update = b""
        self._spare = False  # the model's socket is, or was, opened before the call, and not replaced since
        self._model_wanted = True  # until it is given up, or the call is over
        self._early: deque[Event] = deque()
        self._audio = MediaRelay(phone, now_ms, watched=bool(log_event_types))
        self.phone_frame, self.model_frame = self._audio.phone_frame, self._audio.model_frame  # the short way
        self._phone_bad_messages = BadMessageLimit("phone")
        self._model_bad_messages = BadMessageLimit("model")
        self._timer = DeadlineTimer(lambda: self.deliver(DeadlinePassed()))

    def quiet_ms(self, now_ms: int) -> int:
        """For how long the caller has not been heard speaking, by the energy of the frames."""
        return self._audio.quiet_ms(now_ms)

    def begin(
        self, conversation: Conversation, measure: Measure, writer: MediaStreamWriter, session_update: bytes
    ) -> None:
        """The stream was admitted: from here on the core decides, and the model may hear."""
        self._emit(Measured("Streams"))
        self._conversation = conversation
        self._measure = measure
        self._session_update = session_update
        self._audio.begin(conversation, writer)
        self._timer.set(None if self.ended.done() else conversation.deadline_ms)
        while self._early:
            self.deliver(self._early.popleft())
        self.deliver(CallAdmitted())
        if self._audio.model is not None:
            self._open_session(self._audio.model)

    def model_opened(self, model: Model, *, spare: bool = False) -> None:
        """The model's socket is the bridge's from here on; it is told nothing before `begin`."""
        self._spare = spare
        if model.over:  # closed in the same read that opened it: `model_lost` came first
            return
        self._audio.model = model
        if not self._model_wanted:
            self._close_model()
        elif self._conversation is not None:
            self._open_session(model)

    def _open_session(self, model: Model) -> None:
        self._emit(Measured("ModelConnects"))
        model.send_text(self._session_update)
        self.deliver(ModelOpened())

    def close(self) -> None:
        """Whatever happened: neither the model's socket nor a timer outlives the call."""
        self._timer.set(None)
        self._audio.stop()
        self._close_model()

    def deliver(self, event: Event) -> None:
        """Let the core decide about an event, and do what it orders; what comes too early waits for `begin`."""
        if self.ended.done():
            return
        if self._conversation is None:
            if len(self._early) < EARLY_EVENTS or not isinstance(event, KeyPressed):
                self._early.append(event)
            return
        try:
            for action in (actions := self._conversation.receive(event, now := now_ms())):
                self._carry_out(action)
            for before, after in self._conversation.take_phase_changes():
                log.debug("%s -> %s on %s", before, after, type(event).__name__)
            self._measure(event, actions, now)
        except Exception:  # a defect of ours must not take other calls along, and this caller must not be left
            self._fail()
        if not self.ended.done():
            self._timer.set(self._conversation.deadline_ms)

    def phone_text(self, text: bytes) -> None:
        try:
            message = media_stream.decode(text)
            if isinstance(message, MediaBody):
                self._audio.from_caller(message)
            elif isinstance(message, StreamStarted):
                if not self.started.done():  # a second one changes nothing
                    self.started.set_result(message)
            elif message is not None:
                self.deliver(message)
        except ProtocolError as error:
            self.phone_bad_message(error.reason)
        except Exception:  # see `deliver`
            self._fail()

    def phone_bad_message(self, reason: str) -> None:
        if not self.started.done():
            self.started.set_exception(ProtocolError("phone", reason))
        elif self._phone_bad_messages.exceeded(reason, now_ms(), good_ms=self._audio.heard_ms):
            self.deliver(PhoneLost())

    def phone_lost(self) -> None:
        """The socket is closed, by whichever side."""
        if not self.started.done():
            self.started.set_exception(ProtocolError("phone", "closed before `start`"))
        self.deliver(PhoneLost())

    def model_text(self, text: bytes) -> None:
        try:
            message = self._words.read(text, session_ready=self._session_ready)
            if isinstance(message, AudioDelta):
                self._audio.from_model(message)
            elif isinstance(message, ModelError) and self._spare and not self._session_ready:
                self._audio.let_go_of_model()
                self.model_lost(f"error {message.name}")
            elif message is not None:
                self.deliver(message)
                for early in self._words.take_early() if self._session_ready else ():
                    if self._session_ready:  # else one of them was its end, and the rest goes with it
                        self.model_text(early)
                self._model_bad_messages.good(now_ms())
        except ProtocolError as error:
            self.model_bad_message(error.reason)
        except Exception:  # see `deliver`
            self._fail()

    @property
    def _session_ready(self) -> bool:
        return self._conversation is not None and self._conversation.session_ready

    def model_bad_message(self, reason: str) -> None:
        if self._model_bad_messages.exceeded(reason, now_ms()):
            self._close_model()
            self.deliver(ModelLost(reason, hopeless=True))

    def model_lost(self, reason: str, *, hopeless: bool = False) -> None:
        """`hopeless`: another one would be lost, or refused, for the same reason."""
        self._audio.model = None
        if self._model_wanted:  # else it was given up while it opened, which has been told
            spare = self._spare and not self._session_ready
            log.log(logging.WARNING if spare else logging.ERROR, "model lost: %s", reason)
            self.deliver(ModelLost(reason, spare, hopeless))

    def _carry_out(self, action: Action) -> None:
        match action:
            case ClearAudio() | PlayAudio() | SendMark():
                self._audio.order(action)
            case ForwardHeldAudio():
                self._audio.send_held()
            case CloseModel(reason):
                if reason:
                    log.error("model given up: %s", reason)
                self._close_model()
            case OpenModel():
                self._spare = False
                self._words.take_early()  # of the one that is lost
                self._audio.let_go_of_model()  # or of no more use
                self._start_work(action)
            case RunTool() | Transfer() | RecordTurn():
                self._start_work(action)
            case EndStream():
                self._end(action)
            case _:
                if isinstance(action, TruncateItem) and self._show_timing_math:
                    log.info(action.math)
                if self._audio.model is not None:
                    self._audio.model.send_text(client_events.order(action, self._agent))

    def _end(self, end: EndStream) -> None:
        self._audio.log_counts()
        self.close()
        self.ended.set_result(end)

    def _fail(self) -> None:
        log.exception("the call failed by a defect of ours")
        if not self.started.done():
            self.started.set_exception(ProtocolError("phone", "defect while waiting for `start`"))
        if not self.ended.done():
            self._end(EndStream("internal_error", 0))

    def _close_model(self) -> None:
        self._model_wanted = False
        self._audio.let_go_of_model()
