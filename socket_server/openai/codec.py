"""OpenAI's Realtime protocol as a call needs it: `socket_server.core.model_codec` says what each part is for."""

from collections.abc import Callable, Sequence

from socket_server.core.actions import ModelAction
from socket_server.core.capabilities import FULL
from socket_server.core.events import ModelAudio, ModelEvent
from socket_server.core.tool_offers import ToolOffer
from socket_server.openai import client_events, server_events
from socket_server.openai.agent import OpenAIAgent


class OpenAICodec:
    """For one agent."""

    capabilities = FULL

    def __init__(self, agent: OpenAIAgent) -> None:
        self._agent = agent

    def start(self, offers: Sequence[ToolOffer]) -> bytes:
        return client_events.encode_session_update(self._agent, offers)

    def encode(self, action: ModelAction) -> bytes:
        return client_events.encode_action(action, self._agent)

    # Without a step between: they run for every frame of audio.
    append: Callable[[bytes], bytes] = staticmethod(client_events.append)
    decode: Callable[[bytes], ModelAudio | ModelEvent | None] = staticmethod(server_events.decode)
    kind: Callable[[bytes], str] = staticmethod(server_events.kind)
