"""Webhooks behind a domain that leads to them by the first part of its path: every URL of a call has that part."""

from sandbox.environment import run_environment
from sandbox.installation import InstallationOptions
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from sandbox.twilio.events import ErrorLogged
from sandbox.twilio.phones import answers, never_answers
from tests.calls.conftest import AGENT, DIRECTORY, CallHarness, make_closed_hours, make_speech, wait_until_heard
from tests.calls.test_transfer import hand_over


async def test_a_whole_call_goes_through_a_base_path(anna: str) -> None:
    directory = DIRECTORY.replace("HOURS", make_closed_hours())
    async with (
        ModelServer(Scripted()) as model,
        run_environment(
            InstallationOptions(
                realtime_url=model.url, settings={"AGENT_FILE": str(AGENT)}, directory=directory, base_path="/twilio"
            )
        ) as environment,
    ):
        harness, voice = CallHarness(environment, model), make_speech(400)
        environment.carrier.people[anna] = never_answers()
        call, session = await harness.talk()
        await hand_over(session, make_speech(200))
        back = await harness.greet(call)  # /voice/after-dial opened another stream
        environment.carrier.people[anna] = answers(lambda phone: phone.say(voice), after_ms=100, key="1")
        await hand_over(back, make_speech(200))
        await wait_until_heard(call.phone, voice)
        record = await harness.wait_for_end(call)

        assert [attempt.status for attempt in record.attempts] == ["no_answer", "bridged"]
        assert [error.code for error in environment.carrier.events.of(ErrorLogged, call.sid)] == []
