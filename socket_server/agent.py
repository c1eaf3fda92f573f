"""The agent's file.

A TOML file (setting AGENT_FILE); socket_server/agent.toml is the default and the documentation of every key.
"""

from msgspec.structs import replace

from socket_server.core.errors import SettingError
from socket_server.openai.agent import OpenAIAgent
from socket_server.toml_file import decode


def cap_session(agent: OpenAIAgent, session_minutes: int | None) -> OpenAIAgent:
    """The agent with sessions that are not longer than this; None: as it is."""
    if session_minutes is None or agent.limits.session_minutes <= session_minutes:
        return agent
    return replace(agent, limits=replace(agent.limits, session_minutes=session_minutes))


def parse_agent(text: str, name: str) -> OpenAIAgent:
    """The agent of a TOML text; SettingError names the file, the key and what was expected of it."""
    agent = decode(text, name, OpenAIAgent)
    if bool(agent.greeting_audio.strip()) != bool(agent.greeting_text.strip()):
        raise SettingError(f"{name}: expected both greeting_audio and greeting_text, or neither")
    return agent
