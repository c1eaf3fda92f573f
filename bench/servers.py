"""What is measured: the container as it is, and what it is compared with."""

import sys
from dataclasses import dataclass
from importlib.util import find_spec

from bench.wire import AUTH_TOKEN, STREAM_URL, TOKEN_SECRET


@dataclass(frozen=True, slots=True)
class Server:
    name: str
    module: str
    """Started by `python -m`; reads HOST, PORT and REALTIME_URL."""
    needs: str = ""
    """A package without which it cannot run."""
    note: str = ""

    @property
    def there(self) -> bool:
        return not self.needs or find_spec(self.needs) is not None


WARMLINE = Server("warmline", "socket_server", note="the full bridge")
OBVIOUS = Server("obvious", "bench.relays.obvious", note="Starlette, websockets, json; no logic")
BARE = Server("bare", "bench.relays.bare", note="picows, slices; no logic")
PEERS = (
    Server("openai-agents", "bench.relays.agents", "agents", "gathers audio by design"),
    Server("pipecat", "bench.relays.pipeline", "pipecat", "transcodes to PCM and back"),
)


def environment(port: int, model_port: int, cloud_port: int, settings: dict[str, str]) -> dict[str, str]:
    """Of any server: the container's settings, of which a relay reads three."""
    return {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": ":".join(filter(None, sys.path)),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "REALTIME_URL": f"ws://127.0.0.1:{model_port}/v1/realtime",
        "STREAM_URL": STREAM_URL,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "STREAM_TOKEN_SECRET": TOKEN_SECRET,
        "OPENAI_API_KEY": "sk-none",
        "TRANSFER_FUNCTION": "transfer",
        "CALLS_TABLE": "calls",
        "MAX_CALLS": "1000",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{cloud_port}",
        **settings,
    }
