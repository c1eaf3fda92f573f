"""Whose stream the model may hear, in the real server process: the token."""

import time

import pytest

from sandbox.aws.faults import Silent
from sandbox.openai.session import Session
from tests.socket_server.conftest import Build, ServerHarness
from tests.socket_server.phone import Phone, issue_token

pytestmark = pytest.mark.asyncio(loop_scope="module")


def tokens(call_sid: str) -> dict[str, str]:
    now = int(time.time())
    return {
        "missing": "",
        "not-a-token": "not.a.token",
        "not-ascii": "§§§.§§§.§§§",
        "foreign-key": issue_token(call_sid, secret="x" * 40),
        "other-call": issue_token("CA" + "f" * 32),
        "other-audience": issue_token(call_sid, aud="webhook"),
        "expired": issue_token(call_sid, iat=now - 300, exp=now - 180),
        "no-expiry": issue_token(call_sid, exp=None),
        "no-id": issue_token(call_sid, jti=None),
        "unsigned": "eyJhbGciOiJub25lIn0." + issue_token(call_sid).split(".")[1] + ".",
    }


@pytest.mark.parametrize("kind", list(tokens("CA")))
async def test_a_stream_without_a_good_token_is_closed_before_the_model_hears_anything(
    harness: ServerHarness, kind: str
) -> None:
    phone = await harness.dial()
    session = await harness.model.wait_for_session()
    await phone.media(b"secret" * 20)
    await phone.start(tokens(phone.call_sid)[kind])
    assert await phone.closed() == 1008
    await session.wait_for_end()
    assert (session.received, bytes(session.audio)) == ([], b"")


async def second_stream(harness: ServerHarness, call_sid: str, token: str) -> tuple[Phone, Session]:
    """Another stream of the same call that brings this token."""
    phone = await harness.dial()
    session = await harness.model.wait_for_session()
    phone.call_sid = call_sid
    await phone.start(token)
    return phone, session


async def test_a_token_serves_one_stream_only(build: Build) -> None:
    harness = await build({})  # its sessions are opened before the tokens come, see `places.EARLY_SESSIONS`
    phone, _ = await harness.talk()
    token = issue_token(phone.call_sid)
    first, first_session = await second_stream(harness, phone.call_sid, token)
    await first_session.expect("session.update")
    other, other_session = await second_stream(harness, phone.call_sid, token)
    assert await other.closed() == 1008
    await other_session.wait_for_end()
    assert other_session.received == []
    await first.stop()
    await phone.stop()


async def test_without_the_table_signature_token_and_memory_decide(build: Build) -> None:
    harness = await build({})
    harness.cloud.dynamodb.fault = Silent()
    phone, session = await harness.talk()
    token = issue_token(phone.call_sid)
    _, first_session = await second_stream(harness, phone.call_sid, token)
    await first_session.expect("session.update")
    other, _ = await second_stream(harness, phone.call_sid, token)
    assert await other.closed() == 1008
    await session.speak(bytes(160), "Hello")
    await phone.hears(bytes(160))
    harness.cloud.dynamodb.fault = None
