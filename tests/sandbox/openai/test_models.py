"""The model says which models there are, in OpenAI's own form."""

import httpx
import pytest
from openai.types import Model

from sandbox.openai.models import Served
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer


async def ask(model: ModelServer, name: str, key: str = "sk-right") -> httpx.Response:
    origin = model.url.replace("ws://", "http://").removesuffix("/v1/realtime")
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(f"{origin}/v1/models/{name}", headers={"Authorization": f"Bearer {key}"})


@pytest.mark.parametrize("ends", [None, "2027-01-20", False])
async def test_a_model_that_is_served_is_described(ends: Served) -> None:
    async with ModelServer(Scripted(), api_key="sk-right") as model:
        model.models["gpt-realtime-2.1"] = ends

        answer = await ask(model, "gpt-realtime-2.1")

    described = Model.model_validate_json(answer.content)
    assert (answer.status_code, described.id, described.shutdown_date) == (200, "gpt-realtime-2.1", ends or None)
    assert ("shutdown_date" in answer.json()) is (ends is not False)
    assert answer.headers["content-type"] == "application/json"


async def test_a_model_that_is_not_served_is_not_found() -> None:
    async with ModelServer(Scripted(), api_key="sk-right") as model:
        answer = await ask(model, "gpt-9")

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "model_not_found")


async def test_a_wrong_key_learns_nothing() -> None:
    async with ModelServer(Scripted(), api_key="sk-right") as model:
        assert (await ask(model, "gpt-realtime-2.1", "sk-wrong")).status_code == 401
