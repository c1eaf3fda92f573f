"""Whatever breaks: the caller is never left in silence and never dropped by us."""

import json

import pytest

from sandbox.aws.faults import Fails, Fault, Silent, Throttles
from sandbox.openai.faults import Faults as ModelFaults
from sandbox.openai.session import Session
from sandbox.twilio import events
from sandbox.twilio.faults import RestFault
from sandbox.twilio.phones import Phone, answers, busy
from tests.calls.conftest import CallHarness, make_speech, wait_until_heard

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def voice(harness: CallHarness, anna: str) -> bytes:
    """What whoever picks up at the front desk says, before hanging up."""
    words = make_speech(400)

    async def talk(phone: Phone) -> None:
        await phone.say(words)

    harness.environment.carrier.people[anna] = answers(talk, after_ms=200, key="1")
    return words


async def test_when_the_model_dies_another_session_goes_on_in_the_same_stream(harness: CallHarness) -> None:
    call, session = await harness.talk()
    words, answer = make_speech(400), make_speech(200)
    session.drop()
    second = await harness.wait_for_next_session()
    assert "Hello, how can I help?" in json.dumps(second.received)
    await call.phone.say(words)
    await second.wait_for_audio(words)
    await second.speak(answer, "Yes?")
    await wait_until_heard(call.phone, answer)
    await harness.hang_up(call)
    await harness.expect_end_reasons(call, "caller_gone")


async def test_an_answer_that_the_caller_hears_when_the_model_dies_is_heard_to_its_end(harness: CallHarness) -> None:
    call, session = await harness.talk()
    answer = make_speech(3000)
    await session.speak(answer, "We are open from nine to six.")
    await session.close(1001)
    await harness.wait_for_next_session()
    await wait_until_heard(call.phone, answer)
    await harness.hang_up(call)


async def test_when_the_model_dies_twice_a_person_is_rung(harness: CallHarness, voice: bytes) -> None:
    call, session = await harness.talk()
    await harness.lose_model(session, Session.drop)
    record = await harness.wait_for_end(call)
    assert voice in call.phone.heard
    assert [attempt.status for attempt in record.attempts] == ["bridged"]


async def test_a_model_that_never_opens_gives_the_caller_to_a_person(harness: CallHarness, voice: bytes) -> None:
    harness.model.faults = ModelFaults(handshake_status=500)
    call = await harness.dial()
    await harness.wait_for_end(call)
    assert voice in call.phone.heard


async def test_where_nobody_came_a_dead_model_rings_the_next_one(harness: CallHarness, anna: str) -> None:
    harness.environment.carrier.people[anna] = busy(after_ms=200)
    harness.model.faults = ModelFaults(handshake_status=500)
    call = await harness.dial()
    record = await harness.wait_for_end(call)
    assert [attempt.destination for attempt in record.attempts] == ["front_desk", "support"]


async def test_the_next_container_remembers_what_the_killed_one_heard(harness: CallHarness) -> None:
    call, _ = await harness.talk()
    installation = harness.environment.installation
    lost = installation.container
    await installation.start_container()
    lost.kill()
    session = await harness.model.wait_for_session()
    await session.wait_for("response.create")
    assert "Hello, how can I help?" in json.dumps(session.received)
    answer = make_speech(200)
    await session.speak(answer, "I am back.")
    await wait_until_heard(call.phone, answer)
    await harness.hang_up(call)
    await harness.expect_end_reasons(call, None, "caller_gone")


async def test_without_any_container_the_caller_reaches_a_person(harness: CallHarness, voice: bytes) -> None:
    call, _ = await harness.talk()
    harness.environment.installation.container.kill()
    await harness.wait_for_end(call)
    assert voice in call.phone.heard


async def test_a_deploy_during_a_call_goes_on_with_memory(harness: CallHarness) -> None:
    call, _ = await harness.talk()
    installation = harness.environment.installation
    old = installation.container
    await installation.start_container()
    await old.stop()
    session = await harness.model.wait_for_session()
    await session.wait_for("response.create")
    assert "Hello, how can I help?" in json.dumps(session.received)
    await harness.hang_up(call)
    await harness.expect_end_reasons(call, "draining", "caller_gone")


@pytest.mark.parametrize("fault", [Fails(), Throttles()])
async def test_a_transfer_function_that_fails_leaves_the_caller_with_the_model(
    harness: CallHarness, fault: Fault
) -> None:
    call, session = await harness.talk()
    harness.environment.installation.cloud.functions["transfer"].fault = fault
    response = await session.respond()
    await response.speak(make_speech(200), "One moment.")
    await response.call_tool("transfer_to_human", '{"destination": "front_desk"}')
    await response.finish()
    output = (await session.wait_for("conversation.item.create"))["item"]["output"]
    assert json.loads(output)["status"] == "failed"
    answer = make_speech(200)
    await session.wait_for("response.create")
    await session.speak(answer, "I could not reach anybody.")
    await wait_until_heard(call.phone, answer)
    await harness.hang_up(call)


async def test_an_update_that_was_applied_although_it_failed_is_not_repeated(
    harness: CallHarness, voice: bytes
) -> None:
    harness.environment.carrier.faults.rest.append(RestFault(503, applied=True, operation="update"))
    call, _ = await harness.talk()
    await call.phone.press("0")
    record = await harness.wait_for_end(call)
    assert voice in call.phone.heard
    answer = json.loads(harness.environment.installation.cloud.functions["transfer"].invocations[-1].outcome.payload)
    # The caller is told first who will be rung: whether Twilio had begun to ring when it was asked decides which.
    assert answer["status"] in ("in_progress", "moved")
    asked = [request.operation for request in harness.environment.carrier.events.of(events.RestRequest, call.sid)]
    assert asked == ["update", "fetch", "list"]
    assert len(call.children) == 1
    assert [attempt.status for attempt in record.attempts] == ["bridged"]


@pytest.mark.parametrize("fault", [Fails(), Silent()])
async def test_without_its_table_warmline_talks_all_the_same(harness: CallHarness, fault: Fault) -> None:
    harness.environment.installation.cloud.dynamodb.fault = fault
    call, session = await harness.talk()
    words = make_speech(400)
    await call.phone.say(words)
    await session.wait_for_audio(words)
    call.hang_up("party")
    await call.wait_for_end()
