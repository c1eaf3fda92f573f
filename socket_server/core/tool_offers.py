"""What a call offers to the model: functions that it may call, and people whom the caller can be put through to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

type Json = str | int | float | bool | Sequence[Json] | dict[str, Json] | None


@dataclass(frozen=True, slots=True)
class ToolOffer:
    """A function that the model may call."""

    name: str
    description: str
    parameters: dict[str, Json]
    """JSON Schema of an object."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Somebody whom the caller can be put through to. It comes from the transfer function."""

    name: str
    description: str
    open: bool
    opens_at: str | None = None
    mode: Literal["direct", "attended"] = "direct"
    """`attended`: the talk goes on while people are rung. `direct`: the call moves to where they are rung."""
