"""The phone's socket against uvicorn's own class: whatever bytes come, both must tell, send and close alike."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from socket_server.twilio.socket import EXTENSION, MESSAGE_BYTES, PhoneSocket

LIMIT = MESSAGE_BYTES


class Wire(asyncio.Transport):
    """Keeps what is written; what is closed delivers nothing more."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.answered = asyncio.Event()
        self.closed = False

    def write(self, data: Any) -> None:
        self.written += data
        self.answered.set()

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class Told:
    """An application that keeps all it is told, as ASGI's messages or as a listener."""

    def __init__(self) -> None:
        self.messages: list[str | int] = []
        self.code: int | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        phone = scope["extensions"].get(EXTENSION)
        if phone is not None:
            phone.listen(self)
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] != "websocket.disconnect":
            self.messages.append(message["text"] if "text" in message else len(message["bytes"]))
        self.code = message["code"]

    def phone_text(self, text: bytes) -> None:
        self.messages.append(text.decode())

    def phone_bad_message(self, reason: str) -> None:
        if "binary" in reason:
            self.messages.append(int(reason.split()[-2]))


def handshake() -> bytes:
    client = ClientProtocol(parse_uri("ws://phone.test/"))
    request = client.connect()
    client.send_request(request)
    return b"".join(client.data_to_send())


HANDSHAKE = handshake()


async def outcome(kind: type[WebSocketsSansIOProtocol], reads: list[bytes]) -> tuple[object, ...]:
    told, wire = Told(), Wire()
    config = Config(
        told, lifespan="off", log_config=None, ws_max_size=LIMIT, ws_ping_interval=None, ws_per_message_deflate=False
    )
    config.load()
    state = ServerState()
    socket = kind(config, state, {})
    socket.connection_made(wire)
    socket.data_received(HANDSHAKE)
    await wire.answered.wait()
    assert wire.written.startswith(b"HTTP/1.1 101 ")
    head = len(wire.written)
    for data in reads:
        if not wire.closed:
            socket.data_received(data)
    socket.connection_lost(None)
    await asyncio.gather(*state.tasks)
    return told.messages, told.code, wire.written[head:], wire.closed


TEXTS = st.one_of(
    st.sampled_from((b"", b"x", b"hello", b"x" * 125, b"x" * 126, b"x" * LIMIT, b"x" * (LIMIT + 1))),
    st.sampled_from(
        ("grüß".encode(), b"gr\xfc\xdf", b"\xc3", b"\xbc", b"\xed\xa0\x80", b"\xff" * 4, b"\xf0\x9f\x98\x80")
    ),
)
FRAMES = st.one_of(
    st.builds(Frame, st.just(Opcode.TEXT), TEXTS),
    st.builds(Frame, st.sampled_from((Opcode.TEXT, Opcode.CONT, Opcode.BINARY)), TEXTS, st.booleans()),
    st.builds(Frame, st.sampled_from((Opcode.PING, Opcode.PONG)), st.sampled_from((b"", b"ping"))),
    st.builds(
        Frame, st.just(Opcode.CLOSE), st.sampled_from((b"", b"\x03\xe8", b"\x03\xe8bye", b"\x03\xe8\xff", b"\x00"))
    ),
)
HALVES = [Frame(Opcode.TEXT, b"gr\xc3", False), Frame(Opcode.CONT, b"\xbcn")]
BROKEN = [
    Frame(Opcode.TEXT, b"gr\xc3", False),
    Frame(Opcode.PING, b"ping"),
    Frame(Opcode.CONT, b"n"),
    Frame(Opcode.TEXT, b"x"),
]


@given(st.lists(FRAMES, max_size=6), st.lists(st.integers(0, 1000), max_size=8))
@example(HALVES, [])
@example(BROKEN, [])
@example([Frame(Opcode.TEXT, b"\xff"), Frame(Opcode.TEXT, b"x")], [])
@example([Frame(Opcode.TEXT, b"\xff" * 200), Frame(Opcode.TEXT, b"x")], [208])
@settings(max_examples=400, deadline=None)
@pytest.mark.filterwarnings("ignore:unclosed")
def test_the_phones_socket_does_what_uvicorns_own_does(frames: list[Frame], cuts: list[int]) -> None:
    plain = [frame.serialize(mask=True) for frame in frames]  # else it tells nothing of a read that ends in a wrong one
    wire = b"".join(plain)
    places = [0, *sorted(min(cut, len(wire)) for cut in cuts), len(wire)]
    reads = [wire[start:stop] for start, stop in pairwise(places)]
    assert asyncio.run(outcome(PhoneSocket, reads)) == asyncio.run(outcome(WebSocketsSansIOProtocol, plain))
