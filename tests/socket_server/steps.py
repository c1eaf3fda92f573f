"""Steps that several tests of the real server take."""

import os
import re

from sandbox.openai.response import Response
from sandbox.openai.session import Session
from tests.socket_server.conftest import ServerHarness
from tests.socket_server.phone import Phone


def speech(ms: int) -> bytes:
    """Audio of which no part occurs twice."""
    return os.urandom(ms * 8)


def spoken(session: Session) -> bytes:
    """What the model has heard, without the silence that stands for a pause of the test."""
    return re.sub(rb"\xff{800,}", b"", session.audio)


async def seen(phone: Phone, session: Session) -> None:
    """Wait until the server has read all that the phone sent so far: a frame follows it."""
    frame = speech(20)
    await phone.media(frame)
    await session.wait_for_audio(frame)


async def next_turn(phone: Phone, session: Session) -> Response:
    """The caller says something; the response that the service begins by itself."""
    await session.start_speech()
    # Speaking takes time: two turns never begin in the same millisecond. The key is told to the model after a pause.
    await phone.key("5")
    await session.wait_for("conversation.item.create")
    response = await session.stop_speech("something")
    assert response is not None
    return response


async def alive(harness: ServerHarness) -> None:
    """A call goes as it should: whatever went before has hurt nobody."""
    phone, session = await harness.talk()
    await session.speak(bytes(range(160)) * 10, "Hello")
    await phone.hears(bytes(range(160)) * 10)
    await phone.stop()
    assert await session.wait_for_end() == 1000


async def wait_until_greeted(phone: Phone, session: Session) -> None:
    """The caller is asked for in this session, and hears its greeting."""
    await session.expect("session.update")
    await session.expect("response.create")
    greeting = speech(200)
    await session.speak(greeting, "Hello.")
    await phone.hears(greeting)
