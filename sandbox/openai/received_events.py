"""What a client has sent in one session, and ways to wait for it.

`expect` and its like fail with an AssertionError that tells what came instead; they never wait for ever.
"""

import asyncio
from collections.abc import Callable

from sandbox.openai.schemas import Message
from sandbox.speech import mulaw

# Long enough for a loaded machine, where a hand-over by way of three cold functions took more than ten; short enough
# that a test which waits in vain is understood at once.
WAIT_TIMEOUT_S = 45.0


class ClientRecord:
    """The client's side of one session, as the model saw it."""

    def __init__(self) -> None:
        self.received: list[Message] = []  # every message in order, without input_audio_buffer.append
        self.audio = bytearray()  # what the appends carried, as mu-law, over the whole session
        self.appends = 0
        self.closed = False
        self.close_code: int | None = None  # the code of the close frame; 1006 when there was none
        self.timeout_s = WAIT_TIMEOUT_S
        self._read = 0
        self._changed = asyncio.Event()

    async def expect(self, kind: str) -> Message:
        """Return the next message, which must be of this type."""
        message = await self._take_next(kind)
        assert message["type"] == kind, f"the model expected {kind!r} and got {message}"
        return message

    async def wait_for(self, kind: str) -> Message:
        """Return the next message of this type, passing over others."""
        while True:
            message = await self._take_next(kind)
            if message["type"] == kind:
                return message

    async def wait_for_audio(self, audio: bytes) -> None:
        """Wait until this audio has arrived, in one piece, anywhere in the session."""
        await self._wait_until(lambda: audio in self.audio, f"{len(audio)} bytes of audio")

    async def wait_for_audio_ms(self, duration_ms: int) -> None:
        """Wait until this much audio has arrived since the session began."""
        await self._wait_until(lambda: mulaw.duration_ms(self.audio) >= duration_ms, f"{duration_ms} ms of audio")

    async def wait_for_more_audio(self, heard_bytes: int) -> bytes:
        """Wait for audio beyond the first `heard_bytes`, however long it takes, and return all of it."""
        while len(self.audio) <= heard_bytes:
            self._changed.clear()
            await self._changed.wait()
        return bytes(self.audio[heard_bytes:])

    async def wait_for_end(self) -> int | None:
        """Wait until the socket is closed; return the close code."""
        await self._wait_until(lambda: self.closed, "the end of the session")
        return self.close_code

    def note_change(self) -> None:
        """Wake up whoever waits."""
        self._changed.set()

    async def _take_next(self, kind: str) -> Message:
        await self._wait_until(lambda: len(self.received) > self._read or self.closed, kind)
        assert len(self.received) > self._read, f"the client closed ({self.close_code}) before it sent {kind!r}"
        self._read += 1
        return self.received[self._read - 1]

    async def _wait_until(self, arrived: Callable[[], bool], what: str) -> None:
        try:
            async with asyncio.timeout(self.timeout_s):
                while not arrived():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            came = [message["type"] for message in self.received]
            came.append(f"{len(self.audio)} bytes of audio")
            raise AssertionError(f"the model waited {self.timeout_s} s for {what}; it received {came}") from None
