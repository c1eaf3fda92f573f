"""Both sockets of a call as the bridge sees them: they keep what they are sent."""

import base64
import json
from typing import Any

from msgspec import Raw

type Message = dict[str, Any]


class FakePhone:
    """A PhoneSocket that is never closed."""

    def __init__(self) -> None:
        self.sent: list[Message] = []

    def send_text(self, text: bytes) -> None:
        self.sent.append(json.loads(text))

    @property
    def events(self) -> list[str]:
        return [message["event"] for message in self.sent]


class FakeModel:
    """A ModelSocket; a test says when it is over or stalls."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.stalled = False
        self.over = False

    def send_text(self, text: bytes) -> None:
        assert not self.over, "a closed socket would take this and say nothing: the bridge is to let go of it"
        self.sent.append(json.loads(text))

    def close(self) -> None:
        self.over = True

    @property
    def kinds(self) -> list[str]:
        return [message["type"] for message in self.sent]

    @property
    def audio(self) -> bytes:
        appends = [message for message in self.sent if message["type"] == "input_audio_buffer.append"]
        return b"".join(base64.b64decode(message["audio"]) for message in appends)


def payload(audio: bytes) -> Raw:
    """Audio as it stands in a message."""
    return Raw(json.dumps(base64.b64encode(audio).decode()).encode())
