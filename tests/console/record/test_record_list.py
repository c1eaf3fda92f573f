"""Lists of calls, by the index: what is found, in which order, and by which requests. No scan."""

from datetime import date
from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from call_attributes import to_item
from call_index import place
from call_rows import Call, Stream
from console.call_source import CallQuery
from console.record.record_list import AT_ONCE
from console.record.record_source import RecordSource
from doctor.context import TEST_CALLER
from tests.console.record.conftest import NOON, Stack, name_call
from tests.lambdas import TABLE

DAY, HOUR = 86_400.0, 3600.0
TODAY = date(2026, 11, 28)
MIDNIGHT = NOON - 12 * HOUR


async def list_sids(source: RecordSource, query: CallQuery | None = None) -> list[str]:
    return [call.sid for call in (await source.list_calls(query or CallQuery())).calls]


async def test_the_newest_calls_come_first_and_say_what_became_of_them(stack: Stack, source: RecordSource) -> None:
    stack.open(1, NOON - 2 * DAY)
    stack.end(1, NOON - 2 * DAY + 60)
    stack.open(2, NOON)
    stack.put_through(2, NOON + 20, "front_desk")
    stack.open(3, NOON + 60)

    found = await source.list_calls(CallQuery())

    assert [(call.sid, call.outcome, call.outcome_text) for call in found.calls] == [
        (name_call(3), "running", "talks with the assistant"),
        (name_call(2), "talked", "talked with front desk for 20 s"),
        (name_call(1), "answered", "the assistant said goodbye"),
    ]
    assert not found.more
    assert found.read_units
    assert source.read_units == found.read_units


async def test_a_list_says_of_a_call_what_its_page_says(stack: Stack, source: RecordSource) -> None:
    stack.open(1, NOON)
    stack.put_through(1, NOON + 20, "front_desk", "no_answer")
    stack.table.add_message(name_call(1), f"r{NOON + 20}", "https://example.org", 7)
    stack.open(2, NOON + 10)
    stack.end(2, NOON + 15, "model_failed")
    stack.table.decide(name_call(2), "j2", "<Response/>")
    stack.open(3, NOON + 20)
    stack.now_s = NOON + HOUR

    for call in (await source.list_calls(CallQuery())).calls:
        view = await source.read_call(call.sid)
        assert view
        assert view.summary == call


async def test_a_test_of_the_doctor_is_no_call(stack: Stack, source: RecordSource) -> None:
    stack.open(1, NOON)
    stack.open(2, NOON + 10, TEST_CALLER)

    assert await list_sids(source) == [name_call(1)]
    assert await list_sids(source, CallQuery(day=TODAY)) == [name_call(1)]


@pytest.fixture
def varied(stack: Stack) -> Stack:
    """Calls of three days."""
    stack.open(1, NOON - DAY, "+15550100011")
    stack.put_through(1, NOON - DAY + 20, "front_desk")
    stack.say(1, "Your BIKE is ready, madam.")
    stack.open(2, NOON - DAY + HOUR, "+15550100022")
    stack.put_through(2, NOON - DAY + HOUR + 20, "workshop", "busy")
    stack.put_through(2, NOON - DAY + HOUR + 90, "front_desk", "no_answer")
    stack.open(3, NOON, "anonymous")
    stack.end(3, NOON + 20)
    stack.say(3, "A bike\nis ready for you.", "A bike")
    stack.now_s = NOON + HOUR
    return stack


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        (CallQuery(), [3, 2, 1]),
        (CallQuery(day=TODAY), [3]),
        (CallQuery(day=date(2026, 11, 27)), [2, 1]),
        (CallQuery(day=date(2026, 11, 20)), []),
        (CallQuery(outcome="talked"), [1]),
        (CallQuery(outcome="failed"), []),
        (CallQuery(destination="Front Desk"), [2, 1]),
        (CallQuery(destination="workshop"), [2]),
        (CallQuery(destination="desk"), []),
        (CallQuery(number_ends_with="22"), [2]),
        (CallQuery(number_ends_with="100011"), [1]),
        (CallQuery(words="bike IS ready"), [3, 1]),
        (CallQuery(words="ready, madam"), [1]),
        (CallQuery(words="ready bike"), []),
        (CallQuery(words="for you"), [3]),  # said, and not heard
        (CallQuery(words="bike", outcome="talked"), [1]),
        (CallQuery(words="?!"), [3, 2, 1]),
    ],
)
@pytest.mark.usefixtures("varied")
async def test_everything_that_is_asked_for_must_hold(
    query: CallQuery, numbers: list[int], source: RecordSource
) -> None:
    assert await list_sids(source, query) == [name_call(number) for number in numbers]


async def test_a_list_ends_where_it_is_long_enough(stack: Stack, source: RecordSource) -> None:
    for number in range(5):
        stack.open(number, NOON + 10 * number)

    found = await source.list_calls(CallQuery(limit=2))

    assert [call.sid for call in found.calls] == [name_call(4), name_call(3)]
    assert found.more
    assert not (await source.list_calls(CallQuery(limit=5))).more


async def test_a_call_that_runs_past_midnight_is_one_call_of_the_day_on_which_it_began(
    stack: Stack, source: RecordSource
) -> None:
    stack.open(1, MIDNIGHT - 60)
    stack.put_through(1, MIDNIGHT + 60, "front_desk")
    stack.open(2, MIDNIGHT + 30)
    stack.end(2, MIDNIGHT + 50)
    stack.now_s = NOON
    before = CallQuery(day=date(2026, 11, 27))

    yesterday, today, newest = [
        [(call.sid, call.outcome) for call in (await source.list_calls(query)).calls]
        for query in (before, CallQuery(day=TODAY), CallQuery())
    ]

    assert yesterday == [(name_call(1), "talked")]
    assert today == [(name_call(2), "answered")]
    assert newest == [(name_call(2), "answered"), (name_call(1), "talked")]


async def test_a_call_without_a_row_of_its_own_is_found(stack: Stack, source: RecordSource) -> None:
    stack.now_s = MIDNIGHT + HOUR
    stack.table.claim_stream(name_call(1), "j1", "MZ1")
    stack.now_s = NOON
    stack.table.claim_stream(name_call(2), "j2", "MZ2")

    assert await list_sids(source, CallQuery(day=TODAY)) == [name_call(2), name_call(1)]
    assert await list_sids(source) == [name_call(2), name_call(1)]


async def test_a_few_thousand_calls_are_listed_by_a_few_queries(stack: Stack, source: RecordSource) -> None:
    put_many(stack, 3000)

    stack.requests.clear()
    found = await source.list_calls(CallQuery())

    assert len(found.calls) == 200
    assert found.more
    assert found.calls[0].sid == name_call(2999)
    assert stack.requests == ["Query"]  # one page of the index


async def test_a_whole_busy_day_is_looked_through_without_a_scan(stack: Stack, source: RecordSource) -> None:
    put_many(stack, 1500)
    stack.say(1234, "The needle.")

    stack.requests.clear()
    found = await source.list_calls(CallQuery(number_ends_with="1234", day=TODAY))

    assert [call.sid for call in found.calls] == [name_call(1234)]
    assert set(stack.requests) == {"Query"}
    assert len(stack.requests) <= 1500 * 2 / 1000 + 1


@pytest.mark.parametrize("query", [CallQuery(limit=1), CallQuery(words="ready"), CallQuery(day=date(2026, 11, 27))])
@pytest.mark.usefixtures("varied")
async def test_whatever_was_read_is_in_the_count(query: CallQuery, stack: Stack, source: RecordSource) -> None:
    asked: list[float] = []
    stack.client.meta.events.register(
        "after-call.dynamodb.Query", lambda parsed, **_: asked.append(parsed["ConsumedCapacity"]["CapacityUnits"])
    )

    found = await source.list_calls(query)

    assert found.read_units == pytest.approx(sum(asked))
    assert sum(asked) > 0


async def test_words_are_looked_for_in_the_calls_that_are_left(stack: Stack, source: RecordSource) -> None:
    put_many(stack, 300)
    stack.say(7, "The needle.")

    stack.requests.clear()
    found = await source.list_calls(CallQuery(number_ends_with="07", words="needle"))

    assert [call.sid for call in found.calls] == [name_call(7)]
    assert set(stack.requests) == {"Query"}
    assert len(stack.requests) < 40 + AT_ONCE


def put_many(stack: Stack, count: int) -> None:
    """Calls a second apart, put where moto keeps them: by its API they would take minutes.

    No two rows have the same time: moto does not find the end of an index that has such rows.
    """
    moto = dynamodb_backends[DEFAULT_ACCOUNT_ID]["us-east-1"]
    for number in range(count):
        at_ms = int(NOON * 1000) - (count - number) * 1000
        key, call = {"call_sid": {"S": name_call(number)}}, Call(f"+1555010{number:04}", "+2", "<x/>", at_ms)
        end = Stream(f"j{number}", "MZ", "goodbye", 900, opened_at_ms=at_ms + 500)
        moto.put_item(TABLE, key | to_item(call) | {"item": {"S": "call"}} | place(at_ms))
        moto.put_item(TABLE, key | to_item(end) | {"item": {"S": "stream#j"}} | place(at_ms + 500))
    stack.now_s = NOON


async def test_rows_of_garbage_do_not_break_the_list(stack: Stack, source: RecordSource) -> None:
    stack.open(1, NOON)
    today = place(int(NOON * 1000))
    rows: list[dict[str, Any]] = [
        {"call_sid": {"S": "nonsense"}, "item": {"S": "call"}, **today},
        {"call_sid": {"S": name_call(2)}, "item": {"S": "nonsense"}, **today},
        {"call_sid": {"S": name_call(3)}, "item": {"S": "call"}, **today, "ended_at_ms": {"N": "-1e99"}},
        {"call_sid": {"S": name_call(4)}, "item": {"S": "attempt#"}, **today, "status": {"S": "☃" * 999}},
        {"call_sid": {"S": name_call(5)}, "item": {"S": "call"}, **today, "at_ms": {"N": "7"}},
    ]
    for row in rows:
        stack.client.put_item(TableName=TABLE, Item=row)

    assert name_call(1) in await list_sids(source)
    assert await source.read_call(name_call(4))
