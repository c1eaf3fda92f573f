"""What a round asks of the load and of the stand-in of the model."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Workload:
    port: int
    calls: int
    path: str = "/media-stream"
    warm_s: float = 4.0
    """Calls are connected and talk, and nothing is counted."""
    seconds: float = 10.0
    connect_every_ms: int = 10
    connect_after_ms: int = 0
    delta_ms: int = 20
    """How much the model gathers on purpose: only the last frame of it tells of a delay."""
    speed: int = 1
    """How many times faster than real callers these speak: a long call in a short time."""


@dataclass(frozen=True, slots=True)
class ModelBehavior:
    """How this model behaves."""

    deltas_ms: int = 20
    accept_ms: int = 0
    """Until the handshake is answered."""
    first_audio_ms: int = 0
    """From `response.create` to the first piece of audio."""
    interrupt_every_ms: int = 0
    """How often it finds that the caller speaks; 0: never."""
    transfer_after_ms: int = 0
    """When it calls `transfer_to_human`, counted from a call's first frame; 0: never."""
