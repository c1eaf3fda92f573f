"""The state of one call, shared by the files of the core that decide about it: conversation, turns and handover."""

from collections.abc import Iterable
from enum import Enum, IntEnum, auto
from typing import Literal

from socket_server.actions import Action, AddMessage, EndReason, EndStream
from socket_server.agent import Agent
from socket_server.floor import Floor
from socket_server.handover_words import Handover
from socket_server.keypad import Keypad
from socket_server.opening import Opening


class Phase(Enum):
    """Nearly linear; `conversation` draws the picture."""

    OPENING = auto()
    TALKING = auto()
    ESCALATING = auto()
    TRANSFERRING = auto()
    LEAVING = auto()
    ENDED = auto()


class Timer(IntEnum):  # its hash is int's, Enum's is Python: the gate looks for one of them with every mark
    ANSWER = auto()
    HANDOVER = auto()
    KEYS = auto()
    MEDIA = auto()
    SESSION = auto()


class CallState:
    """What is true of the call now, and the actions that the event at hand has led to so far."""

    def __init__(self, agent: Agent, opening: Opening, stream_sid: str, now_ms: int) -> None:
        self.agent = agent
        self.opening = opening
        self.stream_sid = stream_sid
        self.began_ms = now_ms
        self.now_ms = now_ms
        self.phase = Phase.OPENING
        self.timers: dict[Timer, int] = {}
        self.floor = Floor()
        self.keypad = Keypad()
        self.caller_audio: Literal["hold", "forward", "drop"] = "hold"
        self.caller_frames = 0
        self.frames_seen = 0
        self.session_asked = False
        self.session_ready = False
        """The model may be heard: the service has repeated the session, and the call is not over."""
        self.greeting_asked = False
        self.model_lives = True
        self.keys_held: list[AddMessage] = []
        """Typed before the session was ready; told to each socket that is asked for one."""
        self.bytes_when_due = 0
        """How much the model had spoken when the answer fell due."""
        self.failures = 0
        """Responses in a row that came to nothing."""
        self.spoken_over = False
        """The caller spoke while the sentence before a transfer was protected."""
        self.tools_running: set[str] = set()
        self.goodbye_call = ""
        """call_id of the function call that ends the call."""
        self.handover: Handover | None = None
        self.handovers = 0
        self.asked: set[str] = set()
        """request_id of every transfer that was asked for."""
        self._actions: list[Action] = []

    def do(self, *actions: Action) -> None:
        self._actions += actions

    def do_all(self, actions: Iterable[Action]) -> None:
        self._actions += actions

    def take_actions(self) -> list[Action]:
        actions, self._actions = self._actions, []
        return actions

    def set_timer(self, timer: Timer, after_ms: int) -> None:
        self.timers[timer] = self.now_ms + after_ms

    def stop_timer(self, timer: Timer) -> None:
        self.timers.pop(timer, None)

    def end(self, reason: EndReason) -> None:
        """The last thing that happens to a call; what follows is for `after-stream` to decide."""
        if self.phase is Phase.ENDED:
            return
        self.phase = Phase.ENDED
        self.timers.clear()
        self.caller_audio = "drop"
        self.session_ready = False
        self.do_all(self.floor.close(self.now_ms))
        self.do(EndStream(reason, self.now_ms - self.began_ms))
