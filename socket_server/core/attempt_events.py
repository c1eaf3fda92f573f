"""What happens while people ring for a caller who goes on talking with the model."""

from dataclasses import dataclass
from typing import Literal

AttemptState = Literal["ringing", "listening", "passed", "accepted", "answered_through", "nobody", "failed"]


@dataclass(frozen=True, slots=True)
class AttemptChanged:
    """What happens while people ring and the talk goes on. The last four states end the ringing."""

    request_id: str
    state: AttemptState
    person: str = ""
    """Who it is about; "": unknown."""
    note: str = ""
    """What that person said, or why nobody came."""
    people: int = 0
    """How many are rung, with `ringing`; 0: unknown."""
