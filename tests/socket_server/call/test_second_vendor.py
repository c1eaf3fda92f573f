"""Whole calls with the model of another vendor: its own messages, no truncation, and it does not stop by itself."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

from msgspec import Raw

from socket_server.call.bridge import Bridge, SlowWork
from socket_server.call.call import NORMAL, Call
from socket_server.call.places import Places
from socket_server.call.services import Services
from socket_server.call.timer import now_ms
from socket_server.core import actions, events
from socket_server.core.actions import ModelAction, Transfer
from socket_server.core.capabilities import Capabilities
from socket_server.core.conversation import Conversation
from socket_server.core.events import ErrorKind, FunctionCall, ModelAudio, ModelError, ModelEvent
from socket_server.core.measures import Measured
from socket_server.core.model_codec import ModelCodec, ModelListener
from socket_server.core.tool_offers import ToolOffer
from socket_server.settings import read_settings
from socket_server.twilio.media_stream import MediaStreamWriter
from tests.socket_server.call.parts import START, STOP
from tests.socket_server.call.test_call import Memory, Moving
from tests.socket_server.fakes import METRICS, TARIFF, FakeModel, FakePhone, Line, payload, stream_auth
from tests.socket_server.phone import TOKEN_SECRET
from tests.socket_server.scripts import AGENT, OPENING, READY
from tests.socket_server.test_settings import REQUIRED


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


class OtherModel(FakeModel):
    """A socket that answers each kind of message once: it greets, and puts a caller through whom it hears."""

    def __init__(self, listener: ModelListener) -> None:
        super().__init__()
        self.closed = asyncio.Event()
        self._listener = listener
        self._answers: dict[str, list[list[str]]] = {
            "setup": [["ready"]],
            "speak": [["turn", "t0"], ["audio", "t0", AUDIO], ["said", "t0"]],
            "listen": [["turn", "t1"], ["audio", "t1", AUDIO], ["said", "t1", "transfer_to_human"]],
        }

    def send_text(self, text: bytes) -> None:
        super().send_text(text)
        for message in self._answers.pop(json.loads(text)[0], []):
            asyncio.get_running_loop().call_soon(self._listener.model_text, json.dumps(message).encode())

    def close(self) -> None:
        super().close()
        self.closed.set()


class OtherConnector:
    """It keeps no sockets open."""

    refusal = ""
    spares = 0

    def __init__(self) -> None:
        self.opened: asyncio.Future[OtherModel] = asyncio.get_running_loop().create_future()

    def take(self, _listener: ModelListener) -> None:
        return None

    async def open(self, listener: ModelListener) -> OtherModel:
        self.opened.set_result(OtherModel(listener))
        return self.opened.result()

    def kept(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    def close(self) -> None: ...


class Peers:
    """Two peers that keep what they are sent, and the bridge between them."""

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


async def test_a_call_with_the_vendor_s_own_sockets_ends_at_a_person() -> None:
    line, record, connector = Line(), Memory(), OtherConnector()
    shared = AGENT, Moving(), record, OtherCodec(), connector, TARIFF, METRICS
    settings = read_settings(REQUIRED | {"STREAM_TOKEN_SECRET": TOKEN_SECRET})
    call = Call(line.websocket, Services(*shared, stream_auth(settings)), Places(1))
    running = asyncio.create_task(call.run())
    await asyncio.sleep(0)  # it listens from its first step
    line.start()
    line.says("media", media={"payload": AUDIO, "timestamp": "20"})
    model = await connector.opened
    await model.closed.wait()
    line.says("stop", stop={})
    await running

    told = ["setup", "speak", "listen"]
    assert [message[0] for message in list[Any](model.sent)[: len(told)]] == told
    assert line.events[:4] == ["media", "mark", "media", "mark"]
    assert (record.ends, line.closed.result()) == (["transferred"], NORMAL)


async def test_a_call_from_the_greeting_to_a_person() -> None:
    peers = Peers()
    peers.model_says(["audio", "t0", AUDIO], ["said", "t0"])
    peers.plays("1")
    peers.phone_says({"event": "media", "media": {"payload": AUDIO, "timestamp": "20"}})
    peers.model_says(["turn", "t1"], ["audio", "t1", AUDIO], ["said", "t1", "transfer_to_human"])
    peers.plays("2")

    assert peers.model.sent == [["setup", ["transfer_to_human"]], ["speak", OPENING.instructions], ["listen", AUDIO]]
    assert peers.phone.events == ["media", "mark", "media", "mark"]
    assert [type(work) for work in peers.work if not isinstance(work, actions.RecordTurn)] == [Transfer]
    peers.phone_says(STOP)
    assert peers.bridge.ended.result().reason == "transferred"
    assert peers.model.over


async def test_a_caller_who_interrupts_stops_it_and_it_learns_what_was_heard() -> None:
    peers = Peers()
    peers.model_says(["audio", "t0", AUDIO], ["words", "t0", "Good morning, this is the workshop."], ["heard a voice"])

    assert peers.phone.events == ["media", "mark", "clear"]
    stop, told = list[Any](peers.model.sent[-2:])
    assert stop == ["stop"]
    assert told[0] == "know"
    assert told[1].startswith("The caller interrupted you; they heard only ")


async def test_an_account_that_is_refused_is_a_person() -> None:
    peers = Peers()
    peers.model_says(["refused", "no credit"])
    assert [type(work) for work in peers.work] == [Transfer]
