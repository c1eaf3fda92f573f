"""People ring while the caller talks on: what is asked of Twilio, what is answered, what is stored."""

import math
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from attended_ringing import AttendedRinging
from attended_transfers import AttendedTransfers
from call_attributes import make_attribute
from call_record import Attempt, CallTable
from directory import load
from notifier import Notifier
from sandbox.twilio.events import RestRequest
from sandbox.twilio.faults import RestFault
from tests.lambdas import TABLE
from tests.transfer.conftest import CALL
from tests.twilio_rest_api import ACCOUNT, NUMBER, PASSWORD, TwilioRestApi
from transfer_request import Request
from transfer_settings import Credentials
from transfers import Transfers
from twilio_calls import TwilioCalls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PEOPLE = f"""
time_zone = "Europe/London"
business_name = "Acme"
caller_id = "{NUMBER}"
[[destination]]
name = "desk"
description = "Desk"
targets = ["+15550100002", "sip:ben@example.com", "client:cleo"]
notify = ["sns"]
[[destination]]
name = "group"
description = "Group"
targets = ["+15550100002", "+15550100003", "+15550100004"]
ring = "together"
accept = "answer"
[[destination]]
name = "queue"
description = "Queue"
targets = ["queue:support"]
"""
ASKED: dict[str, Any] = {"destination": "desk", "request_id": "r", "attended": True}
pytestmark = pytest.mark.usefixtures("aws")


@dataclass
class Bench:
    transfers: Transfers
    table: CallTable
    rest: TwilioRestApi
    invoked: list[dict[str, object]] = field(default_factory=list)
    slept_s: list[float] = field(default_factory=list)

    def ask(self, action: str, until: float = math.inf, **parts: Any) -> dict[str, object]:
        return self.transfers.answer(Request(action, CALL, **parts), until)

    @property
    def created(self) -> list[dict[str, str]]:
        """The forms of the requests that rang somebody, whatever came of them."""
        events = self.rest._network.events
        asked = [event.what for event in events if isinstance(event.what, RestRequest)]
        return [dict(each.parameters) for each in asked if each.operation == "create"]

    @property
    def attempt(self) -> Attempt:
        return self.table.legs.read_attempt(CALL, "r")

    def list_legs(self) -> dict[int, str]:
        """SIDs by target."""
        return {leg.target: leg.leg_sid for leg in self.table.legs.list_of(CALL, "r")}

    def end_leg(self, target: int, status: str = "no-answer") -> None:
        """Twilio reports it, and the webhook asks to ring on."""
        self.table.legs.record_event(CALL, "r", self.list_legs()[target], "completed", status=status)
        self.ask("ring_on", attempt="r")


@pytest.fixture
def bench(account: "DynamoDBClient", rest: TwilioRestApi, tmp_path: Path) -> Bench:
    file = tmp_path / "directory.toml"
    file.write_text(PEOPLE)
    directory, table, url = load(file), CallTable(account, TABLE), "https://voice.example.com"
    slept_s: list[float] = []
    calls = TwilioCalls(Credentials(ACCOUNT, ACCOUNT, PASSWORD), rest.origin, sleep=slept_s.append)
    invoked: list[dict[str, object]] = []

    def invoke(event: dict[str, object]) -> bool:
        invoked.append(event)
        return True

    ringing = AttendedRinging(directory, table, url, invoke, slept_s.append)
    attended = AttendedTransfers(directory, table, url, ringing)

    def refuse(*_: object) -> Any:
        raise AssertionError("nobody is told in these tests")

    notifier = Notifier(directory, table, url, refuse, refuse, refuse)
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    transfers = Transfers(directory, table, url, lambda: calls, lambda: now, notifier, attended)
    table.open_call(CALL, "+15550100001", NUMBER, "<Response/>")
    return Bench(transfers, table, rest, invoked, slept_s)


def test_the_first_is_rung_by_a_call_of_their_own_and_the_caller_s_call_stays(bench: Bench) -> None:
    answer = bench.ask("transfer", **ASKED, who="Ms Weber", about="a broken chain.", done="I looked up the order")

    assert answer == {"destination": "desk", "status": "ringing", "people": 1}
    (form,) = bench.created
    query = f"?call={CALL}&attempt=r&dial=0#rp=all"
    assert form == {
        "To": "+15550100002",
        "From": NUMBER,
        "Timeout": "20",
        "Url": f"https://voice.example.com/voice/agent-leg{query}",
        "Method": "POST",
        "StatusCallback": f"https://voice.example.com/voice/agent-status{query}",
        "StatusCallbackEvent": "completed",  # the last of four
        "StatusCallbackMethod": "POST",
    }
    assert bench.rest.updates == []
    stored = bench.attempt
    assert (stored.status, stored.mode, stored.dials, stored.dial) == ("ringing", "attended", 3, 0)
    assert stored.brief == "Caller: Ms Weber. About: a broken chain. So far: I looked up the order."
    assert list(bench.list_legs()) == [0]


def test_the_same_request_twice_rings_once(bench: Bench) -> None:
    first = bench.ask("transfer", **ASKED)
    again = bench.ask("transfer", **ASKED)

    assert (again, len(bench.created)) == (first, 1)


def test_while_people_ring_nobody_else_is_rung(bench: Bench) -> None:
    bench.ask("transfer", **ASKED)

    other = bench.ask("transfer", destination="group", request_id="r2")

    assert (other["status"], len(bench.created), bench.rest.updates) == ("in_progress", 1, [])


def test_people_are_rung_in_turn_until_nobody_is_left(bench: Bench) -> None:
    bench.ask("transfer", **ASKED)
    bench.ask("ring_on", attempt="r")
    assert len(bench.created) == 1
    bench.end_leg(0)
    bench.ask("ring_on", attempt="r")
    bench.end_leg(1, "busy")
    assert [form["To"] for form in bench.created] == ["+15550100002", "sip:ben@example.com", "client:cleo"]
    assert bench.attempt.status == "ringing"
    bench.end_leg(2)

    assert bench.attempt.status == "nobody"
    assert bench.invoked == [{"action": "notify", "call_sid": CALL, "request_id": "r", "about": "missed"}]
    bench.ask("ring_on", attempt="r")
    assert len(bench.invoked) == 1


def test_who_passes_is_followed_by_the_next_before_their_leg_ends(bench: Bench) -> None:
    bench.ask("transfer", **ASKED)
    bench.table.legs.decline(CALL, "r", bench.list_legs()[0], "2")
    bench.ask("ring_on", attempt="r")
    assert len(bench.created) == 2
    bench.end_leg(1)
    bench.end_leg(2)

    assert bench.attempt.status == "passed"


def test_all_are_rung_together_one_a_second_in_the_directory_s_order(bench: Bench) -> None:
    answer = bench.ask("transfer", **ASKED | {"destination": "group"})
    assert (answer["people"], len(bench.created)) == (3, 1)
    assert bench.invoked == [{"action": "ring_on", "call_sid": CALL, "attempt": "r"}]
    bench.ask("ring_on", attempt="r")
    bench.ask("ring_on", attempt="r")

    assert [form["To"][-1] for form in bench.created] == ["2", "3", "4"]
    assert bench.slept_s == [1, 1]
    bench.end_leg(0)
    bench.end_leg(2)
    assert bench.attempt.status == "ringing"
    bench.end_leg(1)
    assert bench.attempt.status == "nobody"


def test_a_leg_that_is_refused_is_somebody_who_does_not_answer(bench: Bench) -> None:
    bench.rest.fail(RestFault(429, code=10004), RestFault(400, code=13227))

    assert bench.ask("transfer", **ASKED)["status"] == "ringing"
    assert [form["To"] for form in bench.created][-1] == "client:cleo"
    refused = [(leg.target, leg.failure) for leg in bench.table.legs.list_of(CALL, "r") if leg.failure]
    assert refused == [(0, "10004"), (1, "13227")]


def test_when_all_are_refused_the_answer_says_so(bench: Bench) -> None:
    bench.rest.fail(*[RestFault(400, code=13227)] * 3)

    assert bench.ask("transfer", **ASKED)["status"] == "failed"
    assert bench.attempt.status == "nobody"


def test_a_request_that_was_not_processed_is_made_again(bench: Bench) -> None:
    bench.rest.fail(RestFault(429, code=20429))

    assert bench.ask("transfer", **ASKED)["status"] == "ringing"
    assert [form["To"] for form in bench.created] == ["+15550100002"] * 2


def test_a_call_without_a_clear_answer_is_not_made_again(bench: Bench) -> None:
    bench.rest.fail(RestFault(500))

    assert bench.ask("transfer", **ASKED)["status"] == "ringing"
    assert [form["To"] for form in bench.created] == ["+15550100002", "sip:ben@example.com"]


def test_a_dry_run_names_every_request_and_makes_none(bench: Bench) -> None:
    answer = bench.ask("transfer", **ASKED, dry_run=True)

    assert isinstance(answer["rest"], list)
    assert [each["form"]["To"] for each in answer["rest"]] == ["+15550100002", "sip:ben@example.com", "client:cleo"]
    assert (bench.created, bench.table.read(CALL).attempts) == ([], ())


def test_the_caller_is_brought_to_the_person_once(bench: Bench) -> None:
    bench.ask("transfer", **ASKED)
    assert bench.ask("connect", attempt="r")["status"] == "failed"
    bench.table.attended.accept(CALL, "r", bench.list_legs()[0])

    assert [bench.ask("connect", attempt="r", announce=True) for _ in range(2)] == [{"status": "moved"}] * 2
    ((call_sid, twiml),) = bench.rest.updates
    assert call_sid == CALL
    assert f">{CALL}-" in twiml
    assert "<Say>Please hold. I am connecting you to the desk.</Say><Dial action=" in twiml
    assert bench.attempt.status == "moved"
    assert bench.ask("cancel", attempt="r", reason="caller_gone") == {"status": "moved"}


def test_if_the_caller_cannot_be_brought_the_person_is_told(bench: Bench) -> None:
    bench.ask("transfer", **ASKED)
    leg = bench.list_legs()[0]
    bench.rest.add_call(leg)
    bench.table.attended.hear_brief(CALL, "r", leg, 0)
    bench.table.attended.accept(CALL, "r", leg)
    bench.rest.fail(RestFault(400, code=20001))

    assert bench.ask("connect", attempt="r")["status"] == "failed"
    assert bench.attempt.status == "failed"
    ((told, twiml),) = bench.rest.updates
    assert told == leg
    assert "could not be connected" in twiml


@pytest.mark.parametrize("reason", ["cancelled_by_caller", "caller_gone"])
def test_who_rings_is_called_off(bench: Bench, reason: str) -> None:
    bench.ask("transfer", **ASKED)
    leg = bench.list_legs()[0]
    bench.rest.add_call(leg, "ringing")

    assert bench.ask("cancel", attempt="r", reason=reason) == {"status": reason}
    assert bench.rest.requests[-1] == ("update", leg)
    bench.end_leg(0, "canceled")
    assert (bench.attempt.status, len(bench.created)) == (reason, 1)


def test_a_request_that_comes_after_its_cancellation_rings_nobody(bench: Bench) -> None:
    bench.ask("cancel", attempt="r", reason="cancelled_by_caller")

    assert bench.ask("transfer", **ASKED)["status"] == "failed"
    assert bench.created == []


def test_when_one_has_the_call_the_other_legs_end(bench: Bench) -> None:
    bench.ask("transfer", **ASKED | {"destination": "group"})
    bench.ask("ring_on", attempt="r")
    legs = bench.list_legs()
    for sid in legs.values():
        bench.rest.add_call(sid)
    bench.table.attended.hear_brief(CALL, "r", legs[1], 1)
    bench.table.attended.accept(CALL, "r", legs[0])
    bench.ask("ring_on", attempt="r")

    ended = [request for request in bench.rest.requests if request[0] == "update"]
    assert sorted(ended) == sorted([("update", legs[1]), ("update", legs[2])])
    assert "taken this call" in dict(bench.rest.updates)[legs[1]]


def test_a_caller_who_waits_alone_is_fetched_back(bench: Bench) -> None:
    bench.ask("transfer", **ASKED)
    bench.table.attended.accept(CALL, "r", bench.list_legs()[0])
    bench.ask("connect", attempt="r")
    bench.end_leg(0, "completed")

    assert bench.rest.updates[-1][0] == CALL
    assert "/voice/after-dial?attempt=r&amp;alone=yes</Redirect>" in bench.rest.updates[-1][1]


def test_a_caller_who_has_talked_is_not_taken_out_of_what_follows(bench: Bench) -> None:
    bench.ask("transfer", **ASKED)
    leg = bench.list_legs()[0]
    bench.table.attended.accept(CALL, "r", leg)
    bench.ask("connect", attempt="r")
    later_ms = bench.attempt.connected_at_ms + 60_000
    ended = {"completed_at_ms": make_attribute(later_ms), "status": make_attribute("completed")}
    bench.table._items.change(CALL, f"leg#r#{leg}", always=ended)
    bench.ask("ring_on", attempt="r")

    assert len(bench.rest.updates) == 1


def test_a_queue_cannot_be_rung_beside_the_talk(bench: Bench) -> None:
    assert bench.ask("transfer", **ASKED | {"destination": "queue"})["status"] == "moved"
    assert "<Enqueue" in bench.rest.updates[0][1]


def test_the_caller_s_own_number_is_shown_with_its_token_and_the_business_s_if_that_is_refused(
    bench: Bench,
) -> None:
    other = "CA" + "9" * 32
    bench.rest.add_call(other)
    directory = replace(bench.transfers.directory, caller_id="caller", business_number=NUMBER)
    ringing = replace(bench.transfers.attended.ringing, directory=directory)
    attended = replace(bench.transfers.attended, directory=directory, ringing=ringing)
    transfers = replace(bench.transfers, directory=directory, attended=attended)
    bench.table.open_call(other, "+15550100001", NUMBER, "<Response/>", "a token")

    answer = transfers.answer(Request("transfer", other, **ASKED))

    assert answer["status"] == "ringing"
    shown = [(form["From"], form.get("CallToken")) for form in bench.created]
    assert shown == [("+15550100001", "a token"), (NUMBER, None)]
