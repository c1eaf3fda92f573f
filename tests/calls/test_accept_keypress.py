"""A person takes the call by a key; whoever does not press it, a voicemail above all, never gets the caller."""

import pytest

from call_record import Attempt
from sandbox.twilio import events
from sandbox.twilio.phones import Person, Phone, answers, voicemail
from tests.calls.conftest import CallHarness, make_speech, wait_until_heard
from tests.calls.test_transfer import hand_over, read_next_instructions, rings

pytestmark = pytest.mark.asyncio(loop_scope="module")

# DialCallStatus and DialBridged of somebody who picked up and did not take the call: Twilio does not say which.
TWILIO_S_WORD = [("completed", False), ("completed", True)]


async def stays(phone: Phone) -> None:
    """Listens, and says nothing."""
    await phone.stay()


async def call_without_taking(harness: CallHarness, anna: str, person: Person) -> tuple[str, Attempt]:
    """What the model is told when the person does not take the call, and the record of the attempt."""
    harness.environment.carrier.people[anna] = person
    call, session = await harness.talk()
    await hand_over(session, make_speech(200))
    await rings(harness, call)
    [rung] = call.children
    await rung.wait_for_end()
    back, told = await read_next_instructions(harness)
    answer = make_speech(400)
    await back.speak(answer, "Nobody could take your call.")
    await wait_until_heard(call.phone, answer)
    record = await harness.hang_up(call)
    assert harness.environment.carrier.events.of(events.Bridged, call.sid) == []
    [attempt] = record.attempts
    [leg] = record.legs
    assert (leg.status, leg.answered_at_ms > 0, attempt.accepted_by) == ("completed", True, None)
    return told, attempt


@pytest.mark.parametrize("word", TWILIO_S_WORD)
async def test_a_voicemail_gets_no_caller_and_the_model_knows(
    harness: CallHarness, anna: str, word: tuple[str, bool]
) -> None:
    harness.environment.carrier.faults.refused_whisper = word

    told, attempt = await call_without_taking(harness, anna, voicemail(make_speech(500), after_ms=200, records_ms=1000))

    assert "somebody or a voicemail picked up, but did not take the call" in told
    assert (attempt.status, attempt.talked_s) == ("not_accepted", 0)


async def test_whoever_presses_nothing_is_hung_up_on_and_the_caller_is_back(harness: CallHarness, anna: str) -> None:
    _, attempt = await call_without_taking(harness, anna, answers(stays, after_ms=200))

    assert attempt.status == "not_accepted"


@pytest.mark.parametrize("word", TWILIO_S_WORD)
async def test_another_key_declines(harness: CallHarness, anna: str, word: tuple[str, bool]) -> None:
    harness.environment.carrier.faults.refused_whisper = word

    told, attempt = await call_without_taking(harness, anna, answers(stays, after_ms=200, key="2"))

    assert "the person could not take the call" in told
    assert attempt.status == "declined"


@pytest.mark.parametrize("fault", ["callbacks_out_of_order", "callbacks_twice"])
async def test_late_reports_about_the_leg_undo_no_talk(harness: CallHarness, anna: str, fault: str) -> None:
    setattr(harness.environment.carrier.faults, fault, True)
    voice = make_speech(400)
    harness.environment.carrier.people[anna] = answers(lambda phone: phone.say(voice), after_ms=200, key="1")
    call, session = await harness.talk()
    await hand_over(session, make_speech(200))

    record = await harness.wait_for_end(call)

    assert voice in call.phone.heard
    [leg] = call.children
    [attempt] = record.attempts
    assert (attempt.status, attempt.accepted_by) == ("bridged", leg.sid)
