"""What a vendor's speech-to-speech model can do by itself; the core does the rest."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Capabilities:
    truncates: bool
    """What it has said can be cut to what was heard of it, or taken out; else it is told in words what was heard."""
    interrupts: bool
    """It stops speaking by itself when the caller speaks; else it is told to."""


FULL = Capabilities(truncates=True, interrupts=True)
