"""A fast stand-in for the Realtime API, and for the two AWS services that a call uses, in a process of its own.

    python -m bench.model '{"deltas_ms": 20, …}'

It echoes the caller: each appended frame (or `deltas_ms` of them together) is the next delta of its answer, so that
the load finds every frame again. It prints its two ports as one line of JSON. When its standard input is closed it
prints what it has counted, with times of the monotonic clock, which all processes of a machine share.
"""

import asyncio
import base64
import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_create_server

from bench.child_process import wait_for_stdin_close, write_line
from bench.cloud import CloudStats, serve_cloud
from bench.wire import APPEND, FRAME_MS, SILENCE, encode_delta, encode_event, find_call, make_response, make_spoken_item
from bench.workload import ModelBehavior

ITEM_FRAMES = 250  # five seconds of speech


@dataclass(slots=True)
class SessionStats:
    speech_started: list[tuple[int, int]] = field(default_factory=list)
    """Each is (call, nanoseconds of the monotonic clock)."""


class Session(WSListener):
    """One session of the service."""

    def __init__(self, behavior: ModelBehavior, stats: SessionStats) -> None:
        self._behavior = behavior
        self._stats = stats
        self._transport: WSTransport
        self._session: dict[str, object] = {"type": "realtime"}
        self._call: int | None = None
        self._response = self._item = 0
        self._in_item = 0
        self._pieces: list[bytes] = []
        self._speaking = False
        self._timers: list[asyncio.TimerHandle] = []

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        self._send(encode_event("session.created", session=self._session))

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        for timer in self._timers:
            timer.cancel()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.CLOSE:
            transport.disconnect()
            return
        text = frame.get_payload_as_bytes()
        if text.startswith(APPEND):
            self._receive_audio(text[len(APPEND) : -2])
        elif frame.msg_type is WSMsgType.TEXT:
            self._handle(json.loads(text))

    def _handle(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "input_audio_buffer.append":  # with other white space or order of keys
                self._receive_audio(str(message["audio"]).encode())
            case "session.update":
                self._session |= message["session"]
                self._send(encode_event("session.updated", session=self._session))
            case "response.create":
                self._schedule(self._behavior.first_audio_ms, self._begin_response)
                self._send(self._encode_response_created((message.get("response") or {}).get("metadata")))

    def _encode_response_created(self, metadata: object = None) -> bytes:
        self._response += 1
        self._item += 1
        return encode_event(
            "response.created", response=make_response(self._response, "in_progress", metadata=metadata)
        )

    def _begin_response(self) -> None:
        self._speaking = True
        self._in_item = 0
        # The first delta is not an echo: callers may wait for the greeting before they speak.
        self._send(encode_delta(self._response, self._item, base64.b64encode(b"\xff" * 160)))

    def _receive_audio(self, payload: bytes) -> None:
        if self._call is None:
            audio = base64.b64decode(payload)
            if audio.startswith(SILENCE):  # the container fills a gap before the first frame with silence
                return
            self._call = find_call(audio)
            if self._behavior.interrupt_every_ms:  # each call at a time of its own
                self._schedule(
                    self._behavior.interrupt_every_ms * (self._call % 16 + 1) // 16, self._interrupt_response
                )
            if self._behavior.transfer_after_ms:
                self._schedule(self._behavior.transfer_after_ms + 50 * self._call, self._call_transfer_tool)
        if not self._speaking:
            return
        self._pieces.append(payload)
        if len(self._pieces) * FRAME_MS < self._behavior.deltas_ms:
            return
        pieces, self._pieces = self._pieces, []
        whole = pieces[0] if len(pieces) == 1 else base64.b64encode(b"".join(map(base64.b64decode, pieces)))
        self._send(encode_delta(self._response, self._item, whole))
        self._in_item += len(pieces)
        if self._in_item >= ITEM_FRAMES:
            self._send(self._encode_item_done())
            self._item += 1
            self._in_item = 0

    def _interrupt_response(self) -> None:
        """What server VAD with `interrupt_response` does: cancel the response, and start another."""
        self._stats.speech_started.append((self._call or 0, time.monotonic_ns()))
        self._send(encode_event("input_audio_buffer.speech_started", item_id=f"heard_{self._item}", audio_start_ms=0))
        details = {"type": "cancelled", "reason": "turn_detected"}
        self._send(
            encode_event("response.done", response=make_response(self._response, "cancelled", status_details=details))
        )
        self._send(encode_event("input_audio_buffer.speech_stopped", item_id=f"heard_{self._item}", audio_end_ms=0))
        self._send(self._encode_response_created())
        self._begin_response()
        self._schedule(self._behavior.interrupt_every_ms, self._interrupt_response)

    def _call_transfer_tool(self) -> None:
        """Finish the sentence, and call the tool in the same response."""
        self._speaking = False
        item = {
            "id": f"call_item_{self._response}",
            "type": "function_call",
            "status": "completed",
            "name": "transfer_to_human",
            "call_id": f"call_{self._call}",
            "arguments": json.dumps({"destination": "desk", "reason": "asked", "summary": "asked for a person"}),
        }
        self._send(self._encode_item_done())
        begun = item | {"status": "in_progress"}
        self._send(
            encode_event("response.output_item.added", response_id=f"resp_{self._response}", output_index=1, item=begun)
        )
        output = [make_spoken_item(f"item_{self._item}"), item]
        self._send(encode_event("response.done", response=make_response(self._response, "completed", output=output)))

    def _encode_item_done(self) -> bytes:
        ids = {"response_id": f"resp_{self._response}", "item_id": f"item_{self._item}"}
        return encode_event("response.output_audio.done", **ids, output_index=0, content_index=0)

    def _schedule(self, after_ms: int, action: Callable[[], None]) -> None:
        self._timers.append(asyncio.get_running_loop().call_later(after_ms / 1000, action))

    def _send(self, text: bytes) -> None:
        self._transport.send(WSMsgType.TEXT, text)


async def _start_slow_proxy(port: int, wait_ms: int) -> int:
    """Start a proxy that delays each connection. Returns its port."""

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(wait_ms / 1000)
        model_reader, model_writer = await asyncio.open_connection("127.0.0.1", port)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_pipe(reader, model_writer))
            tasks.create_task(_pipe(model_reader, writer))

    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    return int(server.sockets[0].getsockname()[1])


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
    writer.close()


async def main(behavior: ModelBehavior) -> None:
    stats, cloud_stats = SessionStats(), CloudStats()
    server = await ws_create_server(lambda _: Session(behavior, stats), "127.0.0.1", 0)
    port = int(server.sockets[0].getsockname()[1])
    if behavior.accept_ms:
        port = await _start_slow_proxy(port, behavior.accept_ms)
    async with serve_cloud(cloud_stats) as cloud_port:
        write_line({"port": port, "cloud_port": cloud_port})
        await wait_for_stdin_close()
    write_line({"speech_started": stats.speech_started, "transfers": cloud_stats.transfers})


if __name__ == "__main__":
    uvloop.run(main(ModelBehavior(**json.loads(sys.argv[1]))))
