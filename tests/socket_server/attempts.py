"""The account of attempts to ring people beside the talk: one at a time, and nobody is moved to a person too early."""

from dataclasses import dataclass, field

from socket_server.core.actions import (
    Action,
    CancelTransfer,
    Connect,
    CreateResponse,
    StopWatching,
    Transfer,
    WatchAttempt,
)
from socket_server.core.attempt_events import AttemptChanged
from socket_server.core.events import Event, KeyPressed, TransferFinished

TAKEN = "The call has been taken by "


@dataclass(slots=True)
class Attempts:
    rings: str | None = None
    """request_id of the attempt; None: nobody is rung beside the talk."""
    answered: bool = False
    """The function has said that people ring."""
    taken: bool = False
    """A person waits for the caller."""
    announced: bool = False
    """The model was asked to say who it is, or nobody is there who could."""
    watched: bool = False
    cancelled: set[str] = field(default_factory=set)
    direct: set[str] = field(default_factory=set)
    """Asked for with a move of the call, and not answered."""

    def happens(self, event: Event) -> None:
        match event:
            case TransferFinished(request_id, "ringing" | "in_progress") if request_id == self.rings:
                self.answered = True
            case TransferFinished(request_id, "ringing") if request_id in self.direct and self.rings is None:
                self.rings, self.answered = request_id, True
            case TransferFinished(request_id, status) if request_id == self.rings and status != "moved":
                if not self.answered or self.taken:
                    self.over()
            case AttemptChanged(request_id, state) if request_id == self.rings and not self.taken:
                self.taken = state == "accepted"
                if state in ("nobody", "failed", "answered_through"):
                    self.over()
            case KeyPressed():
                self.announced = True  # 0 is the short way
        if isinstance(event, TransferFinished) and event.status != "in_progress":
            self.direct.discard(event.request_id)

    def order(self, action: Action, *, unsaid: bool) -> None:
        """`unsaid`: the model cannot say who it is, or had its time to."""
        match action:
            case Transfer(request_id, attended=True):
                assert self.rings is None, "two attempts at a time"
                self.rings = request_id
            case Transfer(request_id):
                assert self.rings is None, "moved to ringing telephones while others ring"
                self.direct.add(request_id)
            case CreateResponse(instructions):
                self.announced |= self.taken and bool(instructions) and str(instructions).startswith(TAKEN)
            case Connect(request_id):
                assert (request_id, self.taken) == (self.rings, True), "moved to a person who has not taken the call"
                assert self.announced or unsaid, "moved before it was said to whom"
            case CancelTransfer(request_id):
                assert request_id not in self.cancelled, "cancelled twice"
                self.cancelled.add(request_id)
                self.over()
            case WatchAttempt(request_id):
                assert request_id == self.rings
                self.watched = True
            case StopWatching():
                assert self.watched, "stopped to watch what was not watched"
                self.watched = False

    def over(self) -> None:
        self.rings, self.answered, self.taken, self.announced = None, False, False, False
