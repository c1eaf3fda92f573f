"""A peer: openai-agents' realtime session on a Twilio stream, with the settings of the package's own Twilio example.

The Python package has no transport for Twilio: its example (examples/realtime/twilio) is what people start from.

* As in the example: the session is opened before the stream is accepted. The caller's audio is buffered for 50 ms
  (60 ms, as frames have 20), and audio older than 100 ms is sent anyway. Each delta of the model's audio is followed by
  a mark, and the playback tracker is told when it returns. An interruption sends `clear`. uvicorn has its defaults.
* Unlike the example: the model is asked for a greeting, because the stand-in does not speak first. The example's tools,
  its print for each mark and its larger buffer at the start are left out. No traces are exported to the internet.

`python -m bench.relays.agents` reads HOST, PORT, REALTIME_URL and OPENAI_API_KEY. It runs in `.venv-peers`.
"""

import asyncio
import base64
import json
import os
import time
from collections.abc import AsyncIterable
from contextlib import suppress
from typing import Any

import uvicorn
from agents import set_tracing_disabled
from agents.realtime import RealtimeAgent, RealtimePlaybackTracker, RealtimeRunner
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

CHUNK_S, STALE_S = 0.05, 0.1
CHUNK_BYTES = int(8000 * CHUNK_S)

AGENT = RealtimeAgent(name="Phone", instructions="You answer the phone. Be brief.")
SETTINGS = {
    "model_name": "gpt-realtime-2.1",
    "input_audio_format": "g711_ulaw",
    "output_audio_format": "g711_ulaw",
    "turn_detection": {"type": "semantic_vad", "interrupt_response": True, "create_response": True},
}


async def media_stream(phone: WebSocket) -> None:
    tracker = RealtimePlaybackTracker()
    config = {
        "url": os.environ["REALTIME_URL"],
        "api_key": os.environ["OPENAI_API_KEY"],
        "initial_model_settings": SETTINGS,
        "playback_tracker": tracker,
    }
    async with await RealtimeRunner(AGENT).run(model_config=config) as session:
        await phone.accept()
        call = Call(phone, session, tracker)
        tasks = [asyncio.create_task(each) for each in (call.relay_to_phone(session), call.send_stale_audio())]
        try:
            with suppress(WebSocketDisconnect):
                await call.relay_to_model()
        finally:
            for each in tasks:
                each.cancel()


class Call:
    def __init__(self, phone: WebSocket, session: Any, tracker: Any) -> None:
        self._phone = phone
        self._session = session
        self._tracker = tracker
        self._stream_sid = ""
        self._buffer = bytearray()
        self._sent_at = time.monotonic()
        self._marks: dict[str, tuple[str, int, int]] = {}
        """Item, content index and bytes of what was sent before each mark."""
        self._marked = 0

    async def relay_to_model(self) -> None:
        while True:
            message = json.loads(await self._phone.receive_text())
            match message["event"]:
                case "media":
                    await self._add_audio(base64.b64decode(message["media"]["payload"]))
                case "mark":
                    self._note_played(message["mark"]["name"])
                case "start":
                    self._stream_sid = message["start"]["streamSid"]
                    await self._session.send_message("Greet the caller.")
                case "stop":
                    return

    async def _add_audio(self, audio: bytes) -> None:
        self._buffer += audio
        if len(self._buffer) >= CHUNK_BYTES:
            await self._send_buffer()

    def _note_played(self, mark: str) -> None:
        if played := self._marks.pop(mark, None):
            item_id, content_index, length = played
            self._tracker.on_play_bytes(item_id, content_index, bytes(length))

    async def _send_buffer(self) -> None:
        audio = bytes(self._buffer)
        self._buffer.clear()
        self._sent_at = time.monotonic()
        await self._session.send_audio(audio)

    async def send_stale_audio(self) -> None:
        while True:
            await asyncio.sleep(CHUNK_S)
            if self._buffer and time.monotonic() - self._sent_at > STALE_S:
                await self._send_buffer()

    async def relay_to_phone(self, events: AsyncIterable[Any]) -> None:
        async for event in events:
            if event.type == "audio":
                audio = event.audio
                await self._send("media", media={"payload": base64.b64encode(audio.data).decode()})
                self._marked += 1
                self._marks[str(self._marked)] = (audio.item_id, audio.content_index, len(audio.data))
                await self._send("mark", mark={"name": str(self._marked)})
            elif event.type == "audio_interrupted":
                await self._send("clear")

    async def _send(self, event: str, **fields: object) -> None:
        await self._phone.send_text(json.dumps({"event": event, "streamSid": self._stream_sid, **fields}))


app = Starlette(routes=[WebSocketRoute("/media-stream", media_stream)])

if __name__ == "__main__":
    set_tracing_disabled(True)
    uvicorn.run(app, host=os.environ["HOST"], port=int(os.environ["PORT"]), log_level="warning")
