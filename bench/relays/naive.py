"""The naive relay, as most people write it first: Starlette, `websockets`, `json`, two loops for each call.

It relays between phone and model and does nothing else: no token, signature, marks, interruption or record. The cost
of the full bridge is reported as a ratio to this one. `python -m bench.relays.naive` reads HOST, PORT and REALTIME_URL.
"""

import asyncio
import json
import os

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect


async def media_stream(phone: WebSocket) -> None:
    await phone.accept()
    async with connect(os.environ["REALTIME_URL"], compression=None, proxy=None) as model:
        stream_sid: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        await model.send(json.dumps({"type": "session.update", "session": {}}))
        await model.send(json.dumps({"type": "response.create"}))
        phone_task = asyncio.create_task(relay_to_phone(model, phone, stream_sid))
        try:
            await relay_to_model(phone, model, stream_sid)
        finally:
            phone_task.cancel()


async def relay_to_model(phone: WebSocket, model: ClientConnection, stream_sid: asyncio.Future[str]) -> None:
    try:
        while True:
            message = json.loads(await phone.receive_text())
            if message["event"] == "media":
                append = {"type": "input_audio_buffer.append", "audio": message["media"]["payload"]}
                await model.send(json.dumps(append))
            elif message["event"] == "start":
                stream_sid.set_result(message["start"]["streamSid"])
            elif message["event"] == "stop":
                return
    except WebSocketDisconnect:
        return


async def relay_to_phone(model: ClientConnection, phone: WebSocket, stream_sid: asyncio.Future[str]) -> None:
    async for text in model:
        message = json.loads(text)
        if message["type"] == "response.output_audio.delta":
            media = {"event": "media", "streamSid": await stream_sid, "media": {"payload": message["delta"]}}
            await phone.send_text(json.dumps(media))


app = Starlette(routes=[WebSocketRoute("/media-stream", media_stream)])

if __name__ == "__main__":
    uvicorn.run(
        app,
        host=os.environ["HOST"],
        port=int(os.environ["PORT"]),
        loop="uvloop",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        log_level="warning",
    )
