"""What people do who are rung, from rows to events."""

from dataclasses import replace

import pytest

from call_record import Attempt, Leg
from socket_server.aws.attempt_changes import AttemptChanges
from socket_server.core.attempt_events import AttemptChanged

RINGS = Attempt("r1", "desk", mode="attended", status="ringing", claimed_at_ms=1)
ANNA = Leg("CA1", "r1", initiated_at_ms=10, person="Anna")
BEN = Leg("CA2", "r1", initiated_at_ms=20, person="Ben")


def changed(state: str, person: str = "", note: str = "", people: int = 0) -> AttemptChanged:
    return AttemptChanged("r1", state, person, note, people)  # type: ignore[arg-type]  # a wrong state fails the test


def look(changes: AttemptChanges, attempt: Attempt, *legs: Leg) -> list[AttemptChanged]:
    return list(changes.compare(attempt, legs))


def test_people_are_counted_and_told_when_their_number_changes() -> None:
    changes = AttemptChanges("r1")
    busy = replace(ANNA, completed_at_ms=30, status="busy")

    assert look(changes, RINGS) == []
    assert look(changes, RINGS, ANNA, BEN) == [changed("ringing", people=2)]
    assert look(changes, RINGS, ANNA, BEN) == []
    assert look(changes, RINGS, busy, BEN) == [changed("ringing", people=1)]
    assert look(changes, RINGS, busy, replace(BEN, completed_at_ms=40)) == []


def test_who_listens_and_passes_is_told_once() -> None:
    changes = AttemptChanges("r1")
    look(changes, RINGS, ANNA)
    listens = replace(ANNA, answered_at_ms=30, brief_at_ms=40)
    passes = replace(listens, key="2", completed_at_ms=50)

    assert look(changes, RINGS, replace(ANNA, answered_at_ms=30)) == []
    assert look(changes, RINGS, listens) == [changed("listening", "Anna")]
    assert look(changes, RINGS, listens) == []
    assert look(changes, RINGS, passes) == [changed("passed", "Anna")]
    assert look(changes, RINGS, passes, BEN) == [changed("ringing", people=1)]


def test_who_has_taken_the_call_is_named() -> None:
    changes = AttemptChanges("r1")

    assert look(changes, replace(RINGS, accepted_by="CA2"), replace(ANNA, key="2"), BEN) == [
        changed("passed", "Anna"),
        changed("accepted", "Ben"),
    ]
    assert changes.over
    assert look(changes, replace(RINGS, status="nobody"), ANNA) == []


def test_a_person_without_a_row_has_taken_the_call_all_the_same() -> None:
    assert look(AttemptChanges("r1"), replace(RINGS, accepted_by="CA9"), ANNA) == [changed("accepted")]


@pytest.mark.parametrize(
    ("status", "end"),
    [
        ("nobody", changed("nobody")),
        ("no_answer", changed("nobody")),
        ("passed", changed("nobody")),
        ("failed", changed("failed")),
        ("caller_gone", changed("failed", note="it was called off")),
        ("cancelled_by_caller", changed("failed", note="it was called off")),
        ("answered_through", changed("answered_through", "Ben", "On Monday.")),
    ],
)
def test_an_end_is_told_and_nothing_after_it(status: str, end: AttemptChanged) -> None:
    changes = AttemptChanges("r1")

    assert look(changes, replace(RINGS, status=status), ANNA, replace(BEN, note="On Monday.")) == [end]
    assert changes.over


def test_an_answer_that_nobody_wrote_down_is_told_without_words() -> None:
    changes = AttemptChanges("r1")
    assert look(changes, replace(RINGS, status="answered_through"), ANNA) == [changed("answered_through")]


def test_a_status_that_nobody_knows_is_no_end() -> None:
    changes = AttemptChanges("r1")
    assert look(changes, replace(RINGS, status="teleported")) == []
    assert not changes.over
