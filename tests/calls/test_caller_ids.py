"""A caller who has no number to show, or one that nobody takes, reaches a person all the same."""

import pytest

from sandbox.environment import CALLER, WARMLINE
from sandbox.twilio.caller_ids import WITHHELD
from sandbox.twilio.phones import Phone, answers
from tests.calls.conftest import CallHarness, make_speech
from tests.calls.test_transfer import hand_over

pytestmark = pytest.mark.asyncio(loop_scope="module")

APPLICATION = "AP" + "0" * 32


async def put_through(harness: CallHarness, anna: str, from_: str, to: str) -> tuple[list[str], list[str]]:
    """The caller asks for Anna, and hears her: the numbers that her telephone showed, and how each attempt ended."""
    voice = make_speech(400)

    async def talk(phone: Phone) -> None:
        await phone.say(voice)

    harness.environment.carrier.people[anna] = person = answers(talk, after_ms=200, key="1")
    call = await harness.environment.call(Phone.stay, from_=from_, to=to)
    session = await harness.greet(call)
    await hand_over(session, make_speech(200))
    record = await harness.wait_for_end(call)
    assert voice in call.phone.heard
    return [phone.shown for phone in person.phones], [attempt.status for attempt in record.attempts]


async def test_people_see_who_calls(harness: CallHarness, anna: str) -> None:
    assert await put_through(harness, anna, CALLER, WARMLINE) == ([CALLER], ["bridged"])


@pytest.mark.parametrize(
    ("from_", "to"),
    [
        ("client:alice", ""),
        ("client:alice", APPLICATION),
        ("client:alice", WARMLINE),
        ("sip:alice@office.test", "sip:warmline@office.test"),
        ("anonymous", WARMLINE),
        *((withheld, WARMLINE) for withheld in WITHHELD),
    ],
)
async def test_where_there_is_no_number_people_see_one_of_the_account(
    harness: CallHarness, anna: str, from_: str, to: str
) -> None:
    assert await put_through(harness, anna, from_, to) == ([WARMLINE], ["bridged"])


async def test_a_number_that_is_refused_is_replaced(harness: CallHarness, anna: str) -> None:
    harness.environment.carrier.faults.refused_caller_ids = frozenset({CALLER})
    assert await put_through(harness, anna, CALLER, WARMLINE) == ([WARMLINE], ["failed", "bridged"])


async def test_a_number_that_an_app_has_dialled_is_not_the_account_s(harness: CallHarness, anna: str) -> None:
    shown, outcomes = await put_through(harness, anna, "client:alice", "+15550109999")
    assert (shown, outcomes) == ([WARMLINE], ["failed", "bridged"])
