"""The cases for the time from handshake to first byte of the greeting, with a slow model."""

from dataclasses import dataclass
from pathlib import Path

from bench.measure import Case
from bench.servers import AGENT, NAIVE, WARMLINE
from bench.workload import ModelBehavior, Workload

SLOW_MODEL = ModelBehavior(accept_ms=400, first_audio_ms=300)
# One call at a time, the first one a second after the start: by then the spare sessions are open.
ONE_CALL_AT_A_TIME = Workload(0, 20, warm_s=3, seconds=1, connect_every_ms=700, connect_after_ms=1000)

NO_SPARE_SESSIONS, TWO_SPARE_SESSIONS = ("SPARE_SESSIONS", "0"), ("SPARE_SESSIONS", "2")


@dataclass(frozen=True, slots=True)
class Variant:
    name: str
    case: Case


def list_variants(folder: Path) -> tuple[Variant, ...]:
    """Writes the agent with a recorded greeting, which two variants need, into `folder`."""
    recorded = ("AGENT_FILE", str(_write_agent_with_recording(folder)))
    return (
        Variant("naive relay", Case(NAIVE, ONE_CALL_AT_A_TIME, SLOW_MODEL)),
        Variant("warmline, no spare sessions", Case(WARMLINE, ONE_CALL_AT_A_TIME, SLOW_MODEL, (NO_SPARE_SESSIONS,))),
        Variant("warmline, two spare sessions", Case(WARMLINE, ONE_CALL_AT_A_TIME, SLOW_MODEL, (TWO_SPARE_SESSIONS,))),
        Variant(
            "warmline, recorded greeting, no spares",
            Case(WARMLINE, ONE_CALL_AT_A_TIME, SLOW_MODEL, (NO_SPARE_SESSIONS, recorded)),
        ),
        Variant(
            "warmline, recorded greeting, two spares",
            Case(WARMLINE, ONE_CALL_AT_A_TIME, SLOW_MODEL, (TWO_SPARE_SESSIONS, recorded)),
        ),
    )


def _write_agent_with_recording(folder: Path) -> Path:
    """The agent of the bench, with a second of tone as its greeting."""
    (folder / "greeting.ulaw").write_bytes(b"\x8f\x0f" * 4000)
    agent = folder / "agent.toml"
    recorded = 'greeting_audio = "greeting.ulaw"\ngreeting_text = "Good day."\n'
    agent.write_text(recorded + AGENT.read_text(encoding="utf-8"), encoding="utf-8")
    return agent
