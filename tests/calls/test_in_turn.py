"""Several people of one destination: the next one is rung when a voicemail has picked up before them."""

from sandbox.environment import run_environment
from sandbox.installation import InstallationOptions
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from sandbox.twilio.phones import answers, busy, voicemail
from tests.calls.conftest import AGENT, CallHarness, make_speech, wait_until_heard
from tests.calls.test_transfer import hand_over

DIRECTORY = """
time_zone = "America/New_York"
business_number = "+15550100000"

[[destination]]
name = "front_desk"
description = "Anna, Ben or Cleo"
targets = ["+15550100002", "+15550100003", "+15550100004"]
ring_seconds = 5
"""


async def test_a_voicemail_stops_nobody_else_from_being_rung(anna: str) -> None:
    async with (
        ModelServer(Scripted()) as model,
        run_environment(
            InstallationOptions(realtime_url=model.url, settings={"AGENT_FILE": str(AGENT)}, directory=DIRECTORY)
        ) as environment,
    ):
        harness, voice = CallHarness(environment, model), make_speech(400)
        environment.carrier.people |= {
            anna: voicemail(make_speech(500), after_ms=200, records_ms=1000),
            "+15550100003": busy(after_ms=200),
            "+15550100004": answers(lambda phone: phone.say(voice), after_ms=200, key="1"),
        }
        call, session = await harness.talk()
        await hand_over(session, make_speech(200))
        await wait_until_heard(call.phone, voice)
        record = await harness.wait_for_end(call)

    [attempt] = record.attempts
    rung = [leg.to for leg in call.children]
    assert rung == ["+15550100002", "+15550100003", "+15550100004"]
    assert (attempt.status, attempt.accepted_by) == ("bridged", call.children[-1].sid)
