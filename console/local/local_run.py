"""A Warmline of this machine whose calls can be watched: the sandbox's environment, with a relay before its model."""

import contextlib
import dataclasses
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from console.local.local_source import LocalSource
from console.local.log_lines import LINKING_TYPE
from console.local.model_prices import FREE, ModelPrices, read_prices
from console.local.model_wire import ModelWire
from console.local.people import read_people
from sandbox.environment import Environment, run_environment
from sandbox.installation import InstallationOptions
from sandbox.twilio.audio_sources import render_mock_speech

_DIRECTORY = Path(__file__).parents[2] / "functions" / "transfer" / "directory.toml"
_LISTED = ".openai.com"  # what prices.toml is about; a server of one's own asks for nothing that we know


@dataclass(frozen=True, slots=True)
class LocalRun:
    """What there is to call, to break, and to watch."""

    environment: Environment
    wire: ModelWire
    source: LocalSource


@contextlib.asynccontextmanager
async def run_local(
    options: InstallationOptions,
    *,
    names: Mapping[str, str] | None = None,
    is_sandbox_model: bool = False,
    pace: float = 1.0,
    say: Callable[[str], bytes] = render_mock_speech,
) -> AsyncIterator[LocalRun]:
    """Started, and stopped at the end. `options.realtime_url` is the model's own; `pace` and `say` are the carrier's.
    `names`: people by the address that is rung for them, which may change; None: those of the directory.
    `is_sandbox_model`: the model is the sandbox's own, which asks for no money.

    Raises `ModelWireError` for a URL that is none.
    """
    directory = _DIRECTORY.read_text() if options.directory is None else options.directory
    async with ModelWire(options.realtime_url).run() as wire:
        watched = dataclasses.replace(options, realtime_url=wire.url, settings=make_watched(options.settings))
        async with run_environment(watched, pace=pace, say=say) as environment:
            source = LocalSource(
                environment.carrier,
                environment.installation,
                wire,
                names=read_people(directory).names if names is None else names,
                prices=FREE if is_sandbox_model else _find_prices(options.realtime_url),
            )
            async with source.run():
                yield LocalRun(environment, wire, source)


def _find_prices(realtime_url: str) -> ModelPrices | None:
    host = urlsplit(realtime_url).hostname or ""
    return read_prices() if host.endswith(_LISTED) else None


def make_watched(settings: Mapping[str, str]) -> dict[str, str]:
    """The container's settings with what links sessions of the model to calls; see `call_finder.py`."""
    logged = filter(None, (settings.get("LOG_EVENT_TYPES", ""), LINKING_TYPE))
    return {**settings, "LOG_EVENT_TYPES": ",".join(logged), "SPARE_SESSIONS": "0"}
