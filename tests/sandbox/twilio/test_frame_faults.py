"""sandbox.twilio.frame_faults: which of the caller's frames arrive, when, and in what order."""

from sandbox.speech import mulaw
from sandbox.twilio.faults import FrameFaults
from sandbox.twilio.frame_faults import FramePath

VOICE, QUIET = mulaw.tone(20, 500), mulaw.SILENT_FRAME


def list_arrivals(faults: FrameFaults, spoken: list[bytes]) -> list[tuple[int, ...]]:
    """Timestamps of what arrives, tick by tick."""
    path = FramePath(lambda: faults)
    return [tuple(timestamp_ms for _, timestamp_ms in path.send(frame, tick * 20)) for tick, frame in enumerate(spoken)]


def test_without_faults_each_frame_arrives_in_its_tick() -> None:
    assert list_arrivals(FrameFaults(), [VOICE, QUIET, VOICE]) == [(0,), (20,), (40,)]
    assert FramePath(FrameFaults).send(VOICE, 60) == [(VOICE, 60)]


def test_silence_is_left_out_but_for_its_beginning() -> None:
    spoken = [VOICE, QUIET, QUIET, QUIET, VOICE]
    assert list_arrivals(FrameFaults(skip_silence=True, hangover_ms=40), spoken) == [(0,), (20,), (40,), (), (80,)]


def test_line_noise_is_silence() -> None:
    noise = mulaw.tone(20, 500, level=0.001)
    assert list_arrivals(FrameFaults(skip_silence=True, hangover_ms=0), [noise, VOICE]) == [(), (20,)]


def test_what_is_lost_does_not_come_and_leaves_a_gap() -> None:
    came = [timestamp for each in list_arrivals(FrameFaults(lost=0.1, seed=1), [VOICE] * 1000) for timestamp in each]
    assert 850 < len(came) < 950
    assert came == sorted(came)
    assert list_arrivals(FrameFaults(lost=1.0), [VOICE] * 10) == [()] * 10


def test_what_is_held_up_comes_at_once() -> None:
    assert list_arrivals(FrameFaults(delayed=1.0, delay_ms=60), [VOICE] * 6) == [
        (),
        (),
        (0, 20, 40),
        (),
        (),
        (60, 80, 100),
    ]


def test_what_is_held_up_comes_though_nothing_follows() -> None:
    faults = FrameFaults(delayed=1.0, delay_ms=60, skip_silence=True, hangover_ms=0)
    assert list_arrivals(faults, [VOICE, QUIET, QUIET, QUIET]) == [(), (), (0,), ()]


def test_the_next_overtakes_and_its_timestamp_tells() -> None:
    assert list_arrivals(FrameFaults(reordered=1.0), [VOICE] * 4) == [(), (20, 0), (), (60, 40)]


def test_the_same_seed_does_the_same() -> None:
    faults = FrameFaults(lost=0.2, delayed=0.05, delay_ms=100, reordered=0.2, seed=7)
    again = FrameFaults(lost=0.2, delayed=0.05, delay_ms=100, reordered=0.2, seed=7)
    other = FrameFaults(lost=0.2, delayed=0.05, delay_ms=100, reordered=0.2, seed=8)
    assert list_arrivals(faults, [VOICE] * 200) == list_arrivals(again, [VOICE] * 200)
    assert list_arrivals(faults, [VOICE] * 200) != list_arrivals(other, [VOICE] * 200)


def test_the_setting_may_change_in_the_midst() -> None:
    settings = {"now": FrameFaults()}
    path = FramePath(lambda: settings["now"])
    assert path.send(VOICE, 0) == [(VOICE, 0)]
    settings["now"] = FrameFaults(lost=1.0)
    assert path.send(VOICE, 20) == []
    settings["now"] = FrameFaults()
    assert path.send(VOICE, 40) == [(VOICE, 40)]
