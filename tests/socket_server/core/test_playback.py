"""The ledger of what the caller has heard."""

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socket_server.core.playback import Item, Playback


def ms(milliseconds: int) -> int:
    """Bytes of so much mu-law audio."""
    return 8 * milliseconds


def figures(items: list[Item]) -> list[tuple[str, int, int, int]]:
    """Item, heard, proved by marks, sent: in milliseconds."""
    return [(item.item_id, item.heard_ms, item.by_marks_ms, item.sent_ms) for item in items]


# --- marks


def test_a_mark_is_asked_for_at_every_200_ms() -> None:
    playback = Playback()

    assert [playback.sent("r1", "i1", ms(80), 0) for _ in range(6)] == ["", "", "1", "", "", "2"]


def test_the_end_of_an_item_is_marked() -> None:
    playback = Playback()
    playback.sent("r1", "i1", ms(100), 0)

    assert playback.finish_item("i1") == "1"


def test_the_end_of_an_item_is_marked_once() -> None:
    playback = Playback()
    playback.sent("r1", "i1", ms(200), 0)

    assert [playback.finish_item("i1"), playback.finish_item("i1")] == ["", ""]


def test_an_item_whose_end_lies_before_another_one_s_audio_is_covered_by_the_mark_after_that() -> None:
    playback = Playback()
    playback.sent("r1", "i1", ms(100), 0)
    playback.sent("r1", "i2", ms(50), 0)

    assert playback.finish_item("i1") == ""
    assert playback.finish_item("i2") == "1"
    playback.played("1", 150)
    assert figures(playback.take_heard()) == [("i1", 100, 100, 100), ("i2", 50, 50, 50)]


def test_an_item_that_was_never_heard_of_has_no_end() -> None:
    assert Playback().finish_item("i1") == ""


# --- what was heard


def test_an_item_is_heard_when_its_last_mark_has_come_back() -> None:
    playback = Playback()
    playback.sent("r1", "i1", ms(200), 0)
    playback.sent("r1", "i1", ms(100), 0)
    playback.finish_item("i1")

    playback.played("1", 200)
    assert playback.take_heard() == []
    playback.played("2", 300)
    assert figures(playback.take_heard()) == [("i1", 300, 300, 300)]
    assert playback.take_heard() == []


def test_the_ledger_is_drained_when_all_was_heard() -> None:
    playback = Playback()
    drained = [playback.drained]
    playback.sent("r1", "i1", ms(200), 0)
    drained.append(playback.drained)
    playback.played("1", 200)
    drained.append(playback.drained)

    assert drained == [True, False, True]


def test_an_item_may_be_heard_before_the_model_says_that_it_was_all() -> None:
    playback = Playback()
    playback.sent("r1", "i1", ms(200), 0)
    playback.played("1", 200)

    assert playback.take_heard() == []
    assert playback.finish_item("i1") == ""
    assert figures(playback.take_heard()) == [("i1", 200, 200, 200)]


def test_a_mark_proves_all_audio_before_it() -> None:
    playback = Playback()
    for _ in range(3):
        playback.sent("r1", "i1", ms(200), 0)

    playback.played("2", 400)

    assert figures(playback.interrupt(400)) == [("i1", 400, 400, 600)]


@pytest.mark.parametrize("mark", ["1", "7", ""])
def test_a_mark_of_cleared_audio_proves_nothing(mark: str) -> None:
    playback = Playback()
    playback.sent("r1", "i1", ms(200), 0)
    playback.interrupt(0)
    playback.sent("r2", "i2", ms(200), 0)

    playback.played(mark, 10)

    assert figures(playback.interrupt(10)) == [("i2", 10, 0, 200)]


# --- an interruption


def test_what_was_heard_is_what_marks_prove_and_the_time_since() -> None:
    playback = Playback()
    for _ in range(3):
        playback.sent("r1", "i1", ms(400), 10_000)
    playback.sent("r1", "i2", ms(400), 10_000)
    playback.played("1", 10_400)

    assert figures(playback.interrupt(10_650)) == [("i1", 650, 400, 1200), ("i2", 0, 0, 400)]
    assert playback.drained


@pytest.mark.parametrize(("now_ms", "heard_ms"), [(0, 0), (150, 150), (400, 400), (9000, 400)])
def test_the_clock_never_counts_beyond_the_next_mark(now_ms: int, heard_ms: int) -> None:
    playback = Playback()
    playback.sent("r1", "i1", ms(400), 0)
    playback.sent("r1", "i1", ms(400), 0)

    assert figures(playback.interrupt(now_ms)) == [("i1", heard_ms, 0, 800)]


def test_the_clock_runs_through_a_piece_that_a_later_mark_covers() -> None:
    playback = Playback()
    playback.sent("r1", "i1", ms(100), 0)
    playback.sent("r1", "i2", ms(200), 0)
    playback.sent("r1", "i2", ms(200), 0)

    assert figures(playback.interrupt(250)) == [("i1", 100, 0, 100), ("i2", 150, 0, 400)]


def test_a_clock_that_stands_counts_nothing() -> None:
    playback = Playback()
    playback.sent("r1", "i1", ms(400), 1000)

    assert figures(playback.interrupt(900)) == [("i1", 0, 0, 400)]


def test_the_clock_starts_with_the_first_audio_after_a_pause() -> None:
    playback = Playback()
    playback.sent("r1", "i1", ms(200), 0)
    playback.played("1", 200)
    playback.sent("r1", "i1", ms(200), 5000)

    assert figures(playback.interrupt(5050)) == [("i1", 250, 200, 400)]


def test_the_clock_stands_still_while_the_buffer_is_dry() -> None:
    playback = Playback()
    playback.sent("r1", "i1", ms(100), 0)
    playback.sent("r1", "i1", ms(400), 2000)

    assert figures(playback.interrupt(2050)) == [("i1", 150, 0, 500)]


def test_an_item_that_was_heard_so_far_but_is_not_finished_is_cut_too() -> None:
    playback = Playback()
    playback.sent("r1", "i1", ms(200), 0)
    playback.played("1", 200)

    assert figures(playback.interrupt(300)) == [("i1", 200, 200, 200)]


def test_an_item_that_was_heard_to_its_end_is_not_cut() -> None:
    playback = Playback()
    playback.sent("r1", "i1", ms(200), 0)
    playback.finish_item("i1")
    playback.played("1", 200)

    assert playback.interrupt(300) == []


# --- how long it lasts


def test_the_end_of_what_was_sent_is_told_by_the_clock() -> None:
    playback = Playback(500)
    ends = [playback.until_ms]
    playback.sent("r1", "i1", ms(400), 1000)
    ends.append(playback.until_ms)
    playback.sent("r1", "i2", ms(300), 1000)
    ends.append(playback.until_ms)
    playback.played("1", 1450)  # later than the clock says: so is the rest
    ends.append(playback.until_ms)
    playback.interrupt(1500)
    ends.append(playback.until_ms)

    assert ends == [500, 1400, 1700, 1750, 1500]


def test_what_is_not_heard_to_its_end_is_listed() -> None:
    playback = Playback()
    playback.sent("r1", "i1", ms(400), 1000)
    playback.finish_item("i1")
    playback.sent("r1", "i2", ms(300), 1000)
    playback.played("1", 1400)

    assert [item.item_id for item in playback.items] == ["i2"]


# --- marks in the middle of an item


class WithoutBranch(Playback):
    """Every mark is looked at in full."""

    def played(self, mark: str, now_ms: int) -> bool:
        self._played_up_to(mark, now_ms)
        return True


@given(
    st.lists(st.tuples(st.sampled_from(["i1", "i1", "i1", "i2", "ends i1", "mark", "mark"]), st.integers(1, 400))),
    st.integers(0, 400),
)
def test_a_mark_in_the_middle_of_an_item_changes_what_any_mark_does(
    happened: list[tuple[str, int]], cut_ms: int
) -> None:
    """Each step is what happens, and how long after the one before."""
    playback, plain = Playback(), WithoutBranch()
    now_ms, marks = 0, deque[str]()
    for what, after_ms in happened:
        now_ms += after_ms
        if what == "mark":
            mark = marks.popleft() if marks else "unknown"
            assert plain.played(mark, now_ms)
            branched = not playback.played(mark, now_ms)
            assert not (branched and playback.drained), "something may follow"
        elif what == "ends i1":
            marks.append(plain.finish_item("i1"))
            assert playback.finish_item("i1") == marks[-1]
        else:
            marks.append(plain.sent("r1", what, ms(250), now_ms))
            assert playback.sent("r1", what, ms(250), now_ms) == marks[-1]
        assert playback.take_heard() == plain.take_heard()
        assert (playback.drained, playback.until_ms) == (plain.drained, plain.until_ms)

    assert playback.interrupt(now_ms + cut_ms) == plain.interrupt(now_ms + cut_ms)


# --- held against a phone that plays in real time


@given(st.lists(st.tuples(st.integers(0, 600), st.integers(1, 500)), min_size=1, max_size=12), st.integers(0, 6000))
def test_what_is_taken_for_heard_is_what_was_played(deltas: list[tuple[int, int]], cut_ms: int) -> None:
    """Deltas are (pause before it, its length); marks come back in the very moment in which they are reached."""
    playback, silent_from_ms, now_ms = Playback(), 0, 0
    returning: deque[tuple[int, str]] = deque()
    played: list[tuple[int, int]] = []
    for pause_ms, length_ms in deltas:
        now_ms += pause_ms
        while returning and returning[0][0] <= now_ms:
            at_ms, mark = returning.popleft()
            playback.played(mark, at_ms)
        begins_ms = max(silent_from_ms, now_ms)
        silent_from_ms = begins_ms + length_ms
        played.append((begins_ms, silent_from_ms))
        if mark := playback.sent("r1", "i1", ms(length_ms), now_ms):
            returning.append((silent_from_ms, mark))
    now_ms += cut_ms
    while returning and returning[0][0] <= now_ms:
        at_ms, mark = returning.popleft()
        playback.played(mark, at_ms)

    [item] = playback.interrupt(now_ms)

    really_ms = sum(max(0, min(end, now_ms) - begin) for begin, end in played)
    assert item.by_marks_ms <= item.heard_ms == really_ms
