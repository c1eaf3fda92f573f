"""A fast path for WebSocket frames: whole text frames are cut and written here, `websockets` handles every other byte.

A frame of audio comes fifty times a second each way, and the library's parser costs more than all other work of a
bridge for this frame. The fast path skips a generator that resumes several times for each frame, the objects of frame
and event, and the state machine behind them.

That is safe because only the usual frames take the fast path, and these cannot change the library's state: FIN set, no
reserved bit, text in UTF-8, masked as its side must, not longer than allowed, while no fragmented message is open and
nobody has closed. Everything else (handshake, fragments, binary, control frames, frames that break a rule) goes to the
library byte for byte, so limits, pongs, closing and errors stay in one place. The cutter reads the lengths of those
frames only to know where the next one begins. The library leaves one rule to its user: `is_utf8` checks it.

Source: RFC 6455, 5.2, 5.4 and 8.1.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat
from struct import Struct

from websockets.speedups import apply_mask

FIN, OPCODE, MASKED = 0x80, 0x0F, 0x80
CONTINUATION, DATA = 0x0, (0x1, 0x2)
OPCODES = frozenset((CONTINUATION, *DATA, 0x8, 0x9, 0xA))
TEXT = FIN | 0x1
HEAD_END = b"\r\n\r\n"
FOURS = Struct("4s" * 64)
MEDIUM = Struct(">BBH").pack  # the head of a frame from 126 bytes to 64 KiB long: FIN and opcode, mask and 126, length
LONG_BYTES = 16 * 1024  # longer frames go to the library piece by piece: joining the pieces again would cost more


class FrameCutter:
    """Cuts the bytes of one side into whole text messages and everything else."""

    def __init__(
        self,
        *,
        masked: bool,
        max_bytes: int,
        long_bytes: int = LONG_BYTES,
        frames_follow: Callable[[], bool] = lambda: True,
    ) -> None:
        """`masked`: the frames come from a client. `max_bytes`: of a message, 125 or more, and the same for the
        library.

        `frames_follow`: called after the handshake's head was passed on. After a refusal comes a page, not frames.
        """
        assert max_bytes >= 125  # a short lone text need not be checked for its length
        self.takes_text = True
        """While it does not, the library gets text too."""
        self._start = 8 if masked else 4
        self._mask = MASKED if masked else 0
        self._max_bytes, self._lone_bytes, self._long_bytes = max_bytes, min(max_bytes, 65535), long_bytes
        self._frames_follow = frames_follow
        self._at_border = False  # the next byte begins a frame, which may be a text of ours
        self._head = b""  # the last bytes of the handshake, whose end may be cut in two
        self._finish_handshake = False
        self._rest = b""  # the beginning of a frame
        self._owed = 0  # bytes of a frame that the library got the beginning of
        self._in_pieces = False  # a message in fragments is open
        self._library_only = False

    def read_lone_text(self, data: bytes) -> bytes | None:
        """The text of `data` if it is exactly one frame of up to 64 KiB, as nearly every read is; else None."""
        start = self._start
        length = len(data) - start
        if 125 < length <= self._lone_bytes:
            head = MEDIUM(TEXT, self._mask | 126, length)
        elif 0 <= length + 2 < 126:  # told by two bytes less
            start, length = start - 2, length + 2
            head = bytes((TEXT, self._mask | length))
        else:
            return None
        if not self._at_border or not data.startswith(head):
            return None
        text = data[start:]
        if self._mask:
            text = apply_mask(text, data[start - 4 : start])
        return text if text.isascii() or is_utf8(text) else None

    def cut(self, data: bytes) -> Iterator[tuple[bool, bytes]]:
        """(True, text of a message) or (False, bytes for the library), in the order in which they came.

        Use the text only while the library says that the connection is open: only it knows of closing and errors.
        Handle all returned parts before more is cut.
        """
        self._at_border = False
        if self._library_only:
            yield False, data
            return
        if not self._finish_handshake:
            end = self._find_head_end(data)
            if end is None:
                yield False, data
                return
            self._finish_handshake = True
            yield False, data[:end]
            data = data[end:]
            self._library_only = not self._frames_follow()
            if self._library_only:
                yield False, data
                return
        elif self._owed:
            owed = data[: self._owed]
            self._owed -= len(owed)
            yield False, owed
            data = data[len(owed) :]
        elif self._rest:
            data = self._rest + data
        yield from self._cut_frames(data)

    def _find_head_end(self, data: bytes) -> int | None:
        """Where the head of request or response ends in `data`; None: not yet."""
        joined = self._head + data
        found = joined.find(HEAD_END)
        if found < 0:
            self._head = joined[-len(HEAD_END) + 1 :]
            return None
        return found + len(HEAD_END) - len(self._head)

    def _cut_frames(self, data: bytes) -> Iterator[tuple[bool, bytes]]:
        at, end = 0, len(data)
        while at < end:
            start, length = _read_size(data, at, self._mask)
            stop = start + length
            wrong = at + 1 < end and (data[at] & OPCODE not in OPCODES or data[at + 1] & MASKED != self._mask)
            if wrong or length > self._max_bytes:  # which the library says before the rest of the frame is here
                self._library_only = True
                yield False, data[at:]
                return
            if not start or stop > end:  # incomplete
                if start and length > self._long_bytes:
                    self._note(data[at])
                    self._owed = stop - end
                    yield False, data[at:]
                    return
                break
            text = data[start:stop]
            if self._mask:
                text = apply_mask(text, data[start - 4 : start])
            if data[at] == TEXT and self.takes_text and not self._in_pieces and is_utf8(text):
                yield True, text
            else:
                self._note(data[at])
                yield False, data[at:stop]
            at = stop
        self._rest = data[at:]
        self._at_border = self.takes_text and not (self._rest or self._owed or self._in_pieces)

    def _note(self, head: int) -> None:
        """Note what a frame of the library changes for the frames after it."""
        if head & OPCODE in (CONTINUATION, *DATA):
            self._in_pieces = not head & FIN


def is_utf8(message: bytes) -> bool:
    """Whether it is UTF-8. If a text message is not, the connection must be closed with 1007."""
    try:
        message.decode()
    except UnicodeDecodeError:
        return False
    return True


def _read_size(data: bytes, at: int, mask: int) -> tuple[int, int]:
    """Where the payload of the frame at `at` starts, and its length; (0, 0) if that is not here yet."""
    if len(data) < at + 2:
        return 0, 0
    length = data[at + 1] & 0x7F
    start = at + 2
    if length == 126:
        start += 2
    elif length == 127:
        start += 8
    if len(data) < start:
        return 0, 0
    if length > 125:
        length = int.from_bytes(data[at + 2 : start])
    return start + (4 if mask else 0), length


_masks: Iterator[bytes] = chain.from_iterable(FOURS.unpack(os.urandom(FOURS.size)) for _ in repeat(None))
"""Four bytes of entropy for each frame of any client (RFC 6455, 5.3), drawn for many of them at once."""


def make_text_frames(texts: Iterable[bytes]) -> bytes:
    """Whole messages, as a server writes them."""
    return b"".join([part for text in texts for part in (_make_header(len(text), 0), text)])


def make_masked_text_frame(text: bytes) -> bytes:
    """One whole message, as a client writes it."""
    mask = next(_masks)
    return _make_header(len(text), MASKED) + mask + apply_mask(text, mask)


def _make_header(length: int, mask: int) -> bytes:
    if 125 < length < 65536:
        return MEDIUM(TEXT, mask | 126, length)
    if length < 126:
        return bytes((TEXT, mask | length))
    return bytes((TEXT, mask | 127)) + length.to_bytes(8)
