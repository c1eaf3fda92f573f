"""The fast path for frames against the library alone: whatever comes, both must tell and send the same."""

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import Protocol, State
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

from socket_server.websocket.frames import FrameCutter, make_masked_text_frame, make_text_frames

LIMIT, LONG = 700, 200
URI = parse_uri("ws://model.test/")

type Heard = list[tuple[Opcode, bool, bytes]]


class Side:
    """One end of a connection whose handshake is still to come: `heads` are the bytes it will be sent first."""

    def __init__(self, *, server: bool, short: bool, limit: int = LIMIT) -> None:
        self.heard: Heard = []
        self.sent = b""
        self.protocol: Protocol
        client = ClientProtocol(URI, max_size=limit)
        request = client.connect()
        client.send_request(request)
        wire = b"".join(client.data_to_send())
        accepting = ServerProtocol(max_size=limit)
        if server:
            self.protocol, self.head = accepting, wire
        else:
            accepting.receive_data(wire)
            (asked,) = accepting.events_received()
            assert isinstance(asked, Request)
            accepting.send_response(accepting.accept(asked))
            self.protocol, self.head = client, b"".join(accepting.data_to_send())
        self._cutter = (
            FrameCutter(masked=server, max_bytes=limit, long_bytes=LONG, frames_follow=self._open) if short else None
        )

    def _open(self) -> bool:
        return self.protocol.state is State.OPEN

    def lone(self, data: bytes) -> bytes | None:
        return self._cutter.read_lone_text(data) if self._cutter else None

    def receive(self, data: bytes) -> None:
        lone = self.lone(data)
        for is_text, piece in [(True, lone)] if lone is not None else self._cut(data):
            if is_text and self._open():
                self.heard.append((Opcode.TEXT, True, piece))
            elif not is_text and self.protocol.parser_exc is None:
                self._library(piece)

    def _cut(self, data: bytes) -> Iterable[tuple[bool, bytes]]:
        return self._cutter.cut(data) if self._cutter else [(False, data)]

    def _library(self, data: bytes) -> None:
        self.protocol.receive_data(data)
        for event in self.protocol.events_received():
            if isinstance(event, Request):
                assert isinstance(self.protocol, ServerProtocol)
                self.protocol.send_response(self.protocol.accept(event))
            elif isinstance(event, Frame):
                self.heard.append((event.opcode, event.fin, bytes(event.data)))
            else:
                assert isinstance(event, Response)
        self.sent += b"".join(self.protocol.data_to_send())

    @property
    def end(self) -> tuple[State, str]:
        return self.protocol.state, str(self.protocol.parser_exc)


def wire(head: int, masked: bool, length: int, length_in: int, mask: bytes, end: bytes = b"") -> bytes:
    """One frame, right or wrong, of ASCII but for its `end`. `length_in`: in how many bytes its length is written, if
    it fits."""
    filling = bytes((length + each) % 128 for each in range(128))
    payload = (filling * (length // 128 + 1))[: max(0, length - len(end))] + end[:length]
    flag = 0x80 if masked else 0
    if length < 126 and length_in == 1:
        size = bytes((flag | length,))
    elif length < 65536 and length_in <= 2:
        size = bytes((flag | 126,)) + length.to_bytes(2)
    else:
        size = bytes((flag | 127,)) + length.to_bytes(8)
    if not masked:
        return bytes((head,)) + size + payload
    return bytes((head,)) + size + mask + bytes(each ^ mask[at % 4] for at, each in enumerate(payload))


MASK = b"mask"
# Long enough to go to the library in pieces, one of which looks like a frame.
HOLDS_A_FRAME = b"\x81\x7e" + (LONG + 70).to_bytes(2) + bytes(LONG) + b"\x81\x08" + bytes(8) + bytes(60)
HEADS = st.one_of(
    st.just(0x81),
    st.sampled_from((0x81, 0x01, 0x00, 0x80, 0x82, 0x02, 0x89, 0x8A)),
    st.sampled_from((0x88, 0xC1, 0x91, 0x83, 0x09, 0x0A, 0x8B, 0x08)),
    st.integers(0, 255),
)
LENGTHS = st.one_of(st.integers(0, 40), st.sampled_from((125, 126, LONG, LONG + 1, LONG + 100, LIMIT, LIMIT + 1)))


@st.composite
def streams(draw: st.DrawFn) -> tuple[bool, list[bytes], list[int]]:
    """A side, what comes to it after the handshake, and where that is cut into reads; often behind a frame."""
    server = draw(st.booleans())
    frames = [
        wire(
            draw(HEADS),
            server if draw(st.integers(0, 15)) else not server,
            draw(LENGTHS),
            draw(st.sampled_from((1, 1, 1, 2, 8))),
            draw(st.binary(min_size=4, max_size=4)),
            draw(st.sampled_from((b"", b"", "ä".encode(), b"\xff"))),
        )
        for _ in range(draw(st.integers(0, 8)))
    ]
    if not draw(st.integers(0, 9)):
        frames.append(draw(st.binary(max_size=20)))
    places = st.integers(0, sum(map(len, frames)) + 200)  # the handshake's head is cut too
    ends = [-sum(map(len, frames[at:])) for at in range(len(frames)) if draw(st.integers(0, 3))]  # from the end
    return server, frames, draw(st.lists(places, max_size=draw(st.sampled_from((0, 12))))) + ends


def reads(head: bytes, frames: list[bytes], cuts: list[int]) -> list[bytes]:
    whole = head + b"".join(frames)
    places = (cut if cut >= 0 else len(whole) + cut for cut in cuts)
    borders = [0, *sorted(min(place, len(whole)) for place in places), len(whole)]
    return [whole[start:stop] for start, stop in pairwise(borders)]


@given(streams())
@example((True, [b"\x81\x7e\x00\x96" + bytes(154)], [-158]))  # not masked, and as long as if it were
@example((False, [b"\x81\x7e\x00\x9a" + wire(0x81, False, 150, 2, MASK)], [-154]))  # the rest looks like a frame
@example((False, [b"\x03\x01"], []))  # an opcode that is none, or a wrong mask, of a frame that is not whole yet
@example((True, [b"\x83\xfe"], []))
@example((False, [b"\x81\xfe"], []))
@example((True, [b"\x81\x7e"], []))
@example((True, [wire(0x81, True, 10, 1, MASK), wire(0x81, True, 126, 2, MASK)], [-134, -2]))  # two bytes are missing
@example((True, [wire(0x81, True, 10, 1, MASK), wire(0x81, True, 127, 2, MASK)], [-135, -2]))
@example((False, [wire(0x81, False, 10, 1, MASK), wire(0x81, False, 126, 2, MASK)], [-130, -2]))
@example((False, [HOLDS_A_FRAME, wire(0x81, False, 10, 1, MASK)], [-112, -82, -72]))
@settings(max_examples=1000, deadline=None)
def test_the_short_way_tells_and_sends_what_the_library_does(stream: tuple[bool, list[bytes], list[int]]) -> None:
    server, frames, cuts = stream
    short, plain = Side(server=server, short=True), Side(server=server, short=False)
    for side in (short, plain):
        if server:  # a client sends no frame before the handshake is answered
            side.receive(side.head)
        for data in reads(b"" if server else side.head, frames, cuts):
            side.receive(data)
    assert (short.heard, short.end) == (plain.heard, plain.end)
    assert len(short.sent) == len(plain.sent)  # the bytes differ by keys and masks


@given(st.lists(st.one_of(st.binary(max_size=400), st.sampled_from((b"x" * 65535, b"y" * 65536))), max_size=5))
def test_what_is_written_is_what_the_library_reads(texts: list[bytes]) -> None:
    for server, frames in (
        (True, [make_masked_text_frame(text) for text in texts]),
        (False, [make_text_frames(texts)]),
    ):
        side = Side(server=server, short=False, limit=100_000)
        side.receive(side.head)
        side.receive(b"".join(frames))
        assert side.heard == [(Opcode.TEXT, True, text) for text in texts]


@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("length", [0, 125, 126, LIMIT])
@pytest.mark.parametrize("end", [b"", "ä".encode()])
def test_a_read_that_is_one_text_takes_the_shortest_way(masked: bool, length: int, end: bytes) -> None:
    side = Side(server=masked, short=True)
    side.receive(side.head)
    assert side.lone(wire(0x81, masked, length, 1, MASK, end)) is not None
    assert side.lone(wire(0x81, masked, max(1, length), 1, MASK, b"\xff")) is None


def test_no_mask_is_used_twice_in_a_row() -> None:
    drawn = [make_masked_text_frame(b"")[2:] for _ in range(3000)]  # more than are drawn at once
    assert len(set(drawn)) > 2990
    assert {len(each) for each in drawn} == {4}
