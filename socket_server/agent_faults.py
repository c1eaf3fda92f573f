"""What keeps the container from serving calls with an agent: its file, the recording, the prices, the tools."""

import sys
from collections.abc import Iterator
from pathlib import Path

from socket_server.agent import parse_agent
from socket_server.core.errors import SettingError
from socket_server.core.prices import Prices
from socket_server.greeting_audio import make_recording_rule
from socket_server.import_faults import display_path
from socket_server.openai.agent import OpenAIAgent
from socket_server.openai.catalog import find_unlisted_names
from socket_server.openai.client_events import encode_session_update
from socket_server.settings import DEFAULT_AGENT, PRICES
from toml_file import TomlFile, TomlFileError

TOOL_CHECK = "socket_server.call.tool_check"
"""It imports a user's file. `import_faults` imports it first, and tells what goes wrong."""


def find_file_faults(file: Path | None) -> Iterator[str]:
    """A line for each fault of the agent's file, of the recording that it names, and of the prices.

    No file: the one that is deployed.
    """
    try:
        _read_agent(file or DEFAULT_AGENT)
    except TomlFileError as error:
        yield from str(error).splitlines()
    try:
        _read(PRICES).decode(Prices)
    except TomlFileError as error:
        yield from str(error).splitlines()


def find_tool_faults() -> Iterator[str]:
    """A line for each fault of the table of tools; none if it could not be imported."""
    if TOOL_CHECK not in sys.modules:
        return
    from socket_server.call.tool_check import check_tools

    try:
        check_tools()
    except SettingError as error:
        yield from str(error).splitlines()


def summarize(file: Path | None) -> str:
    """What a session of a good agent is asked for."""
    from socket_server.call import tools

    file = file or DEFAULT_AGENT
    agent = _read_agent(file)
    offers = tools.list_offers(agent, ())
    encode_session_update(agent, offers)
    return f"{file.name}: {agent.model}, {agent.voice}; tools: {', '.join(offer.name for offer in offers)}"


def _read_agent(file: Path) -> OpenAIAgent:
    return parse_agent(_read(file), find_unlisted_names, make_recording_rule(file.parent))


def _read(file: Path) -> TomlFile:
    return TomlFile.read(file, display_path(file))
