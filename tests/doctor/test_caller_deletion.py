"""A caller's data: found by their number, shown, and deleted, in the sandbox's installation."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import pytest_asyncio

from call_attributes import Attributes
from call_record import Attempt, CallTable, Dial, Turn
from doctor.delete_caller_data import main
from doctor.options import Options
from sandbox.aws.faults import Fails
from sandbox.doctor_target.target import DoctorTarget, run_target
from sandbox.environment import WARMLINE
from sandbox.twilio.calls import Call
from sandbox.twilio.phones import Script, answers
from tests.sandbox.twilio.scripts import VOICES, says, stays

pytestmark = pytest.mark.asyncio(loop_scope="module")

CALLER, OTHER, PERSON = "+15550100001", "+15550100009", "+15550100002"
OLD, FOREIGN = "CA" + "a" * 32, "CA" + "b" * 32
WEEK_AGO = datetime.now(UTC) - timedelta(days=7)
TABLE = "warmline-calls"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[DoctorTarget]:
    async with run_target() as target:
        yield target


@pytest_asyncio.fixture(loop_scope="module")
async def target(running: DoctorTarget) -> AsyncIterator[DoctorTarget]:
    """The installation, and an empty table after the test."""
    yield running
    running.carrier.account.answers = None
    await asyncio.to_thread(empty_table, running)


def list_rows(target: DoctorTarget) -> list[Attributes]:
    pages = target.aws.dynamodb.get_paginator("scan").paginate(TableName=TABLE)
    return [row for page in pages for row in page["Items"]]


def list_keys(target: DoctorTarget) -> set[tuple[str, str]]:
    """Without the marks of calls that were deleted."""
    rows = [row for row in list_rows(target) if row.keys() != {"call_sid", "item", "expires_at", "deleted_at_ms"}]
    return {(row["call_sid"]["S"], row["item"]["S"].partition("#")[0]) for row in rows}


def list_calls(target: DoctorTarget) -> set[str]:
    """Those by whose rows a caller is found."""
    return {call_sid for call_sid, item in list_keys(target) if item == "call"}


def empty_table(target: DoctorTarget) -> None:
    for row in list_rows(target):
        target.aws.dynamodb.delete_item(TableName=TABLE, Key={name: row[name] for name in ("call_sid", "item")})


def write_call(target: DoctorTarget, call_sid: str, caller: str, began: datetime = WEEK_AGO) -> None:
    """A call with a row of each kind."""
    table = CallTable(target.aws.dynamodb, TABLE, now=began.timestamp)
    table.open_call(call_sid, caller, WARMLINE, "<Response/>")
    table.claim_stream(call_sid, "j1", "MZ1")
    table.add_turn(call_sid, Turn(1000, "caller", "My name is Dana.", "My name is Dana."))
    table.claim_attempt(call_sid, Attempt("call_1", "front_desk", "asked", "A chain is broken."))
    table.legs.record_event(call_sid, "call_1", "CA9", "ringing")
    table.ringing.note(Dial(call_sid, "call_1", caller, (PERSON,), 1, 0, 0))


async def run(target: DoctorTarget, *arguments: str, later: timedelta = timedelta(0)) -> tuple[int, str]:
    """The exit status of the command, and what it says. `later`: it is run so much later than now."""
    said: list[str] = []
    context = dataclasses.replace(target.make_context(), now=lambda: datetime.now(UTC) + later)
    status = await asyncio.to_thread(main, arguments, {}, said.append, lambda _: None, context)
    return status, "".join(said)


async def place_call(target: DoctorTarget, twiml: str, script: Script) -> Call:
    """A call of this TwiML in which somebody follows the script."""
    target.carrier.people[PERSON] = answers(script, after_ms=0)
    account, url = target.installation.account_sid, f"{target.carrier.api_url}/2010-04-01/Accounts"
    form = {"To": PERSON, "From": WARMLINE, "Twiml": twiml}
    async with httpx.AsyncClient(auth=(account, target.installation.auth_token)) as client:
        created = await client.post(f"{url}/{account}/Calls.json", data=form)
    return target.carrier.calls[created.json()["sid"]]


async def leave_message(target: DoctorTarget) -> Call:
    """A call that is over, of which there is a recording."""
    call = await place_call(
        target, '<Response><Record playBeep="false" timeout="1"/></Response>', says(VOICES["caller"])
    )
    await call.wait_for_end()
    return call


async def test_what_is_stored_is_shown_and_stays_until_it_shall_be_deleted(target: DoctorTarget) -> None:
    write_call(target, OLD, CALLER)
    before = list_keys(target)

    assert await run(target, "--number", CALLER) == (
        0,
        f"{CALLER} in {TABLE}: 1 call\n"
        f"  {OLD}, {WEEK_AGO:%Y-%m-%d %H:%M} UTC: 6 rows\n"
        "Nothing was deleted. DELETE=1 deletes it.\n",
    )
    assert list_keys(target) == before


async def test_all_of_a_caller_is_deleted_and_nothing_of_another(target: DoctorTarget) -> None:
    write_call(target, FOREIGN, OTHER)
    others = list_keys(target)
    write_call(target, OLD, CALLER)
    assert {item for call_sid, item in list_keys(target) if call_sid == OLD} == {
        "call",
        "stream",
        "turn",
        "attempt",
        "leg",
    }

    status, said = await run(target, "--number", CALLER, "--delete")

    assert status == 0
    assert said.splitlines()[1:] == [
        f"  {OLD}, {WEEK_AGO:%Y-%m-%d %H:%M} UTC: 6 rows deleted",
        "Deleted: 1 call, 6 rows.",
        "What else there may be about a caller: docs/privacy.md#deleting-a-callers-data",
    ]
    # The numbers that were rung are people's, not the caller's; their digests are gone after a day.
    assert {key for key in list_keys(target) if not key[0].startswith("number#")} == {
        key for key in others if not key[0].startswith("number#")
    }
    assert (await run(target, "--number", CALLER, "--delete"))[0] == 0  # there is nothing left


async def test_every_page_of_a_large_table_is_read(target: DoctorTarget) -> None:
    """A page has at most a megabyte."""
    table = CallTable(target.aws.dynamodb, TABLE)
    for number in range(8):
        await asyncio.to_thread(table.add_turn, FOREIGN, Turn(number, "caller", "a" * 300_000, ""))
    write_call(target, OLD, CALLER)
    notes: list[str] = []

    status = await asyncio.to_thread(
        main, ["--number", CALLER, "--delete"], {}, len, notes.append, target.make_context()
    )

    assert (status, len(notes) > 2) == (0, True)
    assert notes[-2:] == [f"\r{TABLE}: 15 rows read, 1 call found", "\n"]
    assert {call_sid for call_sid, _ in list_keys(target) if call_sid.startswith("CA")} == {FOREIGN}


async def test_a_call_under_way_is_not_touched_nor_one_that_has_just_ended(target: DoctorTarget) -> None:
    call = await place_call(target, '<Response><Pause length="60"/></Response>', stays)
    await asyncio.to_thread(write_call, target, call.sid, CALLER, datetime.now(UTC))
    write_call(target, OLD, CALLER)

    status, said = await run(target, "--number", CALLER, "--delete")
    assert (status, f"UTC: it is under way ({call.status}), so it is not touched" in said) == (1, True)
    assert list_calls(target) == {call.sid}

    call.hang_up("party")
    await call.wait_for_end()
    status, said = await run(target, "--number", CALLER, "--delete")
    assert (status, "UTC: it has just ended, so it is not touched" in said) == (1, True)
    assert list_calls(target) == {call.sid}

    assert (await run(target, "--number", CALLER, "--delete", later=timedelta(minutes=6)))[0] == 0
    assert list_calls(target) == set()


async def test_a_call_that_twilio_does_not_know_is_not_touched_for_a_day(target: DoctorTarget) -> None:
    """Another account or region would answer the same about a live call."""
    write_call(target, FOREIGN, CALLER, datetime.now(UTC) - timedelta(seconds=20))

    status, said = await run(target, "--number", CALLER, "--delete")
    assert (status, "this account and region of Twilio do not know it, so it is not touched" in said) == (1, True)
    assert "Deleted: 0 calls, 0 rows." in said
    assert list_calls(target) == {FOREIGN}

    assert (await run(target, "--number", CALLER, "--delete", later=timedelta(days=1, minutes=6)))[0] == 0
    assert list_calls(target) == set()


async def test_a_call_without_a_time_of_its_end_is_not_touched_for_a_day(target: DoctorTarget) -> None:
    call = await place_call(target, "<Response><Hangup/></Response>", stays)
    await call.wait_for_end()
    call.times.ended_at = None
    await asyncio.to_thread(write_call, target, call.sid, CALLER, datetime.now(UTC))

    status, said = await run(target, "--number", CALLER, "--delete", later=timedelta(minutes=6))
    assert (status, f"Twilio does not say when it ended ({call.status}), so it is not touched" in said) == (1, True)
    assert list_calls(target) == {call.sid}

    assert (await run(target, "--number", CALLER, "--delete", later=timedelta(days=1, minutes=6)))[0] == 0


async def test_recordings_are_deleted_only_if_it_is_asked_for(target: DoctorTarget) -> None:
    own, foreign = await leave_message(target), await leave_message(target)
    write_call(target, own.sid, CALLER)  # a week ago: whether it goes on is not asked
    (recording,) = [sid for sid, call_sid in target.carrier.recorded_calls.items() if call_sid == own.sid]

    assert "6 rows, 1 recording\n" in (await run(target, "--number", CALLER, "--recordings"))[1]
    assert "6 rows\n" in (await run(target, "--number", CALLER))[1]
    assert recording in target.carrier.recordings

    status, said = await run(target, "--number", CALLER, "--recordings", "--delete")

    assert (status, "Deleted: 1 call, 6 rows, 1 recording." in said) == (0, True)
    assert recording not in target.carrier.recordings
    assert set(target.carrier.recorded_calls.values()) == {foreign.sid}


@pytest.mark.parametrize("delete", [(), ("--delete",)])
async def test_an_account_that_knows_none_of_the_calls_is_said_and_nothing_is_deleted(
    target: DoctorTarget, delete: tuple[str, ...]
) -> None:
    """It is the wrong one: it would say of every call that there are no recordings."""
    await leave_message(target)
    write_call(target, OLD, CALLER)
    write_call(target, FOREIGN, CALLER)

    status, said = await run(target, "--number", CALLER, "--recordings", *delete)

    assert status == 1
    account = target.installation.account_sid
    assert f"\nStopped: https://api.twilio.com knows none of 2 calls of this caller in account {account}: " in said
    assert "Deleted" not in said
    assert list_calls(target) == {OLD, FOREIGN}


async def test_a_call_that_is_not_found_at_twilio_is_said_and_left_if_recordings_are_to_be_deleted(
    target: DoctorTarget,
) -> None:
    known = await leave_message(target)
    write_call(target, known.sid, CALLER)
    write_call(target, OLD, CALLER)

    status, said = await run(target, "--number", CALLER, "--recordings", "--delete")

    assert (status, f"  {OLD}, {WEEK_AGO:%Y-%m-%d %H:%M} UTC: not found at Twilio, nor recordings of it" in said) == (
        1,
        True,
    )
    assert "Deleted: 1 call, 6 rows, 1 recording.\n" in said
    assert list_calls(target) == {OLD}


async def test_nothing_is_deleted_while_twilio_cannot_say_whether_a_call_goes_on(target: DoctorTarget) -> None:
    write_call(target, OLD, CALLER)
    write_call(target, FOREIGN, CALLER, datetime.now(UTC))
    target.carrier.account.answers = 503, b"{}"

    status, said = await run(target, "--number", CALLER, "--delete")

    assert (status, said.startswith("\nStopped: account AC")) == (1, True)
    assert list_calls(target) == {OLD, FOREIGN}


async def test_a_table_that_cannot_be_read_is_said(target: DoctorTarget) -> None:
    target.installation.cloud.dynamodb.fault = Fails("no")
    try:
        status, said = await run(target, "--number", CALLER)
    finally:
        target.installation.cloud.dynamodb.fault = None

    assert status == 1
    assert said.startswith("\nStopped: AWS answered Scan with ")


async def test_a_stack_that_does_not_exist_is_said(target: DoctorTarget) -> None:
    context = dataclasses.replace(target.make_context(), options=Options(stack="elsewhere"))
    said: list[str] = []

    status = await asyncio.to_thread(main, ["--number", CALLER], {}, said.append, len, context)

    assert status == 1
    assert said[0].startswith("\nStopped: there is no stack elsewhere in ")


@pytest.mark.parametrize(
    "number",
    [
        "",
        " ",
        "anonymous",
        "+266696687",
        "+1555",
        "15550100001",
        "+1555x",
        "+٣٣٣٣٣٣٣٣٣",
        "client:",
        "sip:a b",
    ],
)
async def test_what_names_no_single_caller_is_refused(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["--number", number, "--delete"], {}, len, len)

    assert exit_.value.code == 2
    expected = "one caller's number in E.164, such as +14155550100, or client:… or sip:…"
    assert f"--number (NUMBER of make): expected {expected}, got {number!r}" in capsys.readouterr().err


@pytest.mark.parametrize("caller", ["client:dana", "sip:dana@example.sip.twilio.com"])
async def test_a_caller_without_a_number_is_found_by_their_address(target: DoctorTarget, caller: str) -> None:
    write_call(target, OLD, caller)

    assert (await run(target, "--number", f" {caller} ", "--delete"))[0] == 0
    assert list_calls(target) == set()
