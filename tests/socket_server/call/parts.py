"""A bridge and what it connects; a test drives it message by message."""

import json
from typing import Any

from socket_server.call.bridge import Bridge, SlowWork
from socket_server.call.timer import now_ms
from socket_server.core.actions import Action
from socket_server.core.conversation import Conversation
from socket_server.core.events import Event
from socket_server.core.measures import Measured, Measures
from socket_server.twilio.media_stream import MediaStreamWriter
from tests.socket_server.fakes import OPENAI, TARIFF, FakeModel, FakePhone
from tests.socket_server.scripts import AGENT, OPENING

UPDATE = b'{"type":"session.update"}'
UPDATED = {
    "type": "session.updated",
    "session": {"audio": {"input": {"format": {"type": "audio/pcmu"}}, "output": {"format": {"type": "audio/pcmu"}}}},
}
START = {
    "event": "start",
    "start": {
        "streamSid": "MZ1",
        "callSid": "CA1",
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {"token": "t"},
    },
}
CREATED = {"type": "response.created", "response": {"id": "r0"}}
STOP = {"event": "stop", "stop": {}}
KEY = {"event": "dtmf", "dtmf": {"digit": "5"}}


def delta(payload: str) -> object:
    return {"type": "response.output_audio.delta", "response_id": "r0", "item_id": "i0", "delta": payload}


GREETING = (
    delta("AAAA"),
    delta("BBBB"),
    {"type": "response.output_audio.done", "response_id": "r0", "item_id": "i0"},
    {"type": "response.done", "response": {"id": "r0", "status": "completed", "output": []}},
)


class Parts:
    """A bridge and what it connects."""

    def __init__(self, phone: FakePhone | None = None, **options: Any) -> None:
        self.phone, self.model = phone or FakePhone(), FakeModel()
        self.work: list[SlowWork] = []
        self.measured: list[Measured] = []
        self.told: list[tuple[Event, list[Action]]] = []
        self.bridge = Bridge(self.phone, OPENAI, self.work.append, self.measured.append, **options)

    def begin(self, kind: type[Conversation] = Conversation) -> None:
        self.phones(START)
        self.conversation = conversation = kind(AGENT, OPENING, "MZ1", now_ms())
        measures = Measures(conversation, TARIFF, now_ms())

        def measure(event: Event, actions: list[Action], at_ms: int) -> None:
            self.told.append((event, actions))
            self.measured.extend(measures.observe(event, actions, at_ms))

        self.bridge.begin(conversation, measure, MediaStreamWriter("MZ1"), UPDATE)

    def ready(self) -> None:
        """The talk has begun."""
        self.opens(self.model)
        self.begin()
        self.says(UPDATED)

    def opens(self, model: FakeModel, *, spare: bool = False) -> None:
        """The socket of the current line is there."""
        self.bridge.model_opened(self.bridge.line, model, spare=spare)

    def phones(self, *messages: object) -> None:
        for message in messages:
            self.bridge.phone_text(json.dumps(message).encode())

    def says(self, *messages: object) -> None:
        for message in messages:
            self.bridge.line.model_text(json.dumps(message).encode())
