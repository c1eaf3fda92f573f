"""Joins two sockets and the core, in one step.

Each message is decoded once and given to the core in the read callback itself. The core's actions are carried out
before the callback returns. So there is no queue in which an interruption could wait behind audio, and gate, `clear`
and ledger change together. Audio is not an event: it goes to the media relay. Slow work runs in the task group of
`call`, and its result comes back as an event.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterator

from socket_server.call.bad_message_limit import BadMessageLimit
from socket_server.call.media_relay import LOOK_SECONDS, MediaRelay, Phone
from socket_server.call.model_line import ModelLine
from socket_server.call.periodic import PeriodicTimer
from socket_server.call.timer import DeadlineTimer, now_ms
from socket_server.core import actions, events
from socket_server.core.actions import Action, EndStream
from socket_server.core.conversation import Conversation
from socket_server.core.errors import ProtocolError
from socket_server.core.events import Event
from socket_server.core.measures import Measured
from socket_server.core.model_codec import Model, ModelCodec
from socket_server.twilio import media_stream
from socket_server.twilio.media_stream import MediaBody, MediaStreamWriter, StreamStarted

log = logging.getLogger(__name__)

EARLY_EVENTS = 32  # that come before `begin`. If there are more, keys are dropped, but never the loss of a side

type SlowWork = (
    actions.OpenModel
    | actions.RunTool
    | actions.Transfer
    | actions.WatchAttempt
    | actions.StopWatching
    | actions.Connect
    | actions.CancelTransfer
    | actions.RecordTurn
)
type Measure = Callable[[Event, list[Action], int], None]  # of an event, the actions for it, and when; raises nothing


class Bridge:
    """Joins the two sides of one call. None of its methods raises or waits."""

    def __init__(
        self,
        phone: Phone,
        codec: ModelCodec,
        start_work: Callable[[SlowWork], None],
        emit: Callable[[Measured], None],
        *,
        log_event_types: frozenset[str] = frozenset(),
        show_timing_math: bool = False,
    ) -> None:
        self.started: asyncio.Future[StreamStarted] = asyncio.get_running_loop().create_future()
        """The stream's `start`; ProtocolError if something else came or the socket was closed."""
        self.ended: asyncio.Future[EndStream] = asyncio.get_running_loop().create_future()
        """Set once: by the core, or to "internal_error" if the core failed."""
        self._codec = codec
        self._start_work = start_work
        self._emit = emit
        self._log_event_types = log_event_types
        self._show_timing_math = show_timing_math
        self._conversation: Conversation | None = None
        self._measure: Measure
        self._session = b""
        self._early: deque[Event] = deque()
        self._ordered: Iterator[Action] = iter(())  # what is still to be carried out for the event at hand
        self._relay = MediaRelay(phone, codec.append, now_ms)
        self._looks = PeriodicTimer(self._look, LOOK_SECONDS)
        self.line = ModelLine(codec, self._relay, self, log_event_types)
        """The current line to the model. At first its socket is not open yet."""
        self._phone_bad_messages = BadMessageLimit("phone")
        self._timer = DeadlineTimer(lambda: self.deliver(events.DeadlinePassed()))

    @property
    def session_ready(self) -> bool:
        """The service has confirmed the session of the current line."""
        return self._conversation is not None and self._conversation.session_ready

    def quiet_ms(self, now_ms: int) -> int:
        """How long the caller has not spoken, by the energy of the frames."""
        return self._relay.quiet_ms(now_ms)

    def begin(self, conversation: Conversation, measure: Measure, writer: MediaStreamWriter, session: bytes) -> None:
        """The stream was admitted: from now on the core decides, and the model may hear.

        `session`: what the model is told first.
        """
        self._emit(Measured("Streams"))
        self._conversation = conversation
        self._measure = measure
        self._session = session
        self._relay.begin(conversation, writer)
        if not self.ended.done():
            self._timer.set(conversation.deadline_ms)
            self._looks.start()
        while self._early:
            self.deliver(self._early.popleft())
        self.deliver(events.CallAdmitted())
        self._start_session()

    def model_opened(self, line: ModelLine, socket: Model, *, spare: bool = False) -> None:
        """The line's socket is open. Nothing is sent on it before `begin`."""
        line.open(socket, spare=spare)
        if line is self.line:
            self._start_session()

    def _start_session(self) -> None:
        if self._conversation is not None and self.line.opened:
            self._emit(Measured("ModelConnects"))
            self.line.start(self._session)

    def close(self) -> None:
        """In any case, neither the model's socket nor a timer outlives the call."""
        self._timer.set(None)
        self._looks.stop()
        self.line.close()

    def deliver(self, event: Event) -> None:
        """Let the core decide about an event, and carry out its actions. Early events wait for `begin`."""
        if self.ended.done():
            return
        if self._conversation is None:
            self._keep_early(event)
            return
        try:
            ordered = self._conversation.receive(event, now := now_ms())
            self._ordered = iter(ordered)
            for action in self._ordered:
                self._carry_out(action)
            for before, after in self._conversation.take_phase_changes():
                log.debug("%s -> %s on %s", before, after, type(event).__name__)
            self._measure(event, ordered, now)
        except Exception:  # a defect of ours must not hurt other calls, and this caller must not be left alone
            self.fail()
        if not self.ended.done():
            self._timer.set(self._conversation.deadline_ms)

    def _look(self) -> None:
        try:
            self._relay.look(now_ms())
        except Exception:  # see `deliver`
            self.fail()

    def _keep_early(self, event: Event) -> None:
        """Keep the event for `begin`: the first keys, and one of each other kind."""
        room = len(self._early) < EARLY_EVENTS if isinstance(event, events.KeyPressed) else event not in self._early
        if room:
            self._early.append(event)

    def phone_text(self, text: bytes) -> None:
        try:
            message = media_stream.decode(text)
            if isinstance(message, MediaBody):
                self._relay.from_caller(message)
            elif isinstance(message, events.MarkPlayed):
                # Before the call begins nothing was sent, so no mark can belong to it.
                if self._conversation is not None and self._conversation.mark_played(message.name, now_ms()):
                    self.deliver(message)
            elif isinstance(message, StreamStarted):
                if not self.started.done():  # a second one changes nothing
                    self.started.set_result(message)
            elif message is not None:
                self.deliver(message)
        except ProtocolError as error:
            self.phone_bad_message(error.reason)
        except Exception:  # see `deliver`
            self.fail()

    def phone_bad_message(self, reason: str) -> None:
        if not self.started.done():
            self.started.set_exception(ProtocolError("phone", reason))
        elif self._phone_bad_messages.exceeded(reason, now_ms(), good_ms=self._relay.heard_ms):
            self.deliver(events.PhoneLost())

    def phone_lost(self) -> None:
        """The socket is closed, by either side."""
        if not self.started.done():
            self.started.set_exception(ProtocolError("phone", "closed before `start`"))
        self.deliver(events.PhoneLost())

    def _carry_out(self, action: Action) -> None:
        match action:
            case actions.ClearAudio() | actions.PlayAudio() | actions.SendMark():
                self._relay.carry_out(action)
            case actions.ForwardHeldAudio():
                self._relay.send_held()
            case actions.CloseModel(reason):
                if reason:
                    log.error("model given up: %s", reason)
                self.line.close()
            case actions.OpenModel():
                self.line.close()
                self.line = ModelLine(self._codec, self._relay, self, self._log_event_types)
                self._start_work(action)
            case actions.RunTool() | actions.Transfer() | actions.RecordTurn():
                self._start_work(action)
            case actions.WatchAttempt() | actions.StopWatching() | actions.Connect() | actions.CancelTransfer():
                self._start_work(action)
            case EndStream():
                self._end(action)
            case _:
                if isinstance(action, actions.TruncateItem) and self._show_timing_math:
                    log.info(action.math)
                self.line.send(action)

    def _end(self, end: EndStream) -> None:
        self.ended.set_result(end)  # first of all: whoever waits for it frees the place
        self._relay.log_counts()
        self.close()

    def fail(self) -> None:
        """For a defect of ours, in its `except` block: the call ends, and the safety net takes over the caller."""
        log.exception("the call failed by a defect of ours")
        if not self.started.done():
            self.started.set_exception(ProtocolError("phone", "defect while waiting for `start`"))
        if not self.ended.done():
            self._end(self._record_rest())

    def _record_rest(self) -> EndStream:
        """Record the open turns, as far as the core still knows them: the next session continues from there."""
        end = EndStream("internal_error", 0)
        if self._conversation is None:
            return end
        try:
            lost = events.PhoneLost()
            rest = [*self._ordered, *self._conversation.receive(lost, now := now_ms())]
            for action in rest:
                if isinstance(action, actions.RecordTurn):
                    self._start_work(action)
                elif isinstance(action, EndStream):
                    end = EndStream("internal_error", action.talked_ms)
            self._measure(lost, [end], now)
        except Exception:  # the core may be what has failed; the call ends in any case
            log.exception("what was said last is not recorded, by a defect of ours")
        return end
