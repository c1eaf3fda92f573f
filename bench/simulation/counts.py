"""What became of every caller. At any time each caller is counted in exactly one state."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Counts:
    in_progress: int = 0
    """Calls that are in progress when the simulation begins."""
    callers: int = 0
    first_try: int = 0
    second_try: int = 0
    third_try: int = 0
    """After three seconds of silence."""
    refused: int = 0
    """Handshakes answered with 503, or that found no task."""
    moved: int = 0
    """Calls that were cut by the end of a drain and continue in another task."""
    person: int = 0
    """New callers whom no task accepted at any of three tries: a person is rung."""
    person_after_cut: int = 0
    """The same, in the middle of a call."""
    ended: int = 0
    talking: int = 0
    trying: int = 0

    @property
    def complete(self) -> bool:
        """Nobody has been lost, and nobody counted twice."""
        everybody = self.in_progress + self.callers
        return everybody == self.ended + self.person + self.person_after_cut + self.talking + self.trying


@dataclass(slots=True)
class Minute:
    """The state at the end of a minute. `refused` and `person` are sums over the minute."""

    at_s: float
    wanted: int
    """Calls there would be now if nobody had been refused."""
    calls: int
    desired: int
    taking: int
    """Tasks that take calls."""
    starting: int
    draining: int
    refused: int
    person: int


@dataclass(slots=True)
class Result:
    """The result of a run."""

    counts: Counts = field(default_factory=Counts)
    minutes: list[Minute] = field(default_factory=list)
    task_s: float = 0
    """Seconds of all tasks together, from start to stop: about what Fargate charges for."""
    call_s: float = 0
