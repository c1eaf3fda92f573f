"""Who gets through the handshake of the real server process."""

import pytest
from websockets.exceptions import InvalidStatus

from tests.socket_server.conftest import Build, ServerHarness
from tests.socket_server.phone import AUTH_TOKEN, STREAM_URL, Phone, sign
from tests.socket_server.steps import alive

pytestmark = pytest.mark.asyncio(loop_scope="module")


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
    harness: ServerHarness, headers: dict[str, str]
) -> None:
    opened = len(harness.model.sessions)
    with pytest.raises(InvalidStatus) as refused:
        await Phone.dial(harness.port, headers)
    assert refused.value.response.status_code == 403
    assert refused.value.response.headers["cache-control"] == "no-store"
    await alive(harness)
    assert len(harness.model.sessions) == opened + 1


async def test_a_signature_over_the_url_with_a_slash_at_its_end_is_good(harness: ServerHarness) -> None:
    phone = await Phone.dial(harness.port, sign(f"{STREAM_URL}/", AUTH_TOKEN))
    session = await harness.model.wait_for_session()
    await phone.start()
    await session.expect("session.update")
    await phone.stop()


async def test_the_call_that_is_one_too_many_gets_503(build: Build) -> None:
    harness = await build({"MAX_CALLS": "1"})
    phone, session = await harness.talk()
    with pytest.raises(InvalidStatus) as refused:
        await harness.dial()
    assert refused.value.response.status_code == 503
    assert refused.value.response.headers["cache-control"] == "no-store"
    await phone.stop()
    await session.wait_for_end()
    await harness.wait_for_log("calls in progress: 0")
    await alive(harness)
