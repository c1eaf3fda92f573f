"""The load: simulated Twilio calls, in a process of its own.

    python -m bench.load '{"port": 8080, "calls": 40, …}'

Each call sends a frame every 20 ms, and the calls are spread evenly over the 20 ms. Each frame is looked for, byte for
byte, in the audio that comes back. The calls behave as Twilio does: a signed handshake, `connected`, `start` with a
token; a mark is returned when the audio before it was played or cleared. At the end the process prints one line of
JSON, in which `lag_ms` is how late it was itself.
"""

import asyncio
import base64
import json
import sys
import time
from dataclasses import dataclass, field

import jwt
import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect
from twilio.request_validator import RequestValidator

from bench.child_process import write_line
from bench.wire import (
    AUTH_TOKEN,
    FRAME_BYTES,
    FRAME_MS,
    PAYLOAD,
    SILENCE,
    STREAM_URL,
    TOKEN_SECRET,
    encode_audio,
    encode_media,
    encode_start,
    make_call_sid,
    make_frame,
    make_stream_sid,
)
from bench.workload import Workload

CONNECTED = b'{"event":"connected","protocol":"Call","version":"1.0.0"}'
SIGNATURE = RequestValidator(AUTH_TOKEN).compute_signature(STREAM_URL, {})


@dataclass(slots=True)
class LoadStats:
    """Times are in nanoseconds of the monotonic clock."""

    delays: list[int] = field(default_factory=list)
    lags: list[int] = field(default_factory=list)
    clears: list[tuple[int, int]] = field(default_factory=list)
    last_marks: dict[str, int] = field(default_factory=dict)
    first_bytes: list[int] = field(default_factory=list)
    counted_from_ns: int = sys.maxsize
    """Frames that were sent before are not counted when they come back."""
    sent: int = 0
    found: int = 0
    unexpected: int = 0
    """Frames that were never sent, or that came back twice."""
    came_back: int = 0
    """All audio that came back, in frames."""
    lost_calls: int = 0


class Phone(WSListener):
    """Twilio's end of one stream."""

    def __init__(self, call: int, workload: Workload, stats: LoadStats) -> None:
        self.call = call
        self._all_frames_timed = workload.delta_ms == FRAME_MS
        self._frame_ns = FRAME_MS * 1_000_000 // workload.speed
        self._playing_until_ns = 0
        self._marks: dict[str, asyncio.TimerHandle] = {}
        self.sent_frames: dict[bytes, int] = {}
        """When each frame was sent that has not come back yet."""
        self.measuring = False
        self._stats = stats
        self._frame_number = 0
        self._dialled_ns = time.monotonic_ns()
        self._waiting_for_greeting = True
        self._transport: WSTransport

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        now = int(time.time())
        claims = {
            "aud": "media-stream",
            "sub": make_call_sid(self.call),
            "jti": f"j{self.call}",
            "iat": now,
            "exp": now + 120,
        }
        transport.send(WSMsgType.TEXT, CONNECTED)
        transport.send(WSMsgType.TEXT, encode_start(self.call, jwt.encode(claims, TOKEN_SECRET, "HS256")))

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._stats.lost_calls += self.measuring
        for timer in self._marks.values():
            timer.cancel()

    def send_frame(self) -> None:
        """Send one frame of the caller's audio."""
        audio = make_frame(self.call, self._frame_number)
        self.sent_frames[audio] = time.monotonic_ns()
        self._transport.send(WSMsgType.TEXT, encode_media(self.call, self._frame_number, encode_audio(audio)))
        self._frame_number += 1
        self._stats.sent += self.measuring

    def stop(self) -> None:
        self.measuring = False
        self._transport.send(
            WSMsgType.TEXT, b'{"event":"stop","streamSid":"%b","stop":{}}' % make_stream_sid(self.call).encode()
        )
        self._transport.send_close()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is not WSMsgType.TEXT:
            return
        now_ns = time.monotonic_ns()
        text = frame.get_payload_as_bytes()
        at = text.find(PAYLOAD)
        if at >= 0:
            at += len(PAYLOAD)
            self._receive_audio(base64.b64decode(text[at : text.index(b'"', at)]), now_ns)
            return
        message = json.loads(text)
        match message["event"]:
            case "media":  # written in another way
                self._receive_audio(base64.b64decode(message["media"]["payload"]), now_ns)
            case "mark":
                name = message["mark"]["name"]
                left_s = max(0, self._playing_until_ns - now_ns) / 1e9
                self._marks[name] = asyncio.get_running_loop().call_later(left_s, self._return_mark, name)
            case "clear":
                self._stats.clears.append((self.call, now_ns))
                self._playing_until_ns = now_ns
                for name in list(self._marks):
                    self._return_mark(name)

    def _return_mark(self, mark: str) -> None:
        self._marks.pop(mark).cancel()
        back = {"event": "mark", "streamSid": make_stream_sid(self.call), "mark": {"name": mark}}
        self._transport.send(WSMsgType.TEXT, json.dumps(back).encode())
        self._stats.last_marks[make_call_sid(self.call)] = time.monotonic_ns()

    def _receive_audio(self, audio: bytes, now_ns: int) -> None:
        if self._waiting_for_greeting:  # the greeting is no echo of a frame
            self._waiting_for_greeting = False
            self._stats.first_bytes.append(now_ns - self._dialled_ns)
        frames = [audio[at : at + FRAME_BYTES] for at in range(0, len(audio), FRAME_BYTES)]
        self._stats.came_back += len(frames)
        self._playing_until_ns = max(now_ns, self._playing_until_ns) + len(frames) * self._frame_ns
        for each in frames:
            sent_ns = self.sent_frames.pop(each, None)
            if sent_ns is None:
                self._stats.unexpected += each != SILENCE
                continue
            if sent_ns < self._stats.counted_from_ns:
                continue
            self._stats.found += 1
            if self._all_frames_timed or each is frames[-1]:  # the model has held the others back on purpose
                self._stats.delays.append(now_ns - sent_ns)


async def _connect_calls(workload: Workload, stats: LoadStats) -> list[Phone]:
    phones = []
    await asyncio.sleep(workload.connect_after_ms / 1000)
    for call in range(workload.calls):
        phone = Phone(call, workload, stats)
        url = f"ws://127.0.0.1:{workload.port}{workload.path}"
        headers = {"x-twilio-signature": SIGNATURE}
        await ws_connect(lambda phone=phone: phone, url, extra_headers=headers, websocket_handshake_timeout=20)
        phones.append(phone)
        await asyncio.sleep(workload.connect_every_ms / 1000)
    return phones


async def _send_frames(phones: list[Phone], seconds: float, speed: int, stats: LoadStats, *, measuring: bool) -> None:
    """Send the frames of all calls, each at its own time within the 20 ms. Delays do not add up."""
    for phone in phones:
        phone.measuring = measuring
    begin_ns = time.monotonic_ns()
    if measuring:
        stats.counted_from_ns = begin_ns
    step_ns = FRAME_MS * 1_000_000 / len(phones) / speed
    for step in range(int(seconds * 1e9 / step_ns)):
        due_ns = begin_ns + int(step * step_ns)
        early_ns = due_ns - time.monotonic_ns()
        if early_ns > 0:
            await asyncio.sleep(early_ns / 1e9)
        if measuring and step % len(phones) == 0:
            stats.lags.append(max(0, time.monotonic_ns() - due_ns))
        phones[step % len(phones)].send_frame()


async def main(workload: Workload) -> None:
    stats = LoadStats()
    phones = await _connect_calls(workload, stats)
    await _send_frames(phones, workload.warm_s, workload.speed, stats, measuring=False)
    write_line({"measuring": True})
    came_back = stats.came_back
    await _send_frames(phones, workload.seconds, workload.speed, stats, measuring=True)
    came_back = stats.came_back - came_back
    write_line({"measuring": False})
    await asyncio.sleep(1.0)  # audio under way arrives now, or is lost
    for phone in phones:
        phone.stop()
    write_line(
        {
            "delays_ms": _compute_percentiles(stats.delays),
            "lag_ms": _compute_percentiles(stats.lags),
            "first_byte_ms": _compute_percentiles(stats.first_bytes),
            "sent": stats.sent,
            "found": stats.found,
            "unexpected": stats.unexpected,
            "came_back": came_back,
            "lost_calls": stats.lost_calls,
            "clears": stats.clears,
            "last_marks": stats.last_marks,
        }
    )


def _compute_percentiles(times_ns: list[int]) -> dict[str, float]:
    ordered = sorted(times_ns)
    if not ordered:
        return {}
    return {
        name: round(ordered[min(len(ordered) - 1, int(len(ordered) * part))] / 1e6, 2)
        for name, part in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))
    }


if __name__ == "__main__":
    uvloop.run(main(Workload(**json.loads(sys.argv[1]))))
