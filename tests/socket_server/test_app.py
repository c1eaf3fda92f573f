"""The application: a health check, and doors that open for Twilio only."""

import httpx
import pytest

from socket_server.agent import Agent, Transcription
from socket_server.app import make_app, make_services
from socket_server.doors import Doors
from socket_server.errors import SettingError
from socket_server.settings import read_settings
from tests.socket_server.test_settings import REQUIRED

AGENT = Agent("Be brief.", "Greet.")


async def test_the_health_check_answers_while_the_process_lives() -> None:
    services = make_services(read_settings(REQUIRED | {"AWS_REGION": "us-east-1"}), AGENT)
    app = make_app(services, Doors(services))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/")).status_code == 404
        assert (await client.get("/media-stream")).status_code == 404  # a WebSocket, or nothing


def test_without_a_region_there_are_no_services(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    with pytest.raises(SettingError, match="AWS_REGION is missing"):
        make_services(read_settings(REQUIRED), AGENT)


@pytest.mark.parametrize(
    ("agent", "url", "unknown"),
    [
        (AGENT, "wss://api.openai.com/v1/realtime", []),
        (AGENT, "wss://realtime.example/v1/realtime?model=other", ["other"]),
        (Agent("x", "x", model="mine", transcription=Transcription("own")), "wss://a.example/", ["mine", "own"]),
        (Agent("x", "x", model="mine"), "wss://a.example/?model=gpt-realtime-2.1-mini", []),
    ],
)
def test_a_model_without_a_price_is_named_once_at_the_start(
    agent: Agent, url: str, unknown: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    make_services(read_settings(REQUIRED | {"AWS_REGION": "us-east-1", "REALTIME_URL": url}), agent)
    assert caplog.messages == [
        f"{model} has no price in prices.toml: what it costs is not measured" for model in unknown
    ]
