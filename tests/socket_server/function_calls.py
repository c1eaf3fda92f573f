"""The account of the model's function calls: each is answered once, by an output, a tool, a transfer or a goodbye."""

from dataclasses import dataclass, field

from socket_server.core.conversation import Conversation
from socket_server.core.events import ResponseDone
from socket_server.core.phases import Phase, TransferStage


@dataclass(slots=True)
class FunctionCalls:
    taken: set[str] = field(default_factory=set)
    """Those of the responses that ended."""
    running: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    strangers: set[str] = field(default_factory=set)
    """Running, called by a session that is lost."""
    refused: set[str] = field(default_factory=set)
    """Those of the response that ended last, if it was cut: they have to be answered at once."""

    def take(self, done: ResponseDone, *, cut: bool) -> None:
        own = {call.call_id for call in done.calls}
        self.taken |= own
        self.refused = own if cut else set()

    def run(self, call_id: str) -> None:
        assert call_id in self._open
        self.running.add(call_id)

    def answer(self, call_id: str) -> None:
        assert call_id in self._open
        assert call_id not in self.strangers
        self.answered.add(call_id)

    def forget(self) -> None:
        """The session that made them is lost: none of them may be answered any more, what runs is told of."""
        self.answered |= self._open
        self.strangers |= self.running

    def check(self, call: Conversation) -> None:
        """What is still open can only be the one transfer or goodbye that is under way, or waits for tools."""
        assert self.refused <= self.answered
        moves = call.stage is not TransferStage.NONE or call.phase is Phase.LEAVING
        assert len(self._open) <= (moves or bool(self.running))

    @property
    def _open(self) -> set[str]:
        return self.taken - self.running - self.answered - self.strangers
