"""One destination of the directory: whom it rings, when, for how long, and what follows. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from directory_file import Fallback
from hours import Hours
from recipients import Recipient
from targets import Target


@dataclass(frozen=True, slots=True)
class Destination:
    name: str
    description: str
    """For the model; never a number."""
    spoken: str
    """What the caller hears: "I am connecting you to …"."""
    targets: tuple[Target, ...]
    in_turn: bool
    ring_seconds: int
    talk_seconds: int
    hours: Hours | None
    """None: always open."""
    after_talk: Literal["hang_up", "return"]
    nobody: Literal["continue", "message"] | Fallback
    accept: Literal["keypress", "answer"] = "keypress"
    """How a person takes the call: by a key, after a whisper, or by picking up. A queue has no key."""
    whisper: str = ""
    """The words that a person who picks up hears first: who calls, and for whom. Nothing about the caller."""
    mode: Literal["direct", "attended"] = "direct"
    """Whether the call moves at once to where people ring, or the caller talks on with the model meanwhile."""
    notify: tuple[Recipient, ...] = ()
    """Who is told of a missed call or a message."""

    @property
    def dials(self) -> tuple[tuple[Target, ...], ...]:
        """The targets that each `<Dial>` rings; the next one follows if nobody takes the call.

        With a key, one at a time: Twilio stops ringing when somebody picks up, even if that is a voicemail.
        """
        return tuple((each,) for each in self.targets) if self.accept == "keypress" else (self.targets,)

    @property
    def rings_by_rest(self) -> bool:
        """Whether people are rung who can be called. A queue is none."""
        return all(each.kind != "queue" for each in self.targets)

    def open_at(self, moment: datetime) -> bool:
        return self.hours is None or self.hours.open_at(moment)

    def next_opening(self, moment: datetime) -> datetime | None:
        return self.hours.next_opening(moment) if self.hours else None
