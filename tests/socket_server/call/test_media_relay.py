"""The media relay: what is forwarded, held, dropped and counted."""

import base64
import os
from collections.abc import Callable

import pytest
from msgspec import Raw

from sandbox.speech.mulaw import silence, tone
from socket_server.call.media_relay import HELD_BYTES, MediaRelay
from socket_server.call.timer import now_ms
from socket_server.core.actions import ClearAudio, PlayAudio, SendMark
from socket_server.core.conversation import Conversation
from socket_server.core.errors import ProtocolError
from socket_server.core.events import ModelAudio, ResponseCreated
from socket_server.twilio.media_stream import MediaBody, MediaStreamWriter
from tests.socket_server.fakes import OPENAI, FakeModel, FakePhone, payload
from tests.socket_server.scripts import READY, new_call

FRAMES = [os.urandom(160) for _ in range(600)]


class Clock:
    """One that a test sets."""

    def __init__(self) -> None:
        self.now_ms = 0

    def __call__(self) -> int:
        return self.now_ms


def begun(
    call: Conversation,
    phone: FakePhone | None = None,
    model: FakeModel | None = None,
    clock: Callable[[], int] = now_ms,
) -> MediaRelay:
    relay = MediaRelay(phone or FakePhone(), OPENAI.append, clock)
    relay.model = model
    relay.begin(call, MediaStreamWriter("MZ1"))
    return relay


def media(audio: bytes, timestamp: int | None = None) -> MediaBody:
    return MediaBody(payload(audio), timestamp)


def ready() -> Conversation:
    call = new_call()
    call.receive(READY, 100)
    return call


async def test_frames_are_held_until_the_session_is_ready_and_then_sent_whole_in_order() -> None:
    call, model = new_call(), FakeModel()
    relay = MediaRelay(FakePhone(), OPENAI.append, now_ms)
    for frame in FRAMES[:300]:
        relay.from_caller(media(frame))
    relay.model = model
    relay.begin(call, MediaStreamWriter("MZ1"))
    for frame in FRAMES[300:]:
        relay.from_caller(media(frame))
    assert model.sent == []
    model.stalled = True  # so much at once does not leave at once
    relay.send_held()
    assert model.audio == b"".join(FRAMES)
    assert relay.dropped_frames == 0


async def test_what_follows_held_frames_is_sent_while_they_are_leaving() -> None:
    model = FakeModel()
    relay = begun(ready(), model=model)
    model.stalled = True
    relay.send_held()
    relay.from_caller(media(FRAMES[0]))
    assert model.audio == FRAMES[0]
    model.stalled = False
    relay.from_caller(media(FRAMES[1]))
    model.stalled = True
    relay.from_caller(media(FRAMES[2]))
    assert model.audio == FRAMES[0] + FRAMES[1]
    assert relay.dropped_frames == 1


async def test_of_too_many_held_frames_the_oldest_go_and_are_counted() -> None:
    relay, model = MediaRelay(FakePhone(), OPENAI.append, now_ms), FakeModel()
    fitting = HELD_BYTES // len(base64.b64encode(bytes(160)) + b'""')
    for number in range(fitting + 3):
        relay.from_caller(media(number.to_bytes(160)))
    relay.model = model
    relay.send_held()
    assert model.audio[:160] == (3).to_bytes(160)
    assert len(model.sent) == fitting
    assert relay.dropped_frames == 3


async def test_frames_are_held_by_their_bytes_however_long_they_are() -> None:
    relay, model = MediaRelay(FakePhone(), OPENAI.append, now_ms), FakeModel()
    for _ in range(20):
        relay.from_caller(media(bytes(45_000)))
    relay.model = model
    relay.send_held()
    assert (len(model.sent), relay.dropped_frames) == (5, 15)


async def test_frames_for_a_model_that_stalls_are_dropped_and_counted() -> None:
    model = FakeModel()
    relay = begun(ready(), model=model)
    relay.from_caller(media(FRAMES[0]))
    model.stalled = True
    relay.from_caller(media(FRAMES[1]))
    model.stalled = False
    relay.from_caller(media(FRAMES[2]))
    assert model.audio == FRAMES[0] + FRAMES[2]
    assert relay.dropped_frames == 1


async def test_frames_for_a_model_that_is_gone_go_nowhere() -> None:
    relay = begun(ready())
    relay.from_caller(media(FRAMES[0]))
    relay.send_held()
    assert relay.dropped_frames == 0


async def test_empty_audio_is_nothing_and_no_bad_messages() -> None:
    phone, model = FakePhone(), FakeModel()
    relay = begun(ready(), phone, model)
    relay.from_caller(media(b""))
    relay.from_model(ModelAudio("r", "i", payload(b"")))
    assert (model.sent, phone.sent) == ([], [])


@pytest.mark.parametrize("text", [b"7", b"null", b'"AAA"', b"{}"])
async def test_what_is_no_base64_text_is_a_bad_message_of_its_peer(text: bytes) -> None:
    relay = begun(ready())
    with pytest.raises(ProtocolError, match="phone: expected audio as base64 text, got"):
        relay.from_caller(MediaBody(Raw(text)))
    with pytest.raises(ProtocolError, match="model: expected audio as base64 text, got"):
        relay.from_model(ModelAudio("r", "i", Raw(text)))


async def test_audio_of_the_model_goes_to_the_phone_as_it_came_with_the_marks_of_the_ledger() -> None:
    phone, call = FakePhone(), ready()
    relay = begun(call, phone)
    call.receive(ResponseCreated("r0"), 200)
    for frame in FRAMES[:20]:
        relay.from_model(ModelAudio("r0", "i0", payload(frame)))
    played = [message["media"]["payload"] for message in phone.sent if message["event"] == "media"]
    assert [base64.b64decode(text) for text in played] == FRAMES[:20]
    marks = [message["mark"]["name"] for message in phone.sent if message["event"] == "mark"]
    assert marks == [str(number + 1) for number in range(len(marks))]
    assert marks
    assert {message["streamSid"] for message in phone.sent} == {"MZ1"}


async def test_audio_of_the_model_before_the_call_begins_goes_nowhere() -> None:
    phone = FakePhone()
    MediaRelay(phone, OPENAI.append, now_ms).from_model(ModelAudio("r", "i", payload(FRAMES[0])))
    assert phone.sent == []


async def test_what_the_core_orders_for_the_phone_is_sent_in_order() -> None:
    phone = FakePhone()
    relay = begun(ready(), phone)
    for action in (PlayAudio(b"\x00\x01\x02"), SendMark("1"), ClearAudio("1")):
        relay.carry_out(action)
    assert phone.events == ["media", "mark", "clear"]
    assert phone.sent[0]["media"]["payload"] == "AAEC"
    assert phone.sent[1]["mark"] == {"name": "1"}


async def test_the_caller_is_quiet_since_the_last_frame_that_held_a_voice() -> None:
    relay, began_ms = begun(ready(), model=FakeModel()), now_ms()
    assert relay.quiet_ms(began_ms + 500) in range(500, 600)
    for number in range(20):
        relay.from_caller(media(tone(20, 440, level=number % 2 * 0.3)))
        relay.look(began_ms + number * 100)
    assert relay.quiet_ms(began_ms + 1900) == 0
    relay.look(began_ms + 3000)  # nothing came
    relay.from_caller(media(silence(20)))
    relay.look(began_ms + 4000)
    assert relay.quiet_ms(began_ms + 4000) == 2100


async def test_audio_that_only_looks_like_base64_text_is_no_voice() -> None:
    relay, began_ms = begun(ready(), model=FakeModel()), now_ms()
    for text in (b'"===="', b'"A==="', b'"!!!!"', b'"\xc3\xa4AA"'):
        relay.from_caller(MediaBody(Raw(text)))
        relay.look(began_ms + 1000)
    assert relay.quiet_ms(began_ms + 1000) >= 1000


async def test_a_gap_of_timestamps_is_filled_with_silence_before_the_frame() -> None:
    model, clock = FakeModel(), Clock()
    relay = begun(ready(), model=model, clock=clock)
    for number, frame in enumerate(FRAMES[:3]):
        relay.from_caller(media(frame, number * 20))
    clock.now_ms = 260
    relay.from_caller(media(FRAMES[3], 260))
    assert model.audio == b"".join(FRAMES[:3]) + silence(200) + FRAMES[3]
    assert relay.filled_ms == 200


async def test_a_line_that_sends_nothing_is_filled_with_silence() -> None:
    model = FakeModel()
    relay, began_ms = begun(ready(), model=model), now_ms() + 1000
    relay.from_caller(media(FRAMES[0], 0))
    for after_ms in range(0, 1100, 100):
        relay.look(began_ms + after_ms)
    assert model.audio == FRAMES[0] + silence(980)
    relay.from_caller(media(FRAMES[1], 1020))
    assert model.audio == FRAMES[0] + silence(980) + FRAMES[1]
    assert relay.filled_ms == 980


async def test_a_model_that_does_not_listen_is_sent_no_silence() -> None:
    model = FakeModel()
    relay, began_ms = begun(ready(), model=model), now_ms() + 1000
    model.stalled = True
    for after_ms in range(0, 2000, 100):
        relay.look(began_ms + after_ms)
    model.stalled = False
    relay.look(began_ms + 2000)
    assert model.audio == silence(100)  # what was missing before is too late
    relay.model = None
    for after_ms in range(2100, 4000, 100):
        relay.look(began_ms + after_ms)
    assert relay.filled_ms == 100


async def test_frames_that_are_held_are_sent_without_silence_between_them() -> None:
    call, model = new_call(), FakeModel()
    relay, began_ms = begun(call, model=model), now_ms() + 1000
    relay.from_caller(media(FRAMES[0], 0))
    for after_ms in range(0, 1000, 100):
        relay.look(began_ms + after_ms)
    relay.from_caller(media(FRAMES[1], 1000))
    assert model.sent == []
    call.receive(READY, 100)
    relay.send_held()
    assert model.audio == FRAMES[0] + FRAMES[1]


async def test_what_was_dropped_and_filled_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    model, clock = FakeModel(), Clock()
    relay = begun(ready(), model=model, clock=clock)
    relay.log_counts()
    assert caplog.messages == []
    relay.from_caller(media(FRAMES[0], 0))
    clock.now_ms = 260
    relay.from_caller(media(FRAMES[1], 260))
    model.stalled = True
    relay.from_caller(media(FRAMES[2], 280))
    relay.log_counts()
    assert caplog.messages == [
        "1 frames of the caller were dropped",
        "the model was sent 240 ms of silence for frames of the caller that did not come",
    ]
