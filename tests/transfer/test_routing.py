"""Who is rung, who comes next, and when somebody will be there."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

import pytest

import routing
from call_record import Attempt
from destination import Destination
from directory import Directory
from directory_file import Fallback
from hours import Hours, parse_week
from targets import Target

MONDAY_10AM = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
MONDAY_NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SUNDAY_10AM = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


type Then = Literal["continue", "message"] | Fallback


def make_destination(name: str, hours: str | None = None, nobody: Then = "continue") -> Destination:
    week = Hours(ZoneInfo("Europe/London"), parse_week({"mon_fri": hours})) if hours else None
    return Destination(name, name, name, (Target("client", name),), False, 20, 3600, week, "hang_up", nobody)


EARLY = make_destination("early", "06:00-09:00", Fallback("day"))
DAY = make_destination("day", "09:00-17:00", Fallback("late"))
LATE = make_destination("late", "12:00-20:00", "message")
ALWAYS = make_destination("always")
DIRECTORY = Directory((EARLY, DAY, LATE), "caller")
STAFFED = Directory((EARLY, DAY, LATE, ALWAYS), "caller")


def make_attempt(name: str, status: str, settled_at_ms: int = 1) -> Attempt:
    return Attempt(f"call_{name}", name, status=status, settled_at_ms=settled_at_ms)


def test_without_a_name_all_are_wanted_in_the_order_of_the_file() -> None:
    assert routing.list_candidates(DIRECTORY, None) == routing.list_candidates(DIRECTORY, "") == (EARLY, DAY, LATE)
    assert routing.list_candidates(DIRECTORY, "late") == [LATE]
    assert routing.list_candidates(DIRECTORY, "nobody") == []


def test_the_first_that_is_open_is_chosen() -> None:
    assert routing.first_open(STAFFED.destinations, MONDAY_10AM) == DAY
    assert routing.first_open(STAFFED.destinations, SUNDAY_10AM) == ALWAYS
    assert routing.first_open(DIRECTORY.destinations, SUNDAY_10AM) is None


def test_the_earliest_opening_of_all_is_told() -> None:
    assert routing.find_opening([LATE, DAY], SUNDAY_10AM) == datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    assert routing.find_opening([LATE, DAY], MONDAY_10AM) is None
    assert routing.find_opening([], MONDAY_10AM) is None


@pytest.mark.parametrize(
    ("attempts", "found"),
    [
        ([], DAY),
        ([make_attempt("day", "no_answer")], ALWAYS),
        ([make_attempt("day", "busy"), make_attempt("always", "declined")], None),
        ([make_attempt("day", "failed")], ALWAYS),
        (
            [make_attempt("day", "failed", settled_at_ms=0)],
            DAY,
        ),  # Twilio refused the update: the telephone never rang
        ([make_attempt("day", "bridged")], DAY),
        ([make_attempt("day", "moved", settled_at_ms=0)], DAY),
    ],
)
def test_where_nobody_came_is_not_rung_again(attempts: list[Attempt], found: Destination | None) -> None:
    assert routing.first_untried(STAFFED, attempts, MONDAY_10AM) == found


def test_without_a_name_it_is_the_next_one_and_with_a_name_exactly_that_one() -> None:
    tried = [make_attempt("day", "no_answer")]

    assert (
        routing.choose(STAFFED, "", tried, MONDAY_10AM) == routing.choose(STAFFED, None, tried, MONDAY_10AM) == ALWAYS
    )
    assert routing.choose(STAFFED, "day", tried, MONDAY_10AM) == DAY
    assert routing.choose(STAFFED, "early", [], MONDAY_10AM) is None
    assert routing.choose(STAFFED, None, [*tried, make_attempt("always", "busy")], MONDAY_10AM) is None


def test_an_attempt_that_may_be_ringing_is_under_way_for_half_a_minute() -> None:
    now_ms = int(MONDAY_10AM.timestamp() * 1000)
    moved = Attempt("call_1", status="moved", claimed_at_ms=now_ms - routing.UNDER_WAY_MS + 1)

    assert routing.find_under_way([moved], "call_2", MONDAY_10AM) == moved
    assert routing.find_under_way([replace(moved, status="claimed")], "call_2", MONDAY_10AM)
    for other in (
        replace(moved, request_id="call_2"),
        replace(moved, status="failed"),
        replace(moved, decision="<Response/>"),
        replace(moved, claimed_at_ms=now_ms - routing.UNDER_WAY_MS),
    ):
        assert routing.find_under_way([other], "call_2", MONDAY_10AM) is None


def test_a_message_is_taken_only_when_all_are_closed() -> None:
    assert routing.takes_messages(DIRECTORY, SUNDAY_10AM)
    assert not routing.takes_messages(DIRECTORY, MONDAY_10AM)
    assert not routing.takes_messages(Directory((EARLY,), "caller"), SUNDAY_10AM)


@pytest.mark.parametrize(
    ("name", "attempts", "now", "found"),
    [
        ("day", [], MONDAY_10AM, DAY),
        ("early", [], MONDAY_10AM, DAY),
        ("early", [], SUNDAY_10AM, "message"),
        ("gone", [], MONDAY_10AM, "continue"),
        ("day", [make_attempt("day", "no_answer")], MONDAY_NOON, LATE),
        ("day", [make_attempt("day", "no_answer"), make_attempt("late", "busy")], MONDAY_NOON, "message"),
    ],
)
def test_a_closed_or_tried_fallback_leads_on(
    name: str, attempts: list[Attempt], now: datetime, found: Destination | str
) -> None:
    assert routing.follow_fallback(DIRECTORY, name, attempts, now) == found
