"""The caller reaches a person, or comes back to the model."""

import json

import pytest

from sandbox.openai.session import Session
from sandbox.twilio import events
from sandbox.twilio.calls import Call
from sandbox.twilio.phones import Person, Phone, answers, busy, declines, never_answers
from tests.calls.conftest import CallHarness, make_speech, wait_until_heard

pytestmark = pytest.mark.asyncio(loop_scope="module")

WISH = json.dumps({"destination": "front_desk", "reason": "wants a person", "summary": "asks for his bicycle"})


async def hand_over(session: Session, sentence: bytes) -> None:
    """The model says its sentence and calls the tool in the same response."""
    response = await session.respond()
    await response.speak(sentence, "I am putting you through to Anna.")
    await response.call_tool("transfer_to_human", WISH)
    await response.finish()


async def read_next_instructions(harness: CallHarness) -> tuple[Session, str]:
    """What the model is told when the caller is back."""
    session = await harness.model.wait_for_session()
    asked = await session.wait_for("response.create")
    notes = [json.dumps(message) for message in session.received]
    return session, f"{asked} {notes}"


async def test_the_caller_hears_the_sentence_to_its_end_and_then_the_person(harness: CallHarness, anna: str) -> None:
    greeting, question, sentence = make_speech(400), make_speech(400), make_speech(1000)

    async def talk(phone: Phone) -> None:
        await phone.say(greeting)
        await wait_until_heard(phone, question)

    harness.environment.carrier.people[anna] = answers(talk, after_ms=500, key="1")
    call, session = await harness.talk()
    await hand_over(session, sentence)
    await wait_until_heard(call.phone, greeting)
    await call.phone.say(question)
    record = await harness.wait_for_end(call)
    assert sentence in call.phone.heard
    assert call.phone.heard.index(sentence) < call.phone.heard.index(greeting)
    assert await session.wait_for_end() == 1000
    await harness.expect_end_reasons(call, "transferred")
    [attempt] = record.attempts
    assert (attempt.status, attempt.destination, attempt.summary) == ("bridged", "front_desk", "asks for his bicycle")


@pytest.mark.parametrize(
    ("person", "status"),
    [(busy(after_ms=200), "busy"), (declines(after_ms=200), "busy"), (never_answers(), "no_answer")],
)
async def test_a_caller_whom_nobody_takes_is_back_with_a_model_that_knows(
    harness: CallHarness, anna: str, person: Person, status: str
) -> None:
    harness.environment.carrier.people[anna] = person
    call, session = await harness.talk()
    await hand_over(session, make_speech(200))
    back, told = await read_next_instructions(harness)
    assert "Hello, how can I help?" in told
    assert {"busy": "the line was busy", "no_answer": "nobody answered"}[status] in told
    answer = make_speech(400)
    await back.speak(answer, "I am sorry, Anna did not pick up.")
    await wait_until_heard(call.phone, answer)
    record = await harness.hang_up(call)
    assert [attempt.status for attempt in record.attempts] == [status]
    await harness.expect_end_reasons(call, "transferred", "caller_gone")


async def test_a_caller_who_came_back_can_be_put_through_again(harness: CallHarness, anna: str) -> None:
    voice = make_speech(400)

    async def talk(phone: Phone) -> None:
        await phone.say(voice)

    harness.environment.carrier.people[anna] = busy(after_ms=200)
    call, session = await harness.talk()
    await hand_over(session, make_speech(200))
    back, _ = await read_next_instructions(harness)
    harness.environment.carrier.people[anna] = answers(talk, after_ms=200, key="1")
    await hand_over(back, make_speech(200))
    record = await harness.wait_for_end(call)
    assert voice in call.phone.heard
    assert [attempt.status for attempt in record.attempts] == ["busy", "bridged"]


async def test_a_number_that_nobody_has_brings_the_caller_back(harness: CallHarness) -> None:
    call, session = await harness.talk()
    await hand_over(session, make_speech(200))
    _, told = await read_next_instructions(harness)
    assert "the connection could not be made" in told
    record = await harness.hang_up(call)
    assert [attempt.status for attempt in record.attempts] == ["failed"]


async def test_a_caller_who_hangs_up_while_it_rings_stops_the_ringing(harness: CallHarness, anna: str) -> None:
    harness.environment.carrier.people[anna] = never_answers()
    call, session = await harness.talk()
    await hand_over(session, make_speech(200))
    await rings(harness, call)
    await harness.hang_up(call)
    [leg] = call.children
    assert leg.status == "canceled"


async def test_a_lone_0_rings_the_first_open_destination(harness: CallHarness, anna: str) -> None:
    voice = make_speech(400)

    async def talk(phone: Phone) -> None:
        await phone.say(voice)

    harness.environment.carrier.people[anna] = answers(talk, after_ms=200, key="1")
    call, _ = await harness.talk()
    await call.phone.press("0")
    record = await harness.wait_for_end(call)
    assert voice in call.phone.heard
    assert [attempt.status for attempt in record.attempts] == ["bridged"]


async def test_a_closed_destination_is_told_to_the_model_and_rings_nobody(harness: CallHarness) -> None:
    call, session = await harness.talk()
    response = await session.respond()
    await response.speak(make_speech(200), "One moment.")
    await response.call_tool("transfer_to_human", '{"destination": "night_desk"}')
    await response.finish()
    output = (await session.wait_for("conversation.item.create"))["item"]["output"]
    assert json.loads(output)["status"] == "closed"
    await harness.hang_up(call)
    assert call.children == []


async def rings(harness: CallHarness, call: Call) -> None:
    """Wait until a person's phone rings for this call."""
    await harness.environment.carrier.events.wait_for(events.CallStarted, lambda what: what.parent_sid == call.sid)
