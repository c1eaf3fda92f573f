"""The state of one call, shared by the files of the core that decide about it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import IntEnum, auto
from typing import Literal

from socket_server.core.actions import (
    Action,
    AddMessage,
    CancelReason,
    CancelTransfer,
    EndReason,
    EndStream,
    RecordTurn,
)
from socket_server.core.agent import Agent
from socket_server.core.capabilities import FULL, Capabilities
from socket_server.core.keypad import Keypad
from socket_server.core.opening import Opening, to_message
from socket_server.core.phases import CallPhase, Phase, TransferStage
from socket_server.core.response_requests import ResponseRequests
from socket_server.core.transfer_messages import PendingTransfer, Ringing
from socket_server.core.turn_taking import TurnTaking

MEMORY_TURNS = 200  # an hour of talk; a session that replaces a lost one reads them all


# Whom the caller has left nobody needs to ring. After any other end the call, and the ringing, may go on elsewhere.
CANCELS: dict[EndReason, CancelReason] = {
    "caller_gone": "caller_gone",
    "goodbye": "cancelled_by_caller",
    "goodbye_unsaid": "cancelled_by_caller",
}


class Timer(IntEnum):
    """The timers of a call. If several are due at the same moment, they are handled in this order."""

    KEYS = auto()
    SILENCE = auto()
    RINGING = auto()
    RETRY = auto()
    SESSION = auto()


@dataclass(slots=True)
class ToolRun:
    """A tool that was started and has not answered."""

    name: str
    arguments: str
    of_lost_session: bool = False
    """The session that called it is lost, and the current session does not know the call."""


@dataclass(slots=True)
class CallState:
    """The state of the call now, and the actions that the current event has caused so far."""

    agent: Agent
    opening: Opening
    stream_sid: str
    now_ms: int
    quiet_ms: Callable[[int], int]
    """How long, at a given time, the caller's line has been without speech, by the energy of its frames."""
    capabilities: Capabilities = FULL
    """The capabilities of the model's vendor."""
    began_ms: int = field(init=False)
    progress: CallPhase = field(default_factory=CallPhase)
    timers: dict[Timer, int] = field(default_factory=dict)
    requests: ResponseRequests = field(default_factory=ResponseRequests)
    turn_taking: TurnTaking = field(init=False)

    # the caller
    keypad: Keypad = field(default_factory=Keypad)
    caller_audio: Literal["hold", "forward", "drop"] = "hold"
    caller_heard_ms: int = field(init=False)
    """When the caller last spoke or pressed a key, as far as we know."""
    turn_began_ms: int = field(init=False)
    """Of the caller's newest turn."""
    check_ins: int = 0
    """How often in a row the model has asked whether the caller is there."""

    # the model's session
    model_lives: bool = True
    session_asked: bool = False
    session_ready: bool = False
    """The caller may hear the model: the service has confirmed the session, and the call is not over."""
    ready_at_ms: int = field(init=False)
    """When the current session became ready."""
    second_attempts: int = 1
    """How many more times a lost session is replaced before a person is asked for."""
    greeting_asked: bool = False
    speaks_first: bool = True
    """The session that is being prepared begins with a response. If not, it is the caller's turn."""
    past: tuple[AddMessage, ...] = field(init=False)
    """What happened before this stream."""
    memory: list[AddMessage] = field(default_factory=list)
    """The turns of this stream, oldest first, for a session that replaces a lost one."""
    told_when_ready: list[AddMessage] = field(default_factory=list)
    """What happened before a session existed. Each socket that is asked for a session is told it."""

    # what the model owes
    failures: int = 0
    """Failed responses since the last answer."""
    calls_seen: set[str] = field(default_factory=set)
    """call_ids of the current session's function calls: one that comes again is the same call."""
    tools_running: dict[str, ToolRun] = field(default_factory=dict)
    tool_rounds: int = 0
    """Responses that called tools without words, since the last answer."""

    # leaving: a transfer or a goodbye
    ringing: Ringing | None = field(init=False)
    """People ring while the talk goes on."""
    pending_transfer: PendingTransfer | None = None
    own_transfers: int = 0
    """A transfer that we asked for ourselves, without the model."""
    spoken_over: bool = False
    """The caller spoke while the sentence before a transfer was protected."""
    asked: set[str] = field(default_factory=set)
    """request_id of every requested transfer."""
    refused_transfers: int = 0
    """Transfers that were refused in a row: by us or, because of their destination, by the transfer function."""
    fruitless_transfers: int = 0
    """Transfers that reached nobody, since the caller last said something."""
    goodbye_call: str | None = None
    """call_id of the function call that ends the call; "": our own decision; None: the call is not being ended."""
    goodbye_unsaid: bool = False
    """The caller has heard nothing of the goodbye yet. If the model does not say it, the phone network does."""

    _actions: list[Action] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.began_ms = self.caller_heard_ms = self.turn_began_ms = self.ready_at_ms = self.now_ms
        self.turn_taking = TurnTaking(self.requests, self.now_ms, truncates=self.capabilities.truncates)
        self.past = self.opening.messages
        self.ringing = self.opening.ringing

    def do(self, *actions: Action) -> None:
        self.do_all(actions)

    def do_all(self, actions: Iterable[Action]) -> None:
        """Add these actions. A later session knows what they record."""
        for action in actions:
            self._actions.append(action)
            if isinstance(action, RecordTurn) and (message := to_message(action.speaker, action.heard)):
                self.remember(message)

    def take_actions(self) -> list[Action]:
        actions, self._actions = self._actions, []
        return actions

    def remember(self, message: AddMessage) -> None:
        self.memory.append(message)
        del self.memory[:-MEMORY_TURNS]

    def caller_is_there(self) -> None:
        """The caller has said or pressed something."""
        self.caller_heard_ms = self.now_ms
        self.check_ins = self.fruitless_transfers = 0

    def count_failed_transfer(self, status: str) -> None:
        """The transfer function has answered, or people were rung, and nobody came."""
        if status == "unknown_destination":
            self.refused_transfers += 1
        else:
            self.refused_transfers = 0
            self.fruitless_transfers += 1

    def stop_timer(self, timer: Timer) -> None:
        self.timers.pop(timer, None)

    @property
    def answer_ms(self) -> int:
        """How long the caller waits for words before somebody else is asked."""
        return self.agent.limits.answer_seconds * 1000

    @property
    def filler_ms(self) -> int:
        """How long they wait for any sound."""
        return self.agent.limits.filler_ms

    @property
    def phase(self) -> Phase:
        return self.progress.phase

    @property
    def stage(self) -> TransferStage:
        """Of a transfer, which is beside the phase."""
        return self.progress.stage

    @property
    def ended(self) -> bool:
        return self.phase is Phase.ENDED

    @property
    def opens(self) -> bool:
        """The session is being prepared, and nobody is being put through."""
        return self.phase is Phase.OPENING and self.stage is TransferStage.NONE

    @property
    def talks(self) -> bool:
        """Caller and model talk, and nobody is being put through."""
        return self.phase is Phase.TALKING and self.stage is TransferStage.NONE

    def tell_model(self, message: AddMessage) -> None:
        """Tell the model something. Before its session is ready, keep it also for another session, in case this one is
        lost.
        """
        if not self.session_ready:
            self.told_when_ready.append(message)
        if self.model_lives and (self.session_asked or self.session_ready):
            self.do(message)

    def end(self, reason: EndReason) -> None:
        """End the call here. `after-stream` decides what follows."""
        if self.ended:
            return
        self.progress.enter(Phase.ENDED)
        self.timers.clear()
        self.caller_audio = "drop"
        self.session_ready = False
        if self.ringing is not None and (cancel := CANCELS.get(reason)):
            self.do(CancelTransfer(self.ringing.request_id, cancel))
        self.do_all(self.turn_taking.close(self.now_ms))
        self.do(EndStream(reason, self.now_ms - self.began_ms))
