"""Tasks of the service, and the load balancer in front of them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum


class State(Enum):
    STARTING = "starting"
    TAKING = "taking calls"
    DRAINING = "draining"
    GONE = "gone"


@dataclass(eq=False, slots=True)
class Call:
    rest_s: float
    """What is left to talk."""
    streams: int = 0
    """Handshakes since the caller last talked for a while."""
    refusals: int = 0
    """Of these, the last ones in a row."""
    cut: bool = False
    """It had been in progress before: in a task that has gone, or when the simulation began."""
    turn: int = 0
    """Grows with each stream, so that the end of an earlier one is not taken for that of this one."""
    since_s: float = 0
    task: "Task | None" = None
    node: int = 0


@dataclass(eq=False, slots=True)
class Task:
    revision: int
    max_calls: int
    nodes: int
    ordered_s: float
    state: State = State.STARTING
    calls: list[Call] = field(default_factory=list)
    by_node: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.by_node = [0] * self.nodes

    def admit(self, call: Call, node: int) -> bool:
        """socket_server's doors: whether the handshake was answered with 101 and not with 503."""
        if len(self.calls) >= self.max_calls:
            return False
        self.calls.append(call)
        self.by_node[node] += 1
        call.task, call.node = self, node
        return True

    def leave(self, call: Call) -> None:
        self.calls.remove(call)
        self.by_node[call.node] -= 1
        call.task = None


def least_outstanding(tasks: Sequence[Task], node: int, chance: random.Random) -> Task | None:
    """The target with the fewest streams as far as this node of the balancer knows; None without any target."""
    taking = [each for each in tasks if each.state is State.TAKING]
    if not taking:
        return None
    fewest = min(each.by_node[node] for each in taking)
    return chance.choice([each for each in taking if each.by_node[node] == fewest])
