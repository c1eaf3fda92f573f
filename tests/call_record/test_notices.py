"""Who is told is told once, whatever comes twice."""

from typing import TYPE_CHECKING

import pytest

from call_record import About, CallTable, Notice
from call_rows import NoticeStatus
from notices import digest
from tests.call_record.conftest import Clock
from tests.lambdas import lose_answer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CALL = "CA" + "0" * 32
ANNA, BEN = digest("sms:+15550100002"), digest("sns")
NOW_MS = 1_800_000_000_000


CLAIMS: list[tuple[str, About, str]] = [
    ("call_1", "missed", ANNA),
    ("call_1", "missed", BEN),
    ("call_1", "message", ANNA),
    ("a#b", "missed", ANNA),
]


def test_a_notice_is_claimed_once_for_each_attempt_event_and_address(table: CallTable) -> None:
    claims = [table.notices.claim(CALL, *claim) for claim in CLAIMS]
    assert None not in claims
    assert [table.notices.claim(CALL, *claim) for claim in CLAIMS] == [None] * 4
    assert {(each.request_id, each.about, each.told) for each in table.read(CALL).notices} == set(CLAIMS)


@pytest.mark.parametrize(("status", "again"), [("sent", False), ("lost", False), ("later", True)])
def test_what_was_certainly_not_sent_is_claimed_again(table: CallTable, status: NoticeStatus, *, again: bool) -> None:
    claim = table.notices.claim(CALL, "call_1", "missed", ANNA)
    table.notices.finish(CALL, "call_1", "missed", ANNA, claim or "", status)

    assert (table.notices.claim(CALL, "call_1", "missed", ANNA) is not None) is again


def test_a_claim_that_reached_the_table_without_an_answer_is_ours(table: CallTable, dynamodb: "DynamoDBClient") -> None:
    lose_answer(dynamodb, "UpdateItem")

    assert table.notices.claim(CALL, "call_1", "missed", ANNA) is not None
    assert table.notices.claim(CALL, "call_1", "missed", ANNA) is None


def test_what_came_of_an_earlier_claim_does_not_release_a_later_one(table: CallTable) -> None:
    """The answer to the first `later` was lost, so it is written again after somebody else has claimed the notice."""
    first = table.notices.claim(CALL, "call_1", "missed", ANNA)
    table.notices.finish(CALL, "call_1", "missed", ANNA, first or "", "later")
    assert table.notices.claim(CALL, "call_1", "missed", ANNA) is not None

    table.notices.finish(CALL, "call_1", "missed", ANNA, first or "", "later")

    assert table.notices.claim(CALL, "call_1", "missed", ANNA) is None


def test_the_record_says_what_came_of_it(table: CallTable, clock: Clock) -> None:
    claim = table.notices.claim(CALL, "call_1", "missed", ANNA)
    clock.now_s += 60
    table.notices.finish(CALL, "call_1", "missed", ANNA, claim or "", "sent")

    assert table.read(CALL).notices == (Notice("call_1", "missed", ANNA, "sent", NOW_MS),)


def test_an_address_is_not_in_the_table() -> None:
    assert "0002" not in ANNA
    assert ANNA != BEN


def test_a_claim_that_was_deleted_meanwhile_is_not_written_anew(table: CallTable) -> None:
    table.notices.finish(CALL, "call_1", "missed", ANNA, "deleted", "sent")

    assert table.read(CALL).notices == ()
