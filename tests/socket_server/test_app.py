"""The application: a health check, and streams for Twilio only."""

import asyncio
import json
from contextlib import closing

import boto3
import httpx
import pytest

from sandbox.aws.cloud import Cloud
from socket_server.admission_control import AdmissionControl
from socket_server.app import make_app, make_services
from socket_server.core.errors import SettingError
from socket_server.openai.agent import OpenAIAgent, Transcription
from socket_server.openai.session_pool import SessionPool
from socket_server.settings import read_settings
from tests.socket_server.phone import issue_token, sign
from tests.socket_server.test_settings import REQUIRED

AGENT = OpenAIAgent("Be brief.", "Greet.")


async def test_the_health_check_answers_while_the_process_lives() -> None:
    settings = read_settings(REQUIRED | {"AWS_REGION": "us-east-1"})
    services = make_services(settings, AGENT)
    app = make_app(services, AdmissionControl(services, settings), settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        healthy = await client.get("/healthz")
        assert (healthy.status_code, healthy.text) == (200, "ok")
        services.connector.refusal = "HTTP 401"  # type: ignore[misc]  # the pool's own is no property
        assert (await client.get("/healthz")).text == "ok, but the model refuses every call"
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
        (OpenAIAgent("x", "x", model="mine", transcription=Transcription("own")), "wss://a.example/", ["mine", "own"]),
        (OpenAIAgent("x", "x", model="mine"), "wss://a.example/?model=gpt-realtime-2.1-mini", []),
    ],
)
def test_a_model_without_a_price_is_named_once_at_the_start(
    agent: OpenAIAgent, url: str, unknown: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    make_services(read_settings(REQUIRED | {"AWS_REGION": "us-east-1", "REALTIME_URL": url}), agent)
    assert caplog.messages == [
        f"{model} has no price in prices.toml: what it costs is not measured" for model in unknown
    ]


async def test_newer_keys_are_read_from_both_secrets_and_the_model_s_opens_what_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys = {"TWILIO_AUTH_TOKEN": "later", "STREAM_TOKEN_SECRET": "l" * 32}
    with Cloud() as cloud, closing(boto3.session.Session().client("secretsmanager", **cloud.client_settings)) as client:
        for name, value in cloud.environment.items():
            monkeypatch.setenv(name, value)
        for secret_id, secret in (("keys", keys), ("model", {"OPENAI_API_KEY": "sk-later"})):
            await asyncio.to_thread(client.create_secret, Name=secret_id, SecretString=json.dumps(secret))
        places = {"AWS_REGION": "us-east-1", "SECRET_ID": "keys", "OPENAI_SECRET_ID": "model"}
        services = make_services(read_settings(REQUIRED | places), AGENT)
        pool = services.connector
        assert isinstance(pool, SessionPool)
        before = pool.api_key
        services.read_secrets()
        for reader in services.secrets:
            await reader.done()
        await asyncio.to_thread(client.delete_secret, SecretId="keys")  # nothing more is to be learnt from it
        signature = sign(REQUIRED["STREAM_URL"], "later")["x-twilio-signature"]

        assert (before, pool.api_key) == (REQUIRED["OPENAI_API_KEY"], "sk-later")
        assert await services.stream_auth.is_signed(signature)


def test_without_their_settings_no_secret_is_read_again() -> None:
    assert make_services(read_settings(REQUIRED | {"AWS_REGION": "us-east-1"}), AGENT).secrets == ()


async def test_the_environment_may_have_next_keys_too() -> None:
    following = {"TWILIO_AUTH_TOKEN_NEXT": "later", "STREAM_TOKEN_SECRET_NEXT": "l" * 32}
    services = make_services(read_settings(REQUIRED | {"AWS_REGION": "us-east-1"} | following), AGENT)

    for auth_token in ("later", REQUIRED["TWILIO_AUTH_TOKEN"]):
        signature = sign(REQUIRED["STREAM_URL"], auth_token)["x-twilio-signature"]
        assert await services.stream_auth.is_signed(signature)
    for secret in ("l" * 32, REQUIRED["STREAM_TOKEN_SECRET"]):
        assert (await services.stream_auth.verify_token(issue_token("CA1", secret=secret), "CA1")).jti
