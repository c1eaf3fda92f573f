"""Looking on while people ring, at a record that answers, is late, or fails."""

import pytest

from call_record import Attempt, Leg
from socket_server.call.attempt_watch import watch_attempt
from socket_server.core.attempt_events import AttemptChanged
from tests.socket_server.call.test_call import Memory

RINGS = Attempt("r1", "desk", mode="attended", status="ringing", claimed_at_ms=1)
ANNA = Leg("CA1", "r1", initiated_at_ms=10, person="Anna")

type Rows = tuple[Attempt, tuple[Leg, ...]] | None


class Ringing(Memory):
    """A record of an attempt; a test says what each look at it finds."""

    def __init__(self, *looks: Rows) -> None:
        super().__init__()
        self.looks = list(looks)

    async def read_attempt(self, call_sid: str, request_id: str) -> Rows:
        assert (call_sid, request_id) == ("CA0", "r1")
        return self.looks.pop(0)


async def watch(record: Ringing, *, unreadable_seconds: float = 60.0) -> list[AttemptChanged]:
    told: list[AttemptChanged] = []
    await watch_attempt(record, "CA0", "r1", told.append, every_seconds=0.0, unreadable_seconds=unreadable_seconds)
    return told


async def test_it_looks_until_it_is_over() -> None:
    record = Ringing((RINGS, ()), (RINGS, (ANNA,)), (Attempt("r1", status="nobody", claimed_at_ms=1), ()), None)

    assert await watch(record) == [AttemptChanged("r1", "ringing", people=1), AttemptChanged("r1", "nobody")]
    assert record.looks == [None]


async def test_a_record_that_is_not_there_for_a_while_changes_nothing() -> None:
    taken = Attempt("r1", status="ringing", claimed_at_ms=1, accepted_by="CA1")
    record = Ringing(None, (RINGS, (ANNA,)), None, None, (taken, (ANNA,)))

    assert await watch(record) == [AttemptChanged("r1", "ringing", people=1), AttemptChanged("r1", "accepted", "Anna")]


async def test_where_nothing_can_be_read_nobody_is_promised(caplog: pytest.LogCaptureFixture) -> None:
    told = await watch(Ringing(None), unreadable_seconds=0.0)

    assert told == [AttemptChanged("r1", "failed", note="it is not known what became of them")]
    assert "cannot be read" in caplog.text
