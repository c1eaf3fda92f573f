"""From the handshake to the first byte of the greeting, with a service that takes its time, in each variant."""

from dataclasses import dataclass
from pathlib import Path

from bench.measure import Round
from bench.servers import AGENT, NAIVE, WARMLINE
from bench.workload import Habits, Plan

SLOW = Habits(accept_ms=400, first_audio_ms=300)
# Callers come one by one, the first a second after the start: spares are opened when the process is.
ONE_BY_ONE = Plan(0, 20, warm_s=3, seconds=1, connect_every_ms=700, connect_after_ms=1000)

NO_SPARES, SPARES = ("SPARE_SESSIONS", "0"), ("SPARE_SESSIONS", "2")


@dataclass(frozen=True, slots=True)
class Variant:
    name: str
    round: Round


def variants(folder: Path) -> tuple[Variant, ...]:
    """`folder` gets the agent with a recorded greeting that two of them need."""
    recorded = ("AGENT_FILE", str(_agent_with_recording(folder)))
    return (
        Variant("naive relay", Round(NAIVE, ONE_BY_ONE, SLOW)),
        Variant("warmline, no spare sessions", Round(WARMLINE, ONE_BY_ONE, SLOW, (NO_SPARES,))),
        Variant("warmline, two spare sessions", Round(WARMLINE, ONE_BY_ONE, SLOW, (SPARES,))),
        Variant("warmline, recorded greeting, no spares", Round(WARMLINE, ONE_BY_ONE, SLOW, (NO_SPARES, recorded))),
        Variant("warmline, recorded greeting, two spares", Round(WARMLINE, ONE_BY_ONE, SLOW, (SPARES, recorded))),
    )


def _agent_with_recording(folder: Path) -> Path:
    """A second of tone, before the model says anything."""
    (folder / "greeting.ulaw").write_bytes(b"\x8f\x0f" * 4000)
    agent = folder / "agent.toml"
    recorded = 'greeting_audio = "greeting.ulaw"\ngreeting_text = "Good day."\n'
    agent.write_text(recorded + AGENT.read_text(encoding="utf-8"), encoding="utf-8")
    return agent
