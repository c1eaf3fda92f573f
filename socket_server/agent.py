"""Reads the agent's TOML file (setting AGENT_FILE).

The default is socket_server/agent.toml, which documents every key.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from socket_server.openai.agent import OpenAIAgent
from toml_faults import Fault
from toml_file import Rule, TomlFile


def cap_session(agent: OpenAIAgent, session_minutes: int | None) -> OpenAIAgent:
    """The agent with its sessions limited to this length; None: unchanged."""
    if session_minutes is None or agent.limits.session_minutes <= session_minutes:
        return agent
    return replace(agent, limits=replace(agent.limits, session_minutes=session_minutes))


def parse_agent(file: TomlFile, *rules: Rule[OpenAIAgent]) -> OpenAIAgent:
    """The agent in a file. Raises `TomlFileError` with all its faults, those that `rules` find too."""
    return file.decode(OpenAIAgent, _check_greeting, _check_filler, *rules)


def _check_greeting(agent: OpenAIAgent) -> Iterator[Fault]:
    if bool(agent.greeting_audio.strip()) != bool(agent.greeting_text.strip()):
        given, other = ("greeting_audio",), ("greeting_text",)
        if not agent.greeting_audio.strip():
            given, other = other, given
        yield Fault(given, "expected both greeting_audio and greeting_text, or neither", depends_on=(other,))


def _check_filler(agent: OpenAIAgent) -> Iterator[Fault]:
    seconds, most = agent.limits.filler_seconds, agent.limits.answer_seconds // 2
    if seconds is not None and seconds > most:
        reason = f"expected at most {most}, half of answer_seconds, got {seconds}"
        yield Fault(("limits", "filler_seconds"), reason, depends_on=(("limits", "answer_seconds"),))
