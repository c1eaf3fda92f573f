"""The operator's goodbyes: each is claimed once."""

from call_record import CallTable
from call_rows import Goodbye
from tests.call_record.conftest import Clock

CALL = "CA" + "0" * 32
NOW_MS = 1_800_000_000_000


def test_a_goodbye_is_claimed_once_and_the_second_claim_gets_what_is_stored(table: CallTable, clock: Clock) -> None:
    assert table.goodbyes.claim(CALL, "b1") is None
    clock.now_s += 5
    assert table.goodbyes.claim(CALL, "b1") == Goodbye("b1", "claimed", "", NOW_MS)
    table.goodbyes.finish(CALL, "b1", "failed", "HTTP 500")

    assert table.goodbyes.claim(CALL, "b1") == Goodbye("b1", "failed", "HTTP 500", NOW_MS)
    assert table.goodbyes.claim(CALL, "b2") is None
    assert [each.request_id for each in table.read(CALL).goodbyes] == ["b1", "b2"]
