"""Reads the agent's TOML file (setting AGENT_FILE).

The default is socket_server/agent.toml, which documents every key.
"""

from msgspec.structs import replace

from socket_server.openai.agent import OpenAIAgent
from toml_faults import Fault
from toml_file import TomlFile


def cap_session(agent: OpenAIAgent, session_minutes: int | None) -> OpenAIAgent:
    """The agent with its sessions limited to this length; None: unchanged."""
    if session_minutes is None or agent.limits.session_minutes <= session_minutes:
        return agent
    return replace(agent, limits=replace(agent.limits, session_minutes=session_minutes))


def parse_agent(file: TomlFile) -> OpenAIAgent:
    """The agent in a file. Raises `TomlFileError` with all its faults."""
    agent = file.decode(OpenAIAgent)
    if bool(agent.greeting_audio.strip()) != bool(agent.greeting_text.strip()):
        reason = "expected both greeting_audio and greeting_text, or neither"
        raise file.refuse([Fault(("greeting_audio" if agent.greeting_audio else "greeting_text",), reason)])
    return agent
