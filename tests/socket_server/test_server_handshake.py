"""Who gets through the handshake of the real server process."""

import pytest
from websockets.exceptions import InvalidStatus

from tests.socket_server.conftest import Build, House
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
    house: House, headers: dict[str, str]
) -> None:
    opened = len(house.model.sessions)
    with pytest.raises(InvalidStatus) as refused:
        await Phone.dial(house.port, headers)
    assert refused.value.response.status_code == 403
    assert refused.value.response.headers["cache-control"] == "no-store"
    await alive(house)
    assert len(house.model.sessions) == opened + 1


async def test_a_signature_over_the_url_with_a_slash_at_its_end_is_good(house: House) -> None:
    phone = await Phone.dial(house.port, sign(f"{STREAM_URL}/", AUTH_TOKEN))
    session = await house.model.wait_for_session()
    await phone.start()
    await session.expect("session.update")
    await phone.stop()


async def test_the_call_that_is_one_too_many_gets_503(build: Build) -> None:
    house = await build({"MAX_CALLS": "1"})
    phone, session = await house.talk()
    with pytest.raises(InvalidStatus) as refused:
        await house.dial()
    assert refused.value.response.status_code == 503
    assert refused.value.response.headers["cache-control"] == "no-store"
    await phone.stop()
    await session.wait_for_end()
    await house.logged("calls in progress: 0")
    await alive(house)
