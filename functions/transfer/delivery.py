"""What came of sending a notice."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Delivery:
    status: Literal["sent", "later", "lost", "unclear"]
    """`later`: certainly nothing was sent, and it may work in a minute. `lost`: it was refused.
    `unclear`: there was no clear answer, so perhaps it was sent."""
    detail: str = ""
    """For the log. It has no number: the messages of others may quote one, so they are left out."""
