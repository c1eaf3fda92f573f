"""A query is read, or refused with what was expected and what came."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from console.call_source import CallQuery
from console.web.queries import QueryError, read_query, read_shows_numbers, write_query


def test_everything_can_be_asked_for_at_once() -> None:
    query = read_query(
        QueryParams("day=2026-11-28&outcome=talked&destination=sales&number=0001&words=fresh+bread&limit=20&numbers=1")
    )

    assert query == CallQuery(
        day=date(2026, 11, 28),
        outcome="talked",
        destination="sales",
        number_ends_with="0001",
        words="fresh bread",
        limit=20,
    )


def test_what_a_form_leaves_empty_is_not_asked_for() -> None:
    assert read_query(QueryParams("day=&outcome=&destination=+&number=&words=&limit=&numbers=")) == CallQuery()


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("day=foo", "Expected day as a day such as 2026-11-28, got 'foo'."),
        ("day=20261128", "Expected day as a day such as 2026-11-28, got '20261128'."),
        ("day=2026-W48-6", "Expected day as a day such as 2026-11-28, got '2026-W48-6'."),
        ("day=2026-02-30", "Expected day as a day such as 2026-11-28, got '2026-02-30'."),
        ("day=0000-00-00", "Expected day as a day such as 2026-11-28, got '0000-00-00'."),
        ("day=٢٠٢٦-١١-٢٨", "Expected day as a day such as 2026-11-28, got '٢٠٢٦-١١-٢٨'."),
        (
            "outcome=x",
            "Expected outcome as one of running, talked, answered, message, nobody, failed, unknown, got 'x'.",
        ),
        ("limit=-1", "Expected limit as a number from 1 to 1000, got '-1'."),
        ("limit=0", "Expected limit as a number from 1 to 1000, got '0'."),
        ("limit=1001", "Expected limit as a number from 1 to 1000, got '1001'."),
        ("limit=1e3", "Expected limit as a number from 1 to 1000, got '1e3'."),
        ("limit=²", "Expected limit as a number from 1 to 1000, got '²'."),
        ("limit=" + "9" * 9999, "Expected limit as a number from 1 to 1000, got '" + "9" * 40 + "…'."),
        ("number=maria", "Expected number as the last digits of a number, such as 0001, got 'maria'."),
        (
            "number=1234567890123456",
            "Expected number as the last digits of a number, such as 0001, got '123456789012345",
        ),
        ("words=" + "a" * 201, "Expected words as at most 200 characters, got '" + "a" * 40 + "…'."),
        ("day=2026-11-28&day=2026-11-29", "Expected day once, got it 2 times."),
        ("dya=2026-11-28", "'dya' is not known: expected one of day, outcome, destination, number, words, limit, "),
        ("day=%00%1b[31m", "Expected day as a day such as 2026-11-28, got '\\x00\\x1b[31m'."),
    ],
)
def test_a_bad_query_is_refused_with_what_was_expected_and_what_came(query: str, sentence: str) -> None:
    with pytest.raises(QueryError) as refused:
        read_query(QueryParams(query))

    assert str(refused.value).startswith(sentence)


@pytest.mark.parametrize(("query", "shown"), [("", False), ("numbers=0", False), ("numbers=1", True), ("a=b", False)])
def test_numbers_are_shown_only_when_asked(query: str, shown: bool) -> None:
    assert read_shows_numbers(QueryParams(query)) is shown


def test_a_switch_is_0_or_1() -> None:
    with pytest.raises(QueryError, match=r"^Expected numbers as 0 or 1, got 'yes'\.$"):
        read_shows_numbers(QueryParams("numbers=yes"))


@pytest.mark.parametrize("number", ["0001", "…0001", "+1 (555) 010-0001", "555.010.0001"])
def test_a_number_is_taken_as_people_write_it(number: str) -> None:
    assert read_query(QueryParams({"number": number})).number_ends_with.endswith("0001")


@given(st.dictionaries(st.sampled_from(["day", "outcome", "destination", "number", "words", "limit"]), st.text()))
def test_a_query_of_anything_is_read_or_refused(given_: dict[str, str]) -> None:
    query = None
    with suppress(QueryError):
        query = read_query(QueryParams(given_))

    assert query is None or 1 <= query.limit <= 1000


def test_a_query_is_written_for_another_address() -> None:
    assert write_query(QueryParams("day=&words=bread+%26+<butter>")) == "?words=bread+%26+%3Cbutter%3E"
    assert write_query(QueryParams("day=")) == ""
