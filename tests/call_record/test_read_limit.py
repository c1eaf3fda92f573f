"""How often a secret is read out of turn."""

from read_limit import READS, WINDOW_S, ReadLimit


def test_some_reads_may_come_at_once_and_the_next_when_the_first_is_long_ago() -> None:
    now_s = [0.0]
    limit = ReadLimit(lambda: now_s[0])

    assert [limit.allows() for _ in range(READS + 2)] == [True] * READS + [False] * 2
    now_s[0] = WINDOW_S - 0.1
    assert not limit.allows()
    now_s[0] = WINDOW_S
    assert [limit.allows() for _ in range(READS + 2)] == [True] * READS + [False] * 2
