"""Who gets in, and what garbage does: handshake, token, messages of the phone and of the model, over real sockets."""

import json
import time
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from sandbox.cloud.faults import Silent
from sandbox.model.faults import Faults
from sandbox.model.session import Session
from tests.socket_server.conftest import Build, House
from tests.socket_server.phone import AUTH_TOKEN, STREAM_URL, Phone, mint, sign

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def alive(house: House) -> None:
    """A call goes as it should: whatever went before has hurt nobody."""
    phone, session = await house.talk()
    await session.speak(bytes(range(160)) * 10, "Hello")
    await phone.hears(bytes(range(160)) * 10)
    await phone.stop()
    assert await session.ends() == 1000


# --- the handshake


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-twilio-signature": ""},
        {"x-twilio-signature": "not base64 §"},
        {"x-twilio-signature": "x" * 5000},
        sign(auth_token="somebody else's"),
        sign(url=STREAM_URL.replace("wss", "https")),
        sign(url=f"{STREAM_URL}?token=1"),
    ],
    ids=["none", "empty", "not-ascii", "long", "foreign-key", "https-url", "with-query"],
)
async def test_a_handshake_without_twilios_signature_gets_403_and_opens_no_model(
    house: House, headers: dict[str, str]
) -> None:
    opened = len(house.model.sessions)
    with pytest.raises(InvalidStatus) as refused:
        await Phone.dial(house.port, headers)
    assert refused.value.response.status_code == 403
    await alive(house)
    assert len(house.model.sessions) == opened + 1


async def test_a_signature_over_the_url_with_a_slash_at_its_end_is_good(house: House) -> None:
    phone = await Phone.dial(house.port, sign(f"{STREAM_URL}/", AUTH_TOKEN))
    session = await house.model.session()
    await phone.start()
    await session.expect("session.update")
    await phone.stop()


async def test_the_call_that_is_one_too_many_gets_503(build: Build) -> None:
    house = await build({"MAX_CALLS": "1"})
    phone, session = await house.talk()
    with pytest.raises(InvalidStatus) as refused:
        await house.dial()
    assert refused.value.response.status_code == 503
    await phone.stop()
    await session.ends()
    await house.logged("calls in progress: 0")
    await alive(house)


# --- the token


def tokens(call_sid: str) -> dict[str, str]:
    now = int(time.time())
    return {
        "missing": "",
        "garbage": "not.a.token",
        "not-ascii": "§§§.§§§.§§§",
        "foreign-key": mint(call_sid, secret="x" * 40),
        "other-call": mint("CA" + "f" * 32),
        "other-audience": mint(call_sid, aud="webhook"),
        "expired": mint(call_sid, iat=now - 300, exp=now - 180),
        "no-expiry": mint(call_sid, exp=None),
        "no-id": mint(call_sid, jti=None),
        "unsigned": "eyJhbGciOiJub25lIn0." + mint(call_sid).split(".")[1] + ".",
    }


@pytest.mark.parametrize("kind", list(tokens("CA")))
async def test_a_stream_without_a_good_token_is_closed_before_the_model_hears_anything(house: House, kind: str) -> None:
    phone = await house.dial()
    session = await house.model.session()
    await phone.media(b"secret" * 20)
    await phone.start(tokens(phone.call_sid)[kind])
    assert await phone.closed() == 1008
    await session.ends()
    assert (session.received, bytes(session.audio)) == ([], b"")


async def second_stream(house: House, call_sid: str, token: str) -> tuple[Phone, Session]:
    """Another stream of the same call that brings this token."""
    phone = await house.dial()
    session = await house.model.session()
    phone.call_sid = call_sid
    await phone.start(token)
    return phone, session


async def test_a_token_serves_one_stream_only(house: House) -> None:
    phone, _ = await house.talk()
    token = mint(phone.call_sid)
    first, first_session = await second_stream(house, phone.call_sid, token)
    await first_session.expect("session.update")
    other, other_session = await second_stream(house, phone.call_sid, token)
    assert await other.closed() == 1008
    await other_session.ends()
    assert other_session.received == []
    await first.stop()
    await phone.stop()


async def test_without_the_table_signature_token_and_memory_decide(build: Build) -> None:
    house = await build({})
    house.cloud.dynamodb.fault = Silent()
    phone, session = await house.talk()
    token = mint(phone.call_sid)
    _, first_session = await second_stream(house, phone.call_sid, token)
    await first_session.expect("session.update")
    other, _ = await second_stream(house, phone.call_sid, token)
    assert await other.closed() == 1008
    await session.speak(bytes(160), "Hello")
    await phone.hears(bytes(160))
    house.cloud.dynamodb.fault = None


# --- garbage from the phone

GARBAGE = [
    "",
    "garbage",
    "[]",
    "{}",
    "null",
    '{"event": 7}',
    '{"event": "start"}',
    '{"event": "media"}',
    '{"event": "media", "media": {"payload": 7}}',
    '{"event": "media", "media": {"payload": "not base64!"}}',
    '{"event": "media", "media": {"payload": ""}}',
    '{"event": "mark", "mark": {"name": {}}}',
    '{"event": "mark", "mark": {"name": "never sent"}}',
    '{"event": "dtmf", "dtmf": {"digit": "seven"}}',
    '{"event": "something new", "streamSid": "MZ"}',
    "[" * 10_000,
    b"\x00\xff",
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
async def test_garbage_in_a_call_is_dropped_and_the_call_goes_on(house: House, garbage: str | bytes) -> None:
    phone, session = await house.talk()
    await phone.send(garbage)
    await phone.media(frame := bytes(range(160)))
    await session.hears(frame)
    await phone.stop()
    assert await house.ended(phone) == "caller_gone"


@pytest.mark.parametrize(
    ("garbage", "reason"),
    [
        ("garbage", "expected a JSON object with an event, got 7 bytes"),
        ("{}", "expected a JSON object with an event, got 2 bytes"),
        ('{"event": "start"}', "bad start message: Object missing required field"),
        (b"\x00", "expected text, got a binary message of 1 bytes"),
    ],
)
async def test_garbage_instead_of_a_start_is_refused_with_a_reason_in_the_log(
    house: House, garbage: str | bytes, reason: str
) -> None:
    phone = await house.dial()
    session = await house.model.session()
    await phone.send(garbage)
    assert await phone.closed() == 1008
    await session.ends()
    assert session.received == []
    assert await house.logged(f"stream refused: phone: {reason}")


@pytest.mark.parametrize(
    "changed",
    [
        {"mediaFormat": {"encoding": "audio/x-l16", "sampleRate": 16000, "channels": 1}},
        {"mediaFormat": None},
        {"callSid": 7},
        {"callSid": "CA\r\nInjected: yes"},
        {"callSid": "C" * 5000},
        {"streamSid": None},
        {"customParameters": {"token": {"nested": 1}}},
        {"customParameters": None},
    ],
    ids=["l16", "no-format", "number", "line-break", "long", "no-stream", "nested", "no-parameters"],
)
async def test_a_start_of_the_wrong_shape_is_refused(house: House, changed: dict[str, Any]) -> None:
    phone = await house.dial()
    session = await house.model.session()
    await phone.start(**changed)
    assert await phone.closed() == 1008
    await session.ends()


async def test_a_peer_that_sends_only_garbage_is_closed(house: House) -> None:
    phone, session = await house.talk()
    for _ in range(20):
        await phone.send("garbage")
    assert await phone.closed() == 1000
    await session.ends()
    assert await house.ended(phone) == "stream_lost"


async def test_a_huge_message_ends_only_its_call(house: House) -> None:
    phone, session = await house.talk()
    await phone.send(json.dumps({"event": "media", "media": {"payload": "A" * 200_000}}))
    assert await phone.closed() == 1009
    await session.ends()
    await alive(house)


async def test_a_connection_lost_without_a_word_closes_the_model(house: House) -> None:
    phone, session = await house.talk()
    phone.abort()
    await session.ends()
    assert await house.ended(phone) == "stream_lost"


# --- the model

MODEL_GARBAGE = [
    "garbage",
    "[]",
    '{"type": 7}',
    '{"type": "response.output_audio.delta"}',
    '{"type": "response.output_audio.delta", "response_id": "r", "item_id": "i", "delta": "AAA"}',
    '{"type": "response.output_audio.delta", "response_id": "r", "item_id": "i", "delta": 5}',
    '{"type": "response.done", "response": "r"}',
    '{"type": "response.done", "response": {"id": "r", "status": "completed", "output": [7]}}',
    '{"type": "error", "error": "text"}',
    '{"type": "conversation.item.nonsense"}',
    b"\x00\x01",
]


@pytest.mark.parametrize("garbage", MODEL_GARBAGE, ids=range(len(MODEL_GARBAGE)))
async def test_garbage_of_the_model_is_dropped_and_the_call_goes_on(house: House, garbage: str | bytes) -> None:
    phone, session = await house.talk()
    await session.send_frame(garbage)
    await session.speak(bytes(320), "Hello")
    await phone.hears(bytes(320))
    await phone.stop()
    assert await house.ended(phone) == "caller_gone"


async def test_a_model_that_sends_only_garbage_is_left_for_a_person(house: House) -> None:
    phone, session = await house.talk()
    for _ in range(20):
        await session.send_frame("garbage")
    await house.transfers(phone)
    await session.ends()
    await phone.stop()


@pytest.mark.parametrize("session_kind", ["pcm", "alaw", "nothing"])
async def test_a_session_of_another_format_is_never_heard(build: Build, session_kind: str) -> None:
    formats = {"pcm": {"type": "audio/pcm", "rate": 24000}, "alaw": {"type": "audio/pcma"}, "nothing": None}
    house = await build({})
    house.model.faults = Faults(echo={"audio": {"output": {"format": formats[session_kind]}}})
    phone = await house.dial()
    session = await house.model.session()
    await phone.start()
    await house.transfers(phone)
    await session.ends()
    assert [m["type"] for m in session.received] == ["session.update"]
    await phone.stop()


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
async def test_a_model_that_refuses_the_handshake_is_a_case_for_a_person(build: Build, status: int) -> None:
    house = await build({})
    house.model.faults = Faults(handshake_status=status)
    phone = await house.dial()
    await phone.start()
    [request] = await house.transfers(phone)
    assert request["announce"] is True
    assert await house.logged(f"model lost: HTTP {status}")
    await phone.stop()


async def test_a_fatal_error_of_the_service_hands_the_caller_over(house: House) -> None:
    phone, session = await house.talk()
    await session.fail("session_expired", "Your session hit the maximum duration of 60 minutes.")
    await house.transfers(phone)
    await session.ends()
    await phone.stop()


async def test_another_error_of_the_service_changes_nothing(house: House) -> None:
    phone, session = await house.talk()
    await session.fail("response_cancel_not_active", "Cancellation failed: no active response found")
    await session.speak(bytes(320), "Hello")
    await phone.hears(bytes(320))
    await phone.stop()
    assert await house.ended(phone) == "caller_gone"


async def test_the_older_event_names_are_understood(build: Build) -> None:
    house = await build({})
    house.model.beta_names = True
    phone, session = await house.talk()
    await session.speak(bytes(range(160)), "Hello")
    mark = await phone.hears(bytes(range(160)))
    await phone.mark_played(mark)
    await phone.stop()
    turns = await house.turns(phone, 1)
    assert [turn.said for turn in turns] == ["Hello"]
