"""People are told of a call that nobody took, and of a message: once, and without the caller waiting for it."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

import routes
from sandbox.aws.functions import EventQueue
from sandbox.environment import CALLER, WARMLINE, run_environment
from sandbox.installation import InstallationOptions
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from sandbox.twilio.calls import Call
from sandbox.twilio.events import VerbStarted, WebhookAnswered
from sandbox.twilio.faults import RestFault
from sandbox.twilio.phones import declines
from sandbox.twilio.verbs import Record
from tests.bounds import WAIT_S
from tests.calls.conftest import AGENT, CallHarness, make_speech
from tests.calls.test_transfer import WISH, hand_over, read_next_instructions

ANNA, ANNAS_MOBILE = "+15550100002", "+15550100012"
DIRECTORY = f"""
time_zone = "UTC"
business_number = "{WARMLINE}"
[[destination]]
name = "front_desk"
description = "Anna at the front desk"
spoken = "Anna at the front desk"
targets = ["{ANNA}"]
nobody = "message"
notify = ["sms:{ANNAS_MOBILE}", "sns"]
"""


@pytest.fixture
async def running(request: pytest.FixtureRequest) -> AsyncIterator[CallHarness]:
    """Anna does not take the call. Lambda delivers each event twice, and tries again at once after a failure."""
    directory = DIRECTORY.replace('"message"', getattr(request, "param", '"message"'))
    async with ModelServer(Scripted()) as model:
        options = InstallationOptions(realtime_url=model.url, settings={"AGENT_FILE": str(AGENT)}, directory=directory)
        async with run_environment(options) as environment:
            queue = EventQueue(retries_after_s=(0.0, 0.0), delivers_twice=True)
            environment.installation.cloud.functions["transfer"].queue = queue
            environment.carrier.people[ANNA] = declines(after_ms=200)
            yield CallHarness(environment, model)


async def read_told(running: CallHarness) -> dict[str, object]:
    """The next event about people who are told, when it has been dealt with."""
    done = running.environment.installation.cloud.functions["transfer"].queue.done
    event: dict[str, object] = json.loads(await asyncio.to_thread(done.get, timeout=WAIT_S))
    return event


async def leave_message(running: CallHarness, call: Call) -> None:
    def asks(started: VerbStarted) -> bool:
        return isinstance(started.verb, Record)

    await running.environment.carrier.events.wait_for(VerbStarted, asks)
    await call.phone.wait(1500)  # the tone is over
    await call.phone.say(make_speech(2000))


async def test_a_call_that_nobody_took_and_its_message_are_told_once(running: CallHarness) -> None:
    carrier, installation = running.environment.carrier, running.environment.installation
    call, session = await running.talk()
    await hand_over(session, make_speech(200))
    missed = await read_told(running)
    await leave_message(running, call)
    await call.wait_for_end()
    message = await read_told(running)
    record = await running.read_record(call)

    assert (missed["about"], message["about"]) == ("missed", "message")
    first, second = [each.body for each in carrier.messages]
    assert first.startswith(f"Missed call for Anna at the front desk from {CALLER}. ")
    assert first.endswith(f"Summary: {json.loads(WISH)['summary']}")
    [recording] = carrier.recordings
    assert second.partition("\n")[0].endswith(f"/Recordings/{recording}.mp3")
    assert {(each.from_, each.to) for each in carrier.messages} == {(WARMLINE, ANNAS_MOBILE)}
    assert [each.subject for each in installation.published] == ["Missed call for front_desk", "Message for front_desk"]
    assert [each.status for each in record.notices] == ["sent"] * 4


@pytest.mark.parametrize("running", ['"continue"'], indirect=True)
async def test_an_sms_that_the_networks_do_not_carry_is_recorded(running: CallHarness) -> None:
    carrier = running.environment.carrier
    carrier.faults.undelivered = {ANNAS_MOBILE: 30034}

    def reports() -> list[WebhookAnswered]:
        return [each for each in carrier.events.of(WebhookAnswered) if routes.MESSAGE_STATUS in each.url]

    call, session = await running.talk()
    await hand_over(session, make_speech(200))
    await carrier.events.wait_for(WebhookAnswered, lambda _: len(reports()) == 2)  # sent, then undelivered
    await read_told(running)
    record = await running.hang_up(call)

    assert [each.status for each in reports()] == [204, 204]
    assert sorted(each.status for each in record.notices) == ["sent", "undelivered"]


@pytest.mark.parametrize("running", ['"continue"'], indirect=True)
async def test_twilio_s_bad_day_keeps_neither_the_caller_nor_the_notice(running: CallHarness) -> None:
    carrier = running.environment.carrier
    call, session = await running.talk()
    carrier.faults.rest.append(RestFault(429, operation="send"))
    await hand_over(session, make_speech(200))
    _, told = await read_next_instructions(running)
    await read_told(running)
    await running.hang_up(call)

    assert "The people there get a message about this call" in told
    assert [each.to for each in carrier.messages] == [ANNAS_MOBILE]
    assert len(running.environment.installation.published) == 1
