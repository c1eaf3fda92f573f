"""One whole call with the model of another vendor: its own messages, no truncation, and it does not stop by itself."""

import json
from collections.abc import Sequence
from typing import Any

from msgspec import Raw

from socket_server.call.bridge import Bridge, SlowWork
from socket_server.call.timer import now_ms
from socket_server.core import actions, events
from socket_server.core.actions import ModelAction, Transfer
from socket_server.core.capabilities import Capabilities
from socket_server.core.conversation import Conversation
from socket_server.core.events import ErrorKind, FunctionCall, ModelAudio, ModelError, ModelEvent
from socket_server.core.measures import Measured
from socket_server.core.model_codec import ModelCodec
from socket_server.core.tool_offers import ToolOffer
from socket_server.twilio.media_stream import MediaStreamWriter
from tests.socket_server.call.parts import START, STOP
from tests.socket_server.fakes import FakeModel, FakePhone, payload
from tests.socket_server.scripts import AGENT, OPENING, READY


class OtherCodec:
    """Its messages are lists: a word, and what belongs to it."""

    capabilities = Capabilities(truncates=False, interrupts=False)

    def start(self, offers: Sequence[ToolOffer]) -> bytes:
        return json.dumps(["setup", [offer.name for offer in offers]]).encode()

    def append(self, payload: bytes) -> bytes:
        return b'["listen",%b]' % payload

    def encode(self, action: ModelAction) -> bytes:
        match action:
            case actions.CreateResponse(instructions):
                return json.dumps(["speak", instructions]).encode()
            case actions.CancelResponse():
                return b'["stop"]'
            case actions.AddMessage(_, text):
                return json.dumps(["know", text]).encode()
            case _:
                return b""  # it has no such thing

    def decode(self, text: bytes) -> ModelAudio | ModelEvent | None:
        match json.loads(text):
            case ["ready"]:
                return READY
            case ["turn", name]:
                return events.ResponseCreated(name, ours=True)
            case ["audio", name, said]:
                return ModelAudio(name, name, Raw(json.dumps(said).encode()))
            case ["said", name, *calls]:
                wanted = (FunctionCall(str(number), call, "{}") for number, call in enumerate(calls))
                return events.ResponseDone(name, "completed", tuple(wanted), (name,))
            case ["words", name, words]:
                return events.TranscriptGrew(name, name, words)
            case ["heard a voice"]:
                return events.SpeechStarted("caller")
            case ["refused", code]:
                return ModelError(ErrorKind.ACCOUNT, code)
        return None

    def kind(self, text: bytes) -> str:
        return str(json.loads(text)[0])


AUDIO = json.loads(bytes(payload(bytes(1600))))


class Call:
    """A bridge between two peers that keep what they are sent."""

    def __init__(self) -> None:
        codec: ModelCodec = OtherCodec()
        self.phone, self.model = FakePhone(), FakeModel()
        self.work: list[SlowWork] = []
        self.measured: list[Measured] = []
        self.bridge = Bridge(self.phone, codec, self.work.append, self.measured.append)
        self.phone_says(START)
        conversation = Conversation(AGENT, OPENING, "MZ1", now_ms(), capabilities=codec.capabilities)
        session = codec.start([ToolOffer("transfer_to_human", "", {})])
        self.bridge.begin(conversation, lambda *_: None, MediaStreamWriter("MZ1"), session)
        self.bridge.model_opened(self.bridge.line, self.model)
        self.model_says(["ready"], ["turn", "t0"])

    def phone_says(self, *messages: object) -> None:
        for message in messages:
            self.bridge.phone_text(json.dumps(message).encode())

    def model_says(self, *messages: object) -> None:
        for message in messages:
            self.bridge.line.model_text(json.dumps(message).encode())

    def plays(self, *marks: str) -> None:
        self.phone_says(*({"event": "mark", "mark": {"name": mark}} for mark in marks))


async def test_a_call_from_the_greeting_to_a_person() -> None:
    call = Call()
    call.model_says(["audio", "t0", AUDIO], ["said", "t0"])
    call.plays("1")
    call.phone_says({"event": "media", "media": {"payload": AUDIO, "timestamp": "20"}})
    call.model_says(["turn", "t1"], ["audio", "t1", AUDIO], ["said", "t1", "transfer_to_human"])
    call.plays("2")

    assert call.model.sent == [["setup", ["transfer_to_human"]], ["speak", OPENING.instructions], ["listen", AUDIO]]
    assert call.phone.events == ["media", "mark", "media", "mark"]
    assert [type(work) for work in call.work if not isinstance(work, actions.RecordTurn)] == [Transfer]
    call.phone_says(STOP)
    assert call.bridge.ended.result().reason == "transferred"
    assert call.model.over


async def test_a_caller_who_interrupts_stops_it_and_it_learns_what_was_heard() -> None:
    call = Call()
    call.model_says(["audio", "t0", AUDIO], ["words", "t0", "Good morning, this is the workshop."], ["heard a voice"])

    assert call.phone.events == ["media", "mark", "clear"]
    stop, told = list[Any](call.model.sent[-2:])
    assert stop == ["stop"]
    assert told[0] == "know"
    assert told[1].startswith("The caller interrupted you; they heard only ")


async def test_an_account_that_is_refused_is_a_person() -> None:
    call = Call()
    call.model_says(["refused", "no credit"])
    assert [type(work) for work in call.work] == [Transfer]
