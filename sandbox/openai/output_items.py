"""The two kinds of item that a response is made of here: speech, and the call of a tool.

They send the events that are the item's own; the response sends those around it. Simpler than the service:
one audio content in an item, and no text answers (`response.output_text.*`).
"""

import asyncio
import base64
from collections.abc import Callable
from dataclasses import dataclass
from itertools import batched

from sandbox.openai.audio_formats import OutputAudio
from sandbox.openai.conversation import Item
from sandbox.openai.schemas import Message
from sandbox.openai.wire import Wire
from sandbox.speech import mulaw


@dataclass(frozen=True, slots=True)
class Pace:
    """How speech leaves: the service generates it faster than it is spoken."""

    delta_ms: int = 200
    times_real_time: float | None = None  # None: as fast as the socket takes it


class Speech:
    """An assistant's message that is being spoken."""

    def __init__(self, wire: Wire, response_id: str, output_index: int, audio: OutputAudio) -> None:
        self._wire = wire
        self._audio = audio
        document: Message = {
            "id": wire.make_id("item"),
            "object": "realtime.item",
            "type": "message",
            "status": "in_progress",
            "role": "assistant",
            "content": [],
        }
        self.item = Item(document, spoken=True)
        self._where = {"response_id": response_id, "item_id": document["id"], "output_index": output_index}
        self._where["content_index"] = 0
        self._transcript = ""

    async def begin(self) -> None:
        """Open the audio content."""
        part = {"type": "audio", "transcript": ""}
        await self._send("response.content_part.added", part=part)

    async def say(self, audio: bytes, transcript: str, pace: Pace, is_open: Callable[[], bool]) -> None:
        """Send mu-law audio in deltas, the words spread over them, until the end or until a cut."""
        pieces = [bytes(piece) for piece in batched(audio, pace.delta_ms * mulaw.BYTES_PER_MS, strict=False)]
        words = transcript.split()
        for index, piece in enumerate(pieces):
            if not is_open():
                return
            spoken = len(words) * index // len(pieces), len(words) * (index + 1) // len(pieces)
            await self._say_words(words[slice(*spoken)])
            await self.say_piece(piece)
            # The caller of `say` lets others run between two deltas, also when it does not pace itself.
            await asyncio.sleep(mulaw.duration_ms(piece) / 1000 / pace.times_real_time if pace.times_real_time else 0)

    async def say_piece(self, piece: bytes) -> None:
        """Send one delta, whether the response is still open or not."""
        self.item.audio_ms += mulaw.duration_ms(piece)
        await self._send("response.output_audio.delta", delta=base64.b64encode(self._audio.encode(piece)).decode())

    async def end(self) -> None:
        """Close the audio content: with what was said so far, if the response was cut."""
        self.item.document["content"] = [{"type": "output_audio", "transcript": self._transcript}]
        await self._send("response.output_audio.done")
        await self._send("response.output_audio_transcript.done", transcript=self._transcript)
        await self._send("response.content_part.done", part={"type": "audio", "transcript": self._transcript})

    async def _say_words(self, words: list[str]) -> None:
        if words:
            delta = " ".join(words) if not self._transcript else " " + " ".join(words)
            self._transcript += delta
            await self._send("response.output_audio_transcript.delta", delta=delta)

    async def _send(self, kind: str, **fields: object) -> None:
        await self._wire.send({"type": kind, **self._where, **fields})


class FunctionCall:
    """A call of a tool that is being written."""

    def __init__(self, wire: Wire, response_id: str, output_index: int, name: str) -> None:
        self._wire = wire
        self.call_id = wire.make_id("call")
        document: Message = {
            "id": wire.make_id("item"),
            "object": "realtime.item",
            "type": "function_call",
            "status": "in_progress",
            "name": name,
            "call_id": self.call_id,
            "arguments": "",
        }
        self.item = Item(document)
        self._where = {"response_id": response_id, "item_id": document["id"], "output_index": output_index}
        self._where["call_id"] = self.call_id

    async def send_arguments(self, arguments: str) -> None:
        """Send the arguments in two pieces, as a model writes them; a cut call has only some of them."""
        middle = len(arguments) // 2
        for piece in (arguments[:middle], arguments[middle:]):
            self.item.document["arguments"] += piece
            await self._wire.send({"type": "response.function_call_arguments.delta", **self._where, "delta": piece})

    async def end(self) -> None:
        """Send the arguments as far as they were written: the service does so for cut calls too."""
        document = self.item.document
        await self._wire.send(
            {
                "type": "response.function_call_arguments.done",
                **self._where,
                "name": document["name"],
                "arguments": document["arguments"],
            }
        )
