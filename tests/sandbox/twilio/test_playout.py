"""sandbox.twilio.playout: what the ear gets in which tick, and when marks come back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.speech import mulaw
from sandbox.twilio.events import MarkReason
from sandbox.twilio.playout import Playout


class Log:
    def __init__(self) -> None:
        self.marks: list[tuple[str, MarkReason]] = []
        self.playing: list[bool] = []
        self.playout = Playout(lambda name, reason: self.marks.append((name, reason)), self.playing.append)


@pytest.fixture
def log() -> Log:
    return Log()


def test_silence_is_played_when_there_is_nothing(log: Log) -> None:
    assert (log.playout.next_frame(), log.playing) == (mulaw.SILENT_FRAME, [])


def test_audio_of_any_size_is_played_in_order(log: Log) -> None:
    log.playout.add(b"a" * 100)
    log.playout.add(b"b" * 100)

    assert [log.playout.next_frame() for _ in range(2)] == [b"a" * 100 + b"b" * 60, b"b" * 40 + b"\xff" * 120]


def test_a_mark_returns_when_the_last_byte_before_it_has_sounded(log: Log) -> None:
    log.playout.add(b"a" * 320)
    log.playout.mark("end")

    returned = []
    for _ in range(3):
        log.playout.next_frame()
        returned.append(list(log.marks))

    assert returned == [[], [], [("end", "played")]]


def test_a_mark_into_an_empty_buffer_returns_at_once(log: Log) -> None:
    log.playout.mark("nothing before me")

    assert log.marks == [("nothing before me", "nothing_buffered")]


def test_a_mark_after_the_last_frame_was_taken_waits_until_it_has_sounded(log: Log) -> None:
    log.playout.add(b"a" * 160)
    log.playout.next_frame()

    log.playout.mark("end")
    at_once = list(log.marks)
    log.playout.next_frame()

    assert (at_once, log.marks) == ([], [("end", "played")])


def test_clear_drops_the_audio_and_returns_every_mark(log: Log) -> None:
    log.playout.add(b"a" * 320)
    log.playout.mark("one")
    log.playout.add(b"b" * 320)
    log.playout.mark("two")
    log.playout.next_frame()

    dropped_ms = log.playout.clear()

    assert (dropped_ms, log.playout.next_frame()) == (60, mulaw.SILENT_FRAME)
    assert log.marks == [("one", "cleared"), ("two", "cleared")]


def test_beginning_and_end_of_sound_are_told_once(log: Log) -> None:
    log.playout.add(b"a" * 320)
    for _ in range(4):
        log.playout.next_frame()
    log.playout.add(b"a" * 160)
    log.playout.next_frame()
    log.playout.clear()

    assert log.playing == [True, False, True, False]


@given(st.lists(st.one_of(st.binary(min_size=1, max_size=700), st.sampled_from(["mark", "clear", "tick"]))))
def test_whatever_happens_every_mark_returns_once_and_in_order(steps: list[bytes | str]) -> None:
    log, sent, played = Log(), 0, b""
    for step in steps:
        match step:
            case bytes():
                log.playout.add(step)
            case "mark":
                log.playout.mark(str(sent))
                sent += 1
            case "clear":
                log.playout.clear()
            case _:
                played += log.playout.next_frame()
    log.playout.clear()

    assert [name for name, _ in log.marks] == [str(n) for n in range(sent)]
    assert len(played) == 160 * steps.count("tick")
