"""Tasks of the service, and the load balancer in front of them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum


class State(Enum):
    STARTING = "starting"
    TAKING = "taking calls"
    DRAINING = "draining"
    STOPPED = "stopped"


@dataclass(eq=False, slots=True)
class Call:
    remaining_s: float
    """The remaining seconds of talk."""
    streams: int = 0
    """Handshakes since the caller last talked for `talk_s`."""
    refusals: int = 0
    """Refusals in a row, up to now."""
    cut: bool = False
    """The call was in progress before: in a task that stopped, or when the simulation began."""
    stream_number: int = 0
    """Grows with each stream, so that the end of an earlier stream does not end this one."""
    since_s: float = 0
    task: "Task | None" = None
    node: int = 0


@dataclass(eq=False, slots=True)
class Task:
    revision: int
    max_calls: int
    nodes: int
    started_s: float
    state: State = State.STARTING
    calls: list[Call] = field(default_factory=list)
    by_node: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.by_node = [0] * self.nodes

    def admit(self, call: Call, node: int) -> bool:
        """Admission control of socket_server: True is HTTP 101, False is HTTP 503."""
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


def pick_least_outstanding(tasks: Sequence[Task], node: int, rng: random.Random) -> Task | None:
    """The task with the fewest streams that this node of the balancer knows of. None: no task takes calls."""
    taking = [each for each in tasks if each.state is State.TAKING]
    if not taking:
        return None
    fewest = min(each.by_node[node] for each in taking)
    return rng.choice([each for each in taking if each.by_node[node] == fewest])
