"""A person's telephone forwards to the very number that the caller has dialled."""

import asyncio
from collections.abc import Callable

import pytest

from call_record import CallRecord
from sandbox.environment import run_environment
from sandbox.installation import InstallationOptions
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from sandbox.twilio import events
from sandbox.twilio.calls import Call
from sandbox.twilio.phones import Phone, never_answers
from tests.calls.conftest import AGENT, WAIT_TIMEOUT_S, CallHarness, make_speech
from tests.calls.test_transfer import hand_over, rings

ANSWER = """
time_zone = "America/New_York"
business_number = "+15550100000"

[[destination]]
name = "front_desk"
description = "Anna"
targets = ["+15550100002"]
accept = "answer"
ring_seconds = 20
"""

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def wait_for_record(harness: CallHarness, call: Call, claim: Callable[[CallRecord], object]) -> None:
    """Wait until the record of the call is so."""
    async with asyncio.timeout(WAIT_TIMEOUT_S):
        while True:
            if claim(await harness.read_record(call)):
                return
            await asyncio.sleep(0.05)  # another process writes it


@pytest.mark.parametrize("told", [True, False])
async def test_what_comes_back_is_refused_and_the_next_person_is_rung(
    harness: CallHarness, anna: str, told: bool
) -> None:
    line = harness.environment.forwards_back(told=told)
    harness.environment.carrier.people[anna] = line
    call, _ = await harness.talk()
    await call.phone.press("0")
    await harness.greet(call)
    await call.phone.press("0")
    await wait_for_record(harness, call, lambda record: len(record.attempts) == 2)
    record = await harness.hang_up(call)
    [leg] = line.phones
    assert not leg.heard.strip(b"\xff")  # no model has spoken to it
    assert [attempt.destination for attempt in record.attempts] == ["front_desk", "support"]
    assert (record.attempts[0].status, record.attempts[0].forwarded_back) == ("busy", 1)
    assert record.attempts[0].failure == ("forwarded_back" if told else "")


async def test_a_stranger_who_dials_a_person_that_is_being_rung_is_answered(harness: CallHarness, anna: str) -> None:
    """Her line forwards to us where it is busy."""
    harness.environment.carrier.people[anna] = never_answers()
    call, session = await harness.talk()
    await hand_over(session, make_speech(200))
    await rings(harness, call)
    await wait_for_record(harness, call, lambda record: record.legs)
    stranger = await harness.environment.call(Phone.stay, from_="+15550100777", forwarded_from=anna)
    await harness.greet(stranger)
    await harness.hang_up(stranger)
    await harness.hang_up(call)


@pytest.mark.parametrize("told", [True, False])
async def test_where_picking_up_is_enough_the_model_does_not_pick_up(anna: str, told: bool) -> None:
    async with (
        ModelServer(Scripted()) as model,
        run_environment(
            InstallationOptions(realtime_url=model.url, settings={"AGENT_FILE": str(AGENT)}, directory=ANSWER)
        ) as environment,
    ):
        harness = CallHarness(environment, model)
        line = environment.forwards_back(told=told)
        environment.carrier.people[anna] = line
        call, session = await harness.talk()
        await hand_over(session, make_speech(200))
        await wait_for_record(harness, call, lambda record: any(attempt.settled_at_ms for attempt in record.attempts))
        await harness.hang_up(call)
        [leg] = line.phones
        assert not leg.heard.strip(b"\xff")
        assert not environment.carrier.events.of(events.Bridged, call.sid)
