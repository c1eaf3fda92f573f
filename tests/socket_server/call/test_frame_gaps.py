"""What is told as silence where frames are missing."""

from base64 import b64encode
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.speech.mulaw import silence
from socket_server.call.frame_gaps import GAP_MS, JUMP_MS, LATE_MS, MOST_MS, FrameGaps

FRAME_MS, LOOK_MS = 20, 100


def text(ms: int) -> bytes:
    """A frame as base64 text."""
    return b'"%b"' % b64encode(silence(ms))


FRAME = text(FRAME_MS)


@dataclass
class Line:
    """A line, the clock beside it and what the service is told."""

    gaps: FrameGaps = field(init=False)
    now_ms: int = 0
    framed_ms: int = 0
    filled_ms: int = 0
    fills: list[int] = field(default_factory=list)
    _came: bool = False

    def __post_init__(self) -> None:
        self.gaps = FrameGaps(lambda: self.now_ms)

    def frame(self, timestamp: int | None = None) -> None:
        self._fill(self.gaps.observe(timestamp, FRAME))
        self.framed_ms += FRAME_MS
        self._came = True

    def look(self, now_ms: int | None = None) -> None:
        self.now_ms = self.now_ms + LOOK_MS if now_ms is None else now_ms
        self._fill(self.gaps.look(self.now_ms, came=self._came))
        self._came = False

    def speak(self, ms: int, since: int | None = None, *, stamped: bool = True) -> None:
        """Frames in time, and looks between them."""
        first = self.now_ms if since is None else since
        for at in range(0, ms, FRAME_MS):
            self.frame(first + at if stamped else None)
            if (at + FRAME_MS) % LOOK_MS == 0:
                self.look()

    def catch_up(self, since: int, ms: int) -> None:
        """Frames that were late, all at once."""
        for at in range(0, ms, FRAME_MS):
            self.frame(since + at)

    def wait(self, ms: int) -> None:
        for _ in range(0, ms, LOOK_MS):
            self.look()

    def _fill(self, ms: int) -> None:
        if ms:
            self.fills.append(ms)
            self.filled_ms += ms


def test_a_line_without_gaps_is_not_filled() -> None:
    line = Line()
    line.speak(5000)
    assert line.fills == []


@pytest.mark.parametrize("stamped", [True, False])
def test_a_line_that_sends_nothing_is_filled_while_it_lasts(stamped: bool) -> None:
    line = Line()
    line.speak(1000, stamped=stamped)
    line.wait(200)
    assert line.fills == [180]  # the last frame lasted to 20 ms after the look that saw it
    line.wait(39_800)
    assert line.fills == [180] + [100] * 398


def test_what_the_clock_filled_is_not_filled_again_by_the_timestamps() -> None:
    line = Line()
    line.speak(1000)
    line.wait(40_000)
    line.speak(1000)
    assert line.filled_ms == 39_980
    line.wait(40_000)
    assert line.filled_ms == 39_980 + 39_980


def test_a_line_from_which_nothing_ever_came_is_filled_from_the_first_look_on() -> None:
    line = Line()
    line.look(50_000)
    line.wait(1000)
    assert line.filled_ms == 1000


def test_a_gap_between_two_frames_that_came_together_is_filled_before_the_second() -> None:
    line = Line()
    line.speak(1000)
    line.now_ms += 500  # and nobody has looked
    line.frame(1000)
    line.frame(1020 + 300)
    assert line.fills == [300]


@pytest.mark.parametrize(("missing", "filled"), [(GAP_MS - 1, []), (GAP_MS, [GAP_MS]), (30_000, [MOST_MS])])
def test_short_gaps_are_left_and_long_ones_filled_in_part(missing: int, filled: list[int]) -> None:
    line = Line()
    line.frame(0)
    line.now_ms += FRAME_MS + missing
    line.frame(FRAME_MS + missing)
    line.frame(FRAME_MS + missing + FRAME_MS)
    assert line.fills == filled


@pytest.mark.parametrize("frame_ms", [10, 60, 1000])
def test_frames_of_other_lengths_leave_no_gap(frame_ms: int) -> None:
    gaps, filled = FrameGaps(lambda: at), 0
    for at in range(0, 10_000, frame_ms):
        filled += gaps.observe(at, text(frame_ms))
        filled += gaps.look(at, came=True)
        for look in range(at + LOOK_MS, at + frame_ms, LOOK_MS):
            filled += gaps.look(look, came=False)
    assert filled == 0


def test_frames_out_of_order_are_no_gap() -> None:
    line = Line()
    for timestamp in (0, 40, 20, 60, 120, 80, 100, 140):
        line.frame(timestamp)
    assert line.fills == []


def test_jitter_of_timestamps_is_no_gap() -> None:
    line = Line()
    for number in range(500):
        line.frame(number * 20 + number % 7 * 13)
    assert line.fills == []


def test_one_delay_is_filled_once_and_paid_for_by_the_next_gap() -> None:
    line = Line()
    line.speak(1000)
    line.wait(800)
    assert line.filled_ms == 780
    line.catch_up(1000, 800)
    line.speak(1000)
    line.wait(10_000)
    assert line.filled_ms == 780 + 9980 - 780


def test_a_line_that_stops_each_second_does_not_double_its_time() -> None:
    line = Line()
    line.speak(1000)
    for second in range(1, 61):
        line.wait(900)
        line.catch_up(second * 1000, 1000)
        line.look()
    assert line.filled_ms <= LATE_MS + GAP_MS


def test_a_long_delay_keeps_no_later_gap_from_being_filled_for_long() -> None:
    line = Line()
    line.speak(1000)
    line.wait(30_000)
    line.catch_up(1000, 30_000)
    line.speak(1000)
    before = line.filled_ms
    line.wait(LATE_MS + 300)
    assert line.filled_ms > before


@pytest.mark.parametrize("jump", [JUMP_MS + 1, 10**12, -JUMP_MS - 1])
def test_timestamps_of_another_clock_are_no_gap(jump: int) -> None:
    line = Line()
    line.speak(1000)
    line.frame(1000 + jump)
    line.frame(1000 + jump + FRAME_MS)
    assert line.fills == []
    line.now_ms += 2 * FRAME_MS + 500
    line.frame(1000 + jump + 2 * FRAME_MS + 500)
    assert line.fills == [500]


@pytest.mark.parametrize("step", [100, 160, 320, 2000])
def test_timestamps_that_run_faster_than_the_clock_are_filled_by_the_clock_alone(step: int) -> None:
    line = Line()
    for number in range(500):  # in units of their own, such as samples
        line.frame(number * step)
        if number % 5 == 4:
            line.look()
    assert line.fills == []
    line.wait(5000)
    assert line.filled_ms == 4980


def test_a_gap_is_filled_no_further_than_the_clock_allows() -> None:
    line = Line()
    line.speak(1000)
    line.now_ms += 200
    line.frame(1000 + 900)
    assert line.fills == [200]
    line.now_ms += FRAME_MS + 300
    line.frame(1000 + 900 + FRAME_MS + 300)
    assert line.fills == [200, 300]


def test_timestamps_that_come_and_go_are_no_gap() -> None:
    line = Line()
    for timestamp in (0, None, 500, 520, None, None, 900):
        line.frame(timestamp)
    assert line.fills == []


def test_a_process_that_stood_still_reads_before_it_fills() -> None:
    line = Line()
    line.speak(1000)
    line.look(line.now_ms + 3000)
    assert line.fills == []
    line.catch_up(1000, 3000)
    line.look()
    line.wait(1000)
    assert line.filled_ms == 980


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["lost", "late", "reordered", "unstamped"]))))
def test_silence_never_exceeds_the_time_that_passed(course: list[tuple[int, str]]) -> None:
    line = Line()
    line.look(0)
    sent_ms = 0
    for looks, fate in course:
        line.speak(500, since=sent_ms)
        line.wait(looks * LOOK_MS)
        sent_ms += 500 + looks * LOOK_MS
        if fate == "late":
            line.catch_up(sent_ms - looks * LOOK_MS, looks * LOOK_MS)
        elif fate == "reordered":
            line.frame(sent_ms - FRAME_MS)
        elif fate == "unstamped":
            line.frame(None)
        assert line.filled_ms <= line.now_ms
    before = line.filled_ms
    line.wait(5000)
    assert line.filled_ms - before >= 5000 - LATE_MS - 2 * GAP_MS
