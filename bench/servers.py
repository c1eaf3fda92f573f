"""The servers that are measured: the container, and the relays that it is compared with."""

import sys
from dataclasses import dataclass
from pathlib import Path

from bench.wire import AUTH_TOKEN, STREAM_URL, TOKEN_SECRET

PROJECT = Path(__file__).parent.parent
AGENT = Path(__file__).with_name("agent.toml")


@dataclass(frozen=True, slots=True)
class Server:
    name: str
    module: str
    """Started by `python -m`; reads HOST, PORT and REALTIME_URL."""
    note: str = ""
    environment: str = ""
    """The virtual environment with its packages (`.venv-peers`). "": the one that the bench runs in."""
    transcodes: bool = False
    """It changes the bytes of each frame, so that delays and lost frames cannot be measured."""

    @property
    def python(self) -> Path:
        return PROJECT / self.environment / "bin" / "python" if self.environment else Path(sys.executable)

    @property
    def path(self) -> str:
        """Its PYTHONPATH."""
        return str(PROJECT) if self.environment else ":".join(filter(None, sys.path))


WARMLINE = Server("warmline", "socket_server", note="the full bridge")
GC_LOG = Server("warmline-gc", "bench.gc_log", note="the full bridge, its collections logged")
NAIVE = Server("naive", "bench.relays.naive", note="Starlette, websockets, json; no logic")
BARE = Server("bare", "bench.relays.bare", note="picows, slices; no logic")
PEERS = (
    Server(
        "openai-agents",
        "bench.relays.agents",
        "wired as its own Twilio example: gathers 60 ms of audio by design, which is in its delay",
        ".venv-peers",
    ),
    Server(
        "pipecat",
        "bench.relays.pipeline",
        "its phone pipeline: PCM inside, so no frame is found again, and its delay cannot be told",
        ".venv-peers",
        transcodes=True,
    ),
)


def build_environment(
    server: Server, port: int, model_port: int, cloud_port: int, settings: dict[str, str]
) -> dict[str, str]:
    """The environment variables of a server: the container's settings. A relay reads three of them."""
    return {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": server.path,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "REALTIME_URL": f"ws://127.0.0.1:{model_port}/v1/realtime",
        "STREAM_URL": STREAM_URL,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "STREAM_TOKEN_SECRET": TOKEN_SECRET,
        "OPENAI_API_KEY": "sk-none",
        "TRANSFER_FUNCTION": "transfer",
        "CALLS_TABLE": "calls",
        "AGENT_FILE": str(AGENT),
        "MAX_CALLS": "1000",
        "MAX_LAG_MS": "0",  # off: overload should show in the figures, not in refused calls
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{cloud_port}",
        **settings,
    }
