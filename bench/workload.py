"""The parameters of the load, and of the stand-in for the model."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Workload:
    port: int
    calls: int
    path: str = "/media-stream"
    warm_s: float = 4.0
    """Calls talk for so long before the measurement begins."""
    seconds: float = 10.0
    connect_every_ms: int = 10
    connect_after_ms: int = 0
    delta_ms: int = 20
    """The model's `deltas_ms`. Only the last frame of a delta shows a delay, because the others were held back."""
    speed: int = 1
    """How many times faster than real time frames are sent."""


@dataclass(frozen=True, slots=True)
class ModelBehavior:
    """How the stand-in for the model behaves."""

    deltas_ms: int = 20
    accept_ms: int = 0
    """Until the handshake is answered."""
    first_audio_ms: int = 0
    """From `response.create` to the first piece of audio."""
    interrupt_every_ms: int = 0
    """How often the caller interrupts; 0: never."""
    transfer_after_ms: int = 0
    """From a call's first frame to the call of `transfer_to_human`; 0: never."""
