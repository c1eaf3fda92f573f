"""The keys change while calls come in, and nobody is refused.

That the old ones are good no more in the end is tested where it can be: a function may have several processes here, as
in Lambda, and each believes for a minute what it has read.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sandbox.environment import run_environment
from sandbox.installation import InstallationOptions
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from sandbox.twilio.events import ErrorLogged
from sandbox.twilio.phones import Phone, answers
from tests.calls.conftest import AGENT, DIRECTORY, CallHarness, make_closed_hours, make_speech, wait_until_heard
from tests.calls.test_transfer import hand_over

NEW_TOKEN, NEW_SECRET = "e" * 32, "n" * 64
THEN = {"TWILIO_AUTH_TOKEN": NEW_TOKEN, "STREAM_TOKEN_SECRET": NEW_SECRET}


@pytest_asyncio.fixture
async def rotating() -> AsyncIterator[CallHarness]:
    """A harness of its own, whose keys may change, in which one caller has talked before."""
    directory = DIRECTORY.replace("HOURS", make_closed_hours())
    async with (
        ModelServer(Scripted()) as model,
        run_environment(
            InstallationOptions(realtime_url=model.url, settings={"AGENT_FILE": str(AGENT)}, directory=directory)
        ) as environment,
    ):
        harness = CallHarness(environment, model)
        await expect_served(harness)
        yield harness


async def expect_served(harness: CallHarness) -> None:
    """A caller gets through to the model, without an error anywhere."""
    call, _ = await harness.talk()
    await harness.hang_up(call)
    assert [error.code for error in harness.environment.carrier.events.of(ErrorLogged, call.sid)] == []


async def expect_refused(harness: CallHarness, auth_token: str) -> None:
    """Somebody who signs with this token is told nothing."""
    harness.environment.carrier.promote_token(auth_token)
    call = await harness.dial()
    await call.wait_for_end()
    assert harness.environment.carrier.events.of(ErrorLogged, call.sid)
    assert (await harness.read_record(call)).call is None


async def test_nobody_is_refused_while_the_next_keys_become_the_present_ones(rotating: CallHarness, anna: str) -> None:
    installation, carrier, voice = rotating.environment.installation, rotating.environment.carrier, make_speech(400)
    old = {
        "TWILIO_AUTH_TOKEN_NEXT": installation.auth_token,
        "STREAM_TOKEN_SECRET_NEXT": installation.stream_token_secret,
    }

    async def talk(phone: Phone) -> None:
        await phone.say(voice)

    carrier.people[anna] = answers(talk, after_ms=100, key="1")
    talking, session = await rotating.talk()
    await installation.change_secret(**{f"{name}_NEXT": value for name, value in THEN.items()})
    await expect_served(rotating)
    carrier.promote_token(NEW_TOKEN)
    await expect_served(rotating)
    await hand_over(session, make_speech(200))  # by REST, which takes the new token alone
    await wait_until_heard(talking.phone, voice)
    assert [attempt.status for attempt in (await rotating.wait_for_end(talking)).attempts] == ["bridged"]
    await installation.change_secret(**THEN, **old)
    await expect_served(rotating)
    await installation.change_secret(**THEN)
    await expect_served(rotating)
    await expect_refused(rotating, "f" * 32)
    carrier.promote_token(NEW_TOKEN)
    await expect_served(rotating)


@pytest.mark.parametrize("garbage", [{"TWILIO_AUTH_TOKEN": 7}, {"STREAM_TOKEN_SECRET": "short"}])
async def test_garbage_in_the_secret_refuses_nobody_who_was_served_before(
    rotating: CallHarness, garbage: dict[str, object]
) -> None:
    await rotating.environment.installation.change_secret(**garbage)
    await expect_served(rotating)
    await expect_refused(rotating, "f" * 32)  # forged: and by that the garbage has been read
    rotating.environment.carrier.promote_token(rotating.environment.installation.auth_token)
    await expect_served(rotating)


async def test_keys_that_are_replaced_at_once_serve_the_next_caller(rotating: CallHarness) -> None:
    await rotating.environment.installation.change_secret(**THEN)
    rotating.environment.carrier.promote_token(NEW_TOKEN)

    await expect_served(rotating)
