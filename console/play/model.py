"""Which model plays: the sandbox's, or one that is reached by its URL, after it was asked whether it takes the key."""

import asyncio
import contextlib
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI

from console.play.options import OPENAI_URL, Options
from sandbox.openai.output_items import Pace
from sandbox.openai.scripted_voice import ScriptedVoice
from sandbox.openai.server import ModelServer

_OPEN_S = 15.0
_SOME_MODEL = "gpt-realtime"  # of OpenAI's, to ask about the key where the agent leaves the model to the default
_FASTER = Pace(times_real_time=4)  # than it is heard: as the service does


class ModelError(Exception):
    """The model cannot be used; one sentence with what to do."""


@contextlib.asynccontextmanager
async def run_model(options: Options, agent: Path) -> AsyncIterator[str]:
    """The URL of the model that was chosen. Raises ModelError if it does not take the agent's model, or the key."""
    if not options.model_url:
        async with ModelServer(ScriptedVoice(), pace=_FASTER) as server:
            yield server.url
        return
    await _check(options, _read_model(agent))
    yield options.model_url


def _read_model(agent: Path) -> str:
    return str(tomllib.loads(agent.read_text()).get("model", _SOME_MODEL))


async def _check(options: Options, model: str) -> None:
    """Open a session and close it again: it costs nothing before something is said."""
    url = options.model_url
    separator = "&" if "?" in url else "?"
    headers = {"Authorization": f"Bearer {options.openai_api_key}"}
    who = "OpenAI" if url == OPENAI_URL else url
    try:
        async with connect(
            f"{url}{separator}model={model}", additional_headers=headers, open_timeout=_OPEN_S, close_timeout=1
        ):
            pass
    except InvalidStatus as error:
        raise ModelError(_describe_status(who, error.response.status_code, model)) from None
    except (InvalidURI, InvalidHandshake, OSError, TimeoutError, asyncio.IncompleteReadError, EOFError) as error:
        why = str(error) or type(error).__name__
        raise ModelError(
            f"The model at {url} cannot be reached: {why}. Check the network, or leave MODEL and OPENAI_API_KEY "
            "out: the sandbox's model needs neither."
        ) from None


def _describe_status(who: str, status: int, model: str) -> str:
    if status in (401, 403):
        return (
            f"{who} refuses the key in OPENAI_API_KEY ({status}): set a valid one, or unset it for the sandbox's model."
        )
    if status == 429:
        return f"{who} takes no more requests with this key (429): see its limits and its credit."
    return f"{who} refuses a session with {model!r} ({status}): check MODEL, and `model` in the agent's file."
