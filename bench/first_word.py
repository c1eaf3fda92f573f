"""From the handshake to the first byte of the greeting, with a service that takes its time, in each variant."""

from dataclasses import dataclass

from bench.measure import Round
from bench.plans import Habits, Plan
from bench.servers import OBVIOUS, WARMLINE

SLOW = Habits(accept_ms=400, first_audio_ms=300)
ONE_BY_ONE = Plan(0, 20, warm_s=3, seconds=1, connect_every_ms=700)


@dataclass(frozen=True, slots=True)
class Variant:
    name: str
    round: Round


VARIANTS = (
    Variant("obvious relay", Round(OBVIOUS, ONE_BY_ONE, SLOW)),
    Variant("warmline", Round(WARMLINE, ONE_BY_ONE, SLOW)),
)
