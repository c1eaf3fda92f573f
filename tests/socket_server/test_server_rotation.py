"""The real server process while the keys in its secret change: who gets in, and who does not."""

import asyncio
import json
from contextlib import closing

import boto3
import pytest
from websockets.exceptions import InvalidStatus

from sandbox.aws.faults import Fails, Silent
from tests.socket_server.conftest import Build, ServerHarness
from tests.socket_server.phone import AUTH_TOKEN, STREAM_URL, TOKEN_SECRET, Phone, issue_token, sign
from tests.socket_server.steps import alive

pytestmark = pytest.mark.asyncio(loop_scope="module")

LATER, LATER_SECRET = "next-auth-token", "next-stream-token-secret-of-thirty-two-bytes-or-more"
KEYS = {"TWILIO_AUTH_TOKEN": AUTH_TOKEN, "STREAM_TOKEN_SECRET": TOKEN_SECRET}
THEN = {"TWILIO_AUTH_TOKEN": LATER, "STREAM_TOKEN_SECRET": LATER_SECRET}
BOTH = KEYS | {f"{name}_NEXT": value for name, value in THEN.items()}


async def rotating(build: Build) -> ServerHarness:
    """A harness whose server reads the secret `keys`, which is not there yet."""
    return await build({"SECRET_ID": "keys"})


async def store(harness: ServerHarness, text: str) -> None:
    def put() -> None:
        with closing(boto3.session.Session().client("secretsmanager", **harness.cloud.client_settings)) as client:
            if client.list_secrets()["SecretList"]:
                client.put_secret_value(SecretId="keys", SecretString=text)
            else:
                client.create_secret(Name="keys", SecretString=text)

    await asyncio.to_thread(put)


async def let_in(harness: ServerHarness, auth_token: str, token_secret: str) -> bool:
    """Whether a stream with these keys gets as far as the model."""
    phone = await Phone.dial(harness.port, sign(STREAM_URL, auth_token))
    session = await harness.model.wait_for_session()
    await phone.start(issue_token(phone.call_sid, secret=token_secret))
    try:
        await session.expect("session.update")
    except AssertionError:
        return False
    await phone.stop()
    return True


async def refused(harness: ServerHarness, auth_token: str) -> int:
    """The status with which the handshake is answered."""
    with pytest.raises(InvalidStatus) as answer:
        await Phone.dial(harness.port, sign(STREAM_URL, auth_token))
    return answer.value.response.status_code


async def test_the_keys_change_places_and_nobody_is_refused(build: Build) -> None:
    harness = await rotating(build)
    assert await let_in(harness, AUTH_TOKEN, TOKEN_SECRET)  # the environment's, as long as the secret says nothing
    await store(harness, json.dumps(BOTH))
    for auth_token in (LATER, AUTH_TOKEN):
        for token_secret in (LATER_SECRET, TOKEN_SECRET):
            assert await let_in(harness, auth_token, token_secret)
    await store(harness, json.dumps(THEN))
    assert await refused(harness, "forged") == 403  # and by that it has read the secret
    assert await refused(harness, AUTH_TOKEN) == 403
    for token_secret in (LATER_SECRET, TOKEN_SECRET):  # a webhook may issue with the old one for another minute
        assert await let_in(harness, LATER, token_secret)

    said = "\n".join(harness.server.log)
    assert "the signing keys have changed" in said
    assert not any(value in said for value in (*KEYS.values(), *THEN.values()))


async def test_keys_that_are_replaced_at_once_are_good_at_once(build: Build) -> None:
    harness = await rotating(build)
    await store(harness, json.dumps(THEN))

    assert await let_in(harness, LATER, LATER_SECRET)


@pytest.mark.parametrize("secret", ["s3cret", "[]", "{}", json.dumps(KEYS | {"STREAM_TOKEN_SECRET": "s3cret"})])
async def test_a_bad_secret_refuses_nobody(build: Build, secret: str) -> None:
    harness = await rotating(build)
    await store(harness, secret)
    assert await refused(harness, "forged") == 403

    assert await let_in(harness, AUTH_TOKEN, TOKEN_SECRET)
    assert "keys is bad" in await harness.wait_for_log("what it said before stays in use")
    assert "s3cret" not in "\n".join(harness.server.log)


@pytest.mark.parametrize("fault", [Silent(), Fails()])
async def test_without_secrets_manager_the_known_keys_are_good_and_others_get_403(
    build: Build, fault: Silent | Fails
) -> None:
    harness = await rotating(build)
    harness.cloud.secrets.fault = fault
    assert await refused(harness, LATER) == 403
    await alive(harness)
    harness.cloud.secrets.fault = None
    await store(harness, json.dumps(THEN))
    assert await let_in(harness, LATER, LATER_SECRET)


async def test_whoever_goes_while_newer_keys_are_looked_for_leaves_nothing_behind(build: Build) -> None:
    harness = await rotating(build)
    harness.cloud.secrets.fault = Silent()
    _, writer = await asyncio.open_connection("127.0.0.1", harness.port)
    head = {"Host": "stream.warmline.test", "Upgrade": "websocket", "Connection": "Upgrade"} | sign(STREAM_URL, LATER)
    head |= {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13"}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    writer.write(f"GET /media-stream HTTP/1.1\r\n{lines}\r\n".encode())
    writer.close()
    await writer.wait_closed()
    await harness.wait_for_log("handshake refused: no valid signature")
    await alive(harness)

    assert "Traceback" not in "\n".join(harness.server.log)
