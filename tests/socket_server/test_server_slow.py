"""A side of the real server that does not take what it is sent, or is long in coming: what is kept, and what is not.

The figures are sizes, not times: much more is sent than the server may keep, and the kernel counts what it kept.
"""

import asyncio

import pytest

from sandbox.openai.faults import Faults
from sandbox.openai.session import Session
from socket_server.twilio.socket import UNSENT_BYTES
from tests.peak_memory import PeakMemory
from tests.socket_server.conftest import ServerHarness
from tests.socket_server.phone import WAIT_TIMEOUT_S, Phone
from tests.socket_server.steps import speech, spoken

pytestmark = pytest.mark.asyncio(loop_scope="module")

MUCH_BYTES = 16_000  # of audio in one message: more than Twilio sends in one, so that much is sent soon
KEPT_BYTES = 3 * UNSENT_BYTES  # a buffer that grows is copied; for a model much less may wait


def numbered(count: int, size: int, first: int = 0) -> list[bytes]:
    """Pieces of audio that can be told apart."""
    return [number.to_bytes(4) * (size // 4) for number in range(first, first + count)]


def numbers(audio: bytes, size: int) -> list[int]:
    """Which pieces these are; each has to be whole."""
    pieces = [audio[at : at + size] for at in range(0, len(audio), size)]
    assert [piece[:4] * (size // 4) for piece in pieces] == pieces
    return [int.from_bytes(piece[:4]) for piece in pieces]


async def say(phone: Phone, *frames: bytes) -> None:
    """Send them; whoever reads nothing is not waited for."""
    async with asyncio.timeout(WAIT_TIMEOUT_S):
        for frame in frames:
            await phone.media(frame)


async def talk_on(session: Session, most_bytes: int) -> None:
    """The model speaks until it has said this much, or its socket is closed."""
    response, minute = await session.respond(), bytes(8 * 60_000)
    for _ in range(0, most_bytes, len(minute)):
        if response.open:
            await response.speak(minute, "more than the network takes")


async def test_no_frame_is_lost_while_the_models_socket_opens(harness: ServerHarness) -> None:
    accept = asyncio.Event()
    harness.model.faults = Faults(accept_when=accept, ignores=frozenset({"session.update"}))
    phone = await harness.dial()
    await harness.model.wait_for_handshake()
    frames = numbered(800, 160)
    await say(phone, *frames[:200])
    await phone.start()
    await say(phone, *frames[200:400])
    await phone.was_read()
    accept.set()
    session = await harness.model.wait_for_session()
    harness.model.faults = Faults()
    asked = await session.expect("session.update")
    await say(phone, *frames[400:600])
    await phone.was_read()
    assert session.audio == b""
    session.configuration.update(asked["session"])
    await session.send({"type": "session.updated", "session": session.configuration.document})
    await say(phone, *frames[600:])
    await session.wait_for_audio(frames[-1])
    assert spoken(session) == b"".join(frames)
    await phone.stop()


async def test_a_model_that_does_not_read_loses_frames_and_the_phone_is_read_all_the_same(
    harness: ServerHarness,
) -> None:
    phone, session = await harness.talk()
    await session.speak(speech(200), "Hello.")
    peak = PeakMemory(harness.server.pid)
    with session.pause_reading():
        for piece in numbered(4 * KEPT_BYTES // MUCH_BYTES, MUCH_BYTES):
            await say(phone, piece)
            await session.pong()
        await phone.was_read()
        await phone.key("5")  # is told to the model behind all that waits for it
        grown_bytes = peak.grown_bytes
    await session.wait_for("conversation.item.create")
    fresh = numbered(1, MUCH_BYTES, first=10**6)
    await say(phone, *fresh)
    await session.wait_for_audio(fresh[0])
    assert grown_bytes < KEPT_BYTES
    heard = numbers(spoken(session), MUCH_BYTES)
    assert heard == sorted(set(heard))
    assert len(heard) < 2 * KEPT_BYTES // MUCH_BYTES
    await phone.stop()
    assert await harness.wait_for_log("frames of the caller were dropped")


async def test_a_phone_that_does_not_read_is_cut(harness: ServerHarness) -> None:
    phone, session = await harness.talk()
    peak = PeakMemory(harness.server.pid)
    phone.deafen()
    await talk_on(session, 2 * KEPT_BYTES)
    await session.wait_for_end()  # with 1000, or cut: it may still be sending what nobody reads any more
    assert await harness.wait_for_end(phone) == "stream_lost"
    assert peak.grown_bytes < KEPT_BYTES
    phone.abort()
