"""What a vendor's speech-to-speech model can do by itself; the core does the rest."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Capabilities:
    truncates: bool
    """Its words can be truncated to the part that was heard, or removed. If not, it is told in words what was heard."""
    interrupts: bool
    """It stops speaking by itself when the caller speaks. If not, it is told to stop."""


FULL = Capabilities(truncates=True, interrupts=True)
