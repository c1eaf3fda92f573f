"""People are rung by calls of their own while the caller talks on: the functions' part, before the real carrier.

The container has no part in it yet: the test asks the transfer function as the container will.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from call_record import Attempt, CallRecord
from sandbox.environment import run_environment
from sandbox.installation import InstallationOptions
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from sandbox.twilio.calls import Call
from sandbox.twilio.faults import RestFault
from sandbox.twilio.phones import Phone, answers, busy
from tests.calls.conftest import AGENT, WAIT_TIMEOUT_S, CallHarness, make_speech, wait_until_heard

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANNA, BEN = "+15550100002", "+15550100003"
PEOPLE = f"""
time_zone = "Europe/London"
caller_id = "called"
[[destination]]
name = "desk"
description = "Desk"
targets = ["{ANNA}", "{BEN}"]
ring_seconds = 5
[[destination]]
name = "group"
description = "Group"
targets = ["{ANNA}", "{BEN}"]
accept = "answer"
ring = "together"
ring_seconds = 5
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[CallHarness]:
    async with (
        ModelServer(Scripted()) as model,
        run_environment(
            InstallationOptions(realtime_url=model.url, settings={"AGENT_FILE": str(AGENT)}, directory=PEOPLE)
        ) as environment,
    ):
        yield CallHarness(environment, model)


async def stays(phone: Phone) -> None:
    await phone.stay()


async def ring(harness: CallHarness, destination: str = "desk") -> Call:
    """A caller who talks with the model, and people who are rung for them."""
    call, _ = await harness.talk()
    asked = {"destination": destination, "request_id": "r", "attended": True, "about": "a broken chain"}
    answer = await harness.ask_transfer(call, action="transfer", **asked)
    assert answer["status"] == "ringing"
    return call


async def wait_for_status(harness: CallHarness, call: Call, *statuses: str) -> Attempt:
    """Wait until the attempt has one of these statuses."""
    attempt = Attempt("r")
    async with asyncio.timeout(WAIT_TIMEOUT_S):
        while attempt.status not in statuses:
            [attempt] = (await harness.read_record(call)).attempts
            await asyncio.sleep(0.05)  # other processes write into the table
    return attempt


async def end(harness: CallHarness, call: Call) -> CallRecord:
    """The caller hangs up, and no leg is left."""
    record = await harness.hang_up(call)
    async with asyncio.timeout(WAIT_TIMEOUT_S):
        for each in list(harness.environment.carrier.calls.values()):
            await each.wait_for_end()
    return record


async def test_the_person_who_presses_1_and_the_caller_meet(harness: CallHarness) -> None:
    voice = make_speech(400)

    async def talks(phone: Phone) -> None:
        await phone.bridged.wait()
        await phone.say(voice)
        await phone.stay()

    harness.environment.carrier.people[ANNA] = answers(talks, after_ms=200, key="1")
    call = await ring(harness)
    taken = await wait_for_status(harness, call, "accepted")
    assert call.status == "in-progress"
    assert (await harness.ask_transfer(call, action="connect", attempt="r"))["status"] == "moved"
    await wait_until_heard(call.phone, voice)
    await end(harness, call)

    settled = await wait_for_status(harness, call, "bridged")
    assert settled.accepted_by == taken.accepted_by


async def test_who_passes_is_followed_by_the_next_and_nothing_happens_to_the_call(harness: CallHarness) -> None:
    harness.environment.carrier.people |= {ANNA: answers(stays, after_ms=200, key="2"), BEN: busy()}
    call = await ring(harness)

    attempt = await wait_for_status(harness, call, "passed")
    assert (call.status, attempt.dial) == ("in-progress", 1)
    await end(harness, call)


async def test_who_presses_nothing_never_gets_the_caller(harness: CallHarness) -> None:
    harness.environment.carrier.people |= {ANNA: busy(), BEN: answers(stays, after_ms=200)}
    call = await ring(harness)

    assert (await wait_for_status(harness, call, "nobody")).accepted_by is None
    assert call.status == "in-progress"
    await end(harness, call)


@pytest.mark.parametrize("fault", ["callbacks_out_of_order", "callbacks_twice"])
async def test_of_two_who_pick_up_one_has_the_call_and_the_other_s_leg_ends(harness: CallHarness, fault: str) -> None:
    setattr(harness.environment.carrier.faults, fault, True)
    person = answers(stays, after_ms=1500)
    harness.environment.carrier.people |= {ANNA: person, BEN: person}
    call = await ring(harness, "group")
    attempt = await wait_for_status(harness, call, "accepted")
    legs = [each for each in harness.environment.carrier.calls.values() if each.to in (ANNA, BEN)]
    async with asyncio.timeout(WAIT_TIMEOUT_S):
        for each in legs:
            if each.sid != attempt.accepted_by:
                await each.wait_for_end()
    record = await end(harness, call)

    assert record.attempts[0].accepted_by == attempt.accepted_by


async def test_a_caller_who_hangs_up_ends_every_leg(harness: CallHarness) -> None:
    harness.environment.carrier.people[ANNA] = answers(stays, after_ms=100_000)
    call = await ring(harness)
    await end(harness, call)

    assert (await wait_for_status(harness, call, "caller_gone")).accepted_by is None


@pytest.mark.parametrize("fault", [RestFault(500), RestFault(500, applied=True), RestFault(drop=True, applied=True)])
async def test_a_fault_of_the_request_that_rings_somebody_leaves_no_leg(harness: CallHarness, fault: RestFault) -> None:
    person = answers(stays, after_ms=200, key="1")
    harness.environment.carrier.people |= {ANNA: person, BEN: person}
    harness.environment.carrier.faults.rest.append(fault)
    call = await ring(harness)

    attempt = await wait_for_status(harness, call, "accepted")
    assert attempt.dial == (0 if fault.applied else 1)
    await end(harness, call)


async def test_what_a_person_says_in_place_of_taking_the_call_is_kept(harness: CallHarness) -> None:
    async def speaks(phone: Phone) -> None:
        await phone.wait_for_whisper()
        await phone.press("3")
        await phone.wait_for_whisper()
        await phone.say(make_speech(800), "The order ships on Monday.")
        await phone.stay()

    harness.environment.carrier.people[ANNA] = answers(speaks, after_ms=200)
    call = await ring(harness)
    await wait_for_status(harness, call, "answered_through")
    record = await end(harness, call)

    assert [leg.note for leg in record.legs] == ["The order ships on Monday."]
