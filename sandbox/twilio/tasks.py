"""Tasks, and the workers who may take them. `task_router.py` offers the one to the other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

Reservation = Literal["accepted", "rejected", "timeout"]


@dataclass(slots=True)
class Task:
    """What `<Enqueue workflowSid>` has made."""

    sid: str
    workflow_sid: str
    attributes: dict[str, object]
    priority: int
    timeout_s: int
    status: Literal["pending", "reserved", "assigned", "completed", "canceled"] = "pending"
    reservations: list[tuple[str, Reservation]] = field(default_factory=list)
    """Who was offered it, by their contact URI, and what came of it."""


@dataclass(frozen=True, slots=True)
class Worker:
    """`contact_uri` is the key of `Carrier.people` at which they are called."""

    contact_uri: str
    accepts: Callable[[Task], bool] = lambda _: True


@dataclass(frozen=True, slots=True)
class Workflow:
    """Its workers are asked in this order, and called for `ring_s` each."""

    workers: Sequence[Worker] = ()
    ring_s: int = 60
