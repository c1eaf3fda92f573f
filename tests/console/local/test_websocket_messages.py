"""Frames of either direction, however they are cut, are read as the messages that were sent."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from console.local.websocket_messages import WebSocketMessage, WebSocketReader

TEXT, BINARY, CONTINUED, CLOSE, PING = Opcode.TEXT, Opcode.BINARY, Opcode.CONT, Opcode.CLOSE, Opcode.PING


def serialize(*frames: Frame, mask: bool) -> bytes:
    return b"".join(frame.serialize(mask=mask) for frame in frames)


def feed(data: bytes, cuts: list[int]) -> Iterator[WebSocketMessage]:
    reader, begin = WebSocketReader(), 0
    for end in [*sorted(cut % (len(data) + 1) for cut in cuts), len(data)]:
        yield from reader.feed(data[begin:end])
        begin = end


@given(
    payloads=st.lists(st.one_of(st.binary(max_size=40), st.binary(min_size=120, max_size=140)), max_size=5),
    cuts=st.lists(st.integers(0, 10_000), max_size=8),
    mask=st.booleans(),
)
def test_messages_are_read_however_their_bytes_come(payloads: list[bytes], cuts: list[int], *, mask: bool) -> None:
    data = serialize(*(Frame(TEXT, payload) for payload in payloads), mask=mask)

    assert list(feed(data, cuts)) == [WebSocketMessage("text", payload) for payload in payloads]


@pytest.mark.parametrize("mask", [True, False])
def test_a_long_message_is_read(*, mask: bool) -> None:
    payload = bytes(range(256)) * 300

    assert list(feed(serialize(Frame(BINARY, payload), mask=mask), [5000])) == [WebSocketMessage("binary", payload)]


def test_a_message_in_pieces_is_one_and_pings_between_them_are_passed_over() -> None:
    data = serialize(
        Frame(TEXT, b"one ", fin=False),
        Frame(PING, b"?"),
        Frame(CONTINUED, b"two ", fin=False),
        Frame(CONTINUED, b"three"),
        mask=True,
    )

    assert list(feed(data, [])) == [WebSocketMessage("text", b"one two three")]


@pytest.mark.parametrize(("payload", "code"), [(b"\x03\xe8bye", 1000), (b"", None), (b"\x03", None)])
def test_a_close_has_its_code(payload: bytes, code: int | None) -> None:
    [message] = feed(serialize(Frame(CLOSE, payload), mask=False), [])

    assert (message.kind, message.close_code) == ("close", code)


def test_a_frame_too_long_to_keep_ends_the_reading() -> None:
    reader = WebSocketReader()

    assert list(reader.feed(b"\x81\x7f" + (2**40).to_bytes(8) + b"x")) == []
    assert list(reader.feed(serialize(Frame(TEXT, b"later"), mask=False))) == []


@given(st.lists(st.binary(max_size=60), max_size=10))
def test_anything_may_come(pieces: list[bytes]) -> None:
    reader = WebSocketReader()
    for piece in pieces:
        assert all(message.kind in ("text", "binary", "close") for message in reader.feed(piece))
