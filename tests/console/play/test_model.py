"""console.play.model: which model plays, and what its refusal is told as."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve

from console.play.model import ModelError, run_model
from console.play.options import Options
from sandbox.openai.faults import Faults
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer


@pytest.fixture
def agent(tmp_path: Path) -> Path:
    return write_agent(tmp_path, "gpt-realtime-2.1")


@pytest.fixture
def other_agent(tmp_path: Path) -> Path:
    return write_agent(tmp_path, "gpt-9 & more")


def write_agent(folder: Path, model: str) -> Path:
    file = folder / "agent.toml"
    file.write_text(f'model = "{model}"')
    return file


@asynccontextmanager
async def serve_first(message: str | bytes | None) -> AsyncIterator[str]:
    """A server whose first message this is; None: it closes."""

    async def play(connection: ServerConnection) -> None:
        if message is not None:
            await connection.send(message)
            await connection.wait_closed()

    async with serve(play, "127.0.0.1", 0) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/v1/realtime"


async def fail(url: str, agent: Path) -> str:
    """The sentence with which it does not begin."""
    with pytest.raises(ModelError) as caught:
        async with run_model(Options(0, url, "sk-secret"), agent):
            raise AssertionError("it began")
    assert "sk-secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


async def test_the_sandboxes_model_needs_nothing(agent: Path) -> None:
    async with run_model(Options(0, "", "sandbox"), agent) as url:
        assert url.startswith("ws://127.0.0.1:")


async def test_a_server_that_opens_a_session_is_taken(agent: Path) -> None:
    async with ModelServer(Scripted(), api_key="sk-secret") as model:
        async with run_model(Options(0, model.url, "sk-secret"), agent) as url:
            assert url == model.url
        session = await model.wait_for_session()

    assert session.received == []


@pytest.mark.parametrize(
    ("status", "expected"), [(401, "refuses the key"), (429, "no more requests"), (404, "check MODEL"), (503, "503")]
)
async def test_a_refused_handshake_is_told(agent: Path, status: int, expected: str) -> None:
    async with ModelServer(Scripted(), faults=Faults(handshake_status=status)) as model:
        assert expected in await fail(model.url, agent)


async def test_a_model_that_there_is_not_is_told_although_the_handshake_was_accepted(
    other_agent: Path,
) -> None:
    async with ModelServer(Scripted()) as model:
        assert "refuses a session with 'gpt-9 & more' (model_not_found)" in await fail(model.url, other_agent)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ('{"type": "error", "error": {"code": "invalid_api_key"}}', "refuses the key"),
        ('{"type": "error", "error": {"type": "insufficient_quota", "code": null}}', "no more requests"),
        ('{"type": "error"}', "refuses a session"),
        ("<html>", "no JSON"),
        (b"\xff", "no JSON"),
        ("[]", "no JSON"),
        (None, "closed with 1000"),
    ],
)
async def test_what_comes_in_place_of_a_session_is_told(
    agent: Path, message: str | bytes | None, expected: str
) -> None:
    async with serve_first(message) as url:
        assert expected in await fail(url, agent)


async def test_a_server_that_is_not_there_is_told(agent: Path) -> None:
    assert "cannot be reached" in await fail("ws://127.0.0.1:9/v1/realtime", agent)


@pytest.mark.parametrize(
    "url", ["ws://[", "ws://127.0.0.1:x/", "ws://127.0.0.1:99999/", "ws://..", f"ws://{'a' * 70}/"]
)
async def test_an_address_that_is_none_is_told(agent: Path, url: str) -> None:
    assert f"The model at {url} cannot be reached" in await fail(url, agent)
