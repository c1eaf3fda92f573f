"""The model's front door."""

import asyncio

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from sandbox.openai.faults import Faults
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from sandbox.openai.session import Session
from tests.sandbox.openai.client import open_client

KEY = {"Authorization": "Bearer test-key"}


async def read_status(url: str, headers: dict[str, str]) -> int:
    with pytest.raises(InvalidStatus) as refused:
        await connect(url, additional_headers=headers)
    return refused.value.response.status_code


async def test_a_client_without_a_bearer_token_gets_401() -> None:
    async with ModelServer(Scripted()) as model:
        for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Basic a2V5"}):
            assert await read_status(f"{model.url}?model=gpt-realtime-2.1", headers) == 401
        assert model.sessions == []


async def test_a_wrong_key_gets_401_when_the_server_knows_the_right_one() -> None:
    async with ModelServer(Scripted(), api_key="sk-right") as model:
        assert await read_status(f"{model.url}?model=gpt-realtime-2.1", KEY) == 401


async def test_a_client_must_name_a_model() -> None:
    async with ModelServer(Scripted()) as model:
        assert await read_status(model.url, KEY) == 400


async def test_another_path_is_not_found() -> None:
    async with ModelServer(Scripted()) as model:
        assert await read_status(model.url.replace("realtime", "live") + "?model=gpt-realtime-2.1", KEY) == 404


@pytest.mark.parametrize(
    "target",
    ["/live/sessions", "/realtime/translations?model=a", "/realtime?intent=transcription", "/realtime?call_id=r"],
)
async def test_another_kind_of_session_is_not_simulated(target: str) -> None:
    async with ModelServer(Scripted()) as model:
        with pytest.raises(InvalidStatus) as refused:
            await connect(model.url.removesuffix("/realtime") + target, additional_headers=KEY)

    assert refused.value.response.status_code == 501
    assert refused.value.response.body is not None
    assert refused.value.response.body.startswith(b"not simulated by the sandbox: GET /v1")


@pytest.mark.parametrize(
    ("model_name", "headers", "code"),
    [
        ("gpt-realtime-2.1", {**KEY, "OpenAI-Beta": "realtime=v1"}, "beta_api_shape_disabled"),
        ("gpt-nothing", KEY, "model_not_found"),
    ],
)
async def test_a_refusal_after_the_upgrade_is_an_error_event_and_close_code_4000(
    model_name: str, headers: dict[str, str], code: str
) -> None:
    async with ModelServer(Scripted()) as model:
        async with connect(f"{model.url}?model={model_name}", additional_headers=headers) as socket:
            assert f'"code": "{code}"' in await socket.recv(decode=True)
            with pytest.raises(ConnectionClosed):
                await socket.recv()
            assert (socket.close_code, socket.close_reason) == (4000, f"invalid_request_error.{code}")
        assert model.sessions == []


async def test_the_handshake_can_be_refused_with_any_status() -> None:
    async with ModelServer(Scripted(), faults=Faults(handshake_status=503)) as model:
        assert await read_status(f"{model.url}?model=gpt-realtime-2.1", KEY) == 503


async def test_the_handshake_can_be_held_back() -> None:
    accept = asyncio.Event()
    async with (
        ModelServer(Scripted(), faults=Faults(accept_when=accept)) as model,
        asyncio.TaskGroup() as group,
    ):
        client = connect(f"{model.url}?model=gpt-realtime-2.1", additional_headers=KEY)
        opening = group.create_task(client.__aenter__())
        assert (await model.wait_for_handshake())["Authorization"] == "Bearer test-key"
        assert not opening.done()
        accept.set()
        await (await opening).close()


async def test_sessions_are_handed_out_in_the_order_in_which_they_were_opened() -> None:
    async with ModelServer(Scripted()) as model, open_client(model), open_client(model):
        first, second = await model.wait_for_session(), await model.wait_for_session()
        assert model.sessions == [first, second]


async def test_what_a_brain_raises_is_raised_when_the_server_ends() -> None:
    async def stumble(_: Session) -> None:
        raise LookupError("no such line")

    async def call() -> None:
        async with ModelServer(Scripted(stumble)) as model, open_client(model) as client:
            await client.socket.wait_closed()

    with pytest.raises(ExceptionGroup) as failed:
        await call()
    assert failed.group_contains(LookupError)
