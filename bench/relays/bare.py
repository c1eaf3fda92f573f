"""The least that a relay can cost: no logic, on picows, a WebSocket library in C. It slices instead of parsing.

`python -m bench.relays.bare` reads HOST, PORT and REALTIME_URL.
"""

import asyncio
import json
import os

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect, ws_create_server

PAYLOAD, DELTA, AUDIO = b'"payload":"', b'"delta":"', b"response.output_audio.delta"


class Phone(WSListener):
    def __init__(self) -> None:
        self.transport: WSTransport
        self.model: WSTransport | None = None
        self.head = b""
        self._pending: list[bytes] = []
        self._opening: asyncio.Task[None]

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        self._opening = asyncio.get_running_loop().create_task(self._open())

    async def _open(self) -> None:
        self.model, _ = await ws_connect(lambda: Model(self), os.environ["REALTIME_URL"])
        self.model.send(WSMsgType.TEXT, b'{"type":"session.update","session":{}}')
        self.model.send(WSMsgType.TEXT, b'{"type":"response.create"}')
        for text in self._pending:
            self.model.send(WSMsgType.TEXT, text)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.CLOSE:
            transport.disconnect()
            return
        text = frame.get_payload_as_bytes()
        if text.startswith(b'{"event":"media"'):
            at = text.index(PAYLOAD) + len(PAYLOAD)
            append = b'{"type":"input_audio_buffer.append","audio":"' + text[at : text.index(b'"', at)] + b'"}'
            if self.model is None:
                self._pending.append(append)
            else:
                self.model.send(WSMsgType.TEXT, append)
        elif b'"start"' in text:
            self.head = b'{"event":"media","streamSid":"' + json.loads(text)["streamSid"].encode()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if self.model is not None:
            self.model.disconnect()


class Model(WSListener):
    def __init__(self, phone: Phone) -> None:
        self._phone = phone

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        text = frame.get_payload_as_bytes()
        if AUDIO in text:
            at = text.index(DELTA) + len(DELTA)
            media = self._phone.head + b'","media":{"payload":"' + text[at : text.index(b'"', at)] + b'"}}'
            self._phone.transport.send(WSMsgType.TEXT, media)


async def main() -> None:
    server = await ws_create_server(lambda _: Phone(), os.environ["HOST"], int(os.environ["PORT"]))
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
