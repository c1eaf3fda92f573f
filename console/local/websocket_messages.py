"""Reads along on a WebSocket connection: the bytes of one direction in, whole messages out. RFC 6455, section 5.2.

It judges nothing: what breaks the protocol is for the two ends. It only stops reading then.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

type Kind = Literal["text", "binary", "close"]
_KINDS: dict[int, Kind] = {1: "text", 2: "binary", 8: "close"}
_CONTINUATION, _FIRST_CONTROL = 0, 8
_LARGEST_BYTES = 32 * 2**20  # twice what a client of ours takes


@dataclass(frozen=True, slots=True)
class WebSocketMessage:
    kind: Kind
    payload: bytes

    @property
    def close_code(self) -> int | None:
        """Of a close message; None: it has none."""
        return int.from_bytes(self.payload[:2]) if len(self.payload) >= 2 else None


class WebSocketReader:
    """One direction of a connection, from after the handshake on. Pings and pongs are passed over."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._pieces: list[bytes] = []
        self._kind: Kind | None = None
        self._broken = False

    def feed(self, data: bytes) -> Iterator[WebSocketMessage]:
        """The messages that are whole with these bytes."""
        if self._broken:
            return
        self._buffer += data
        while (frame := self._take_frame()) is not None:
            final, opcode, payload = frame
            if opcode >= _FIRST_CONTROL:
                if opcode in _KINDS:
                    yield WebSocketMessage(_KINDS[opcode], payload)
                continue
            if opcode != _CONTINUATION:
                self._kind, self._pieces = _KINDS.get(opcode), []
            self._pieces.append(payload)
            if final and self._kind is not None:
                yield WebSocketMessage(self._kind, b"".join(self._pieces))
                self._kind, self._pieces = None, []

    @property
    def between_messages(self) -> bool:
        """Nothing of another message has come yet."""
        return not self._buffer and self._kind is None and not self._broken

    def _take_frame(self) -> tuple[bool, int, bytes] | None:
        """Whether it is the last of its message, its opcode, its payload; None: it is not all there."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        length, at = buffer[1] & 0x7F, 2
        if length >= 126:
            at += 2 if length == 126 else 8
            if len(buffer) < at:
                return None
            length = int.from_bytes(buffer[2:at])
        if length > _LARGEST_BYTES:
            self._broken = True
            buffer.clear()
            return None
        masked = buffer[1] & 0x80
        begin = at + 4 if masked else at
        if len(buffer) < begin + length:
            return None
        payload = bytes(buffer[begin : begin + length])
        if masked:
            payload = _unmask(payload, bytes(buffer[at:begin]))
        final, opcode = bool(buffer[0] & 0x80), buffer[0] & 0x0F
        del buffer[: begin + length]
        return final, opcode, payload


def encode_text(payload: bytes) -> bytes:
    """A whole text message of a client's."""
    size, key = len(payload), os.urandom(4)
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 2**16:
        length = bytes([0x80 | 126]) + size.to_bytes(2)
    else:
        length = bytes([0x80 | 127]) + size.to_bytes(8)
    return b"\x81" + length + key + _unmask(payload, key)


def _unmask(payload: bytes, key: bytes) -> bytes:
    """One exclusive or of two large numbers: a loop over the bytes would cost fifty times as much."""
    size = len(payload)
    keys = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(payload) ^ int.from_bytes(keys)).to_bytes(size)
