"""Which model plays: the sandbox's, or one that is reached by its URL, after it was asked whether it takes the key."""

import asyncio
import contextlib
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from console.options import OPENAI_URL
from console.play.options import Options
from sandbox.openai.output_items import Pace
from sandbox.openai.scripted_voice import ScriptedVoice
from sandbox.openai.server import ModelServer

_OPEN_S = 15.0
_FIRST_S = 5.0  # until the session is there, or is refused
_SOME_MODEL = "gpt-realtime"  # of OpenAI's, to ask about the key where the agent leaves the model to the default
_FASTER = Pace(times_real_time=4)  # than it is heard: as the service does


class _Error(msgspec.Struct, frozen=True):
    type: str | None = None
    code: str | None = None


class _FirstMessage(msgspec.Struct, frozen=True):
    type: str
    error: _Error = _Error()


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
    who = "OpenAI" if url == OPENAI_URL else url
    address = f"{url}{'&' if '?' in url else '?'}{urlencode({'model': model})}"
    headers = {"Authorization": f"Bearer {options.openai_api_key}"}
    try:
        async with connect(address, additional_headers=headers, open_timeout=_OPEN_S, close_timeout=1) as socket:
            refusal = await _read_refusal(socket)
    except InvalidStatus as error:
        refusal = str(error.response.status_code)
    except (InvalidURI, InvalidHandshake, ValueError, OSError, TimeoutError, EOFError) as error:
        why = str(error) or type(error).__name__
        raise ModelError(
            f"The model at {url} cannot be reached: {why}. Check the network, or leave MODEL and OPENAI_API_KEY "
            "out: the sandbox's model needs neither."
        ) from None
    if refusal:
        raise ModelError(_describe_refusal(who, refusal, model))


async def _read_refusal(socket: ClientConnection) -> str:
    """The code of an error that comes in place of the session, which the service may send after the handshake; empty:
    there is none."""
    try:
        async with asyncio.timeout(_FIRST_S):
            message = msgspec.json.decode(await socket.recv(), type=_FirstMessage)
    except TimeoutError:  # it waits for us: a call will show what it wants
        return ""
    except ConnectionClosed as closed:
        return f"closed with {closed.rcvd.code}" if closed.rcvd else "closed without a word"
    except msgspec.MsgspecError:
        return "its first message is no JSON of the Realtime protocol"
    return (message.error.code or message.error.type or "error") if message.type == "error" else ""


def _describe_refusal(who: str, code: str, model: str) -> str:
    if code in ("401", "403", "invalid_api_key"):
        return (
            f"{who} refuses the key in OPENAI_API_KEY ({code}): set a valid one, or unset it for the sandbox's model."
        )
    if code in ("429", "insufficient_quota", "rate_limit_exceeded", "billing_hard_limit_reached"):
        return f"{who} takes no more requests with this key ({code}): see its limits and its credit."
    return f"{who} refuses a session with {model!r} ({code}): check MODEL, and `model` in the agent's file."
