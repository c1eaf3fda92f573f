"""Figures read off a recording."""

from sandbox.demo.measure import Sound, find_first_sound_after, find_last_sound_before, find_sounds
from sandbox.speech.mulaw import silence, tone

HEARD = silence(100) + tone(200, 440) + silence(60) + tone(100, 440) + silence(500) + tone(40, 440)


def test_short_pauses_do_not_end_a_sound() -> None:
    assert find_sounds(HEARD, pause_ms=300) == (Sound(100, 460), Sound(960, 1000))


def test_longer_pauses_do() -> None:
    assert find_sounds(HEARD, pause_ms=40) == (Sound(100, 300), Sound(360, 460), Sound(960, 1000))


def test_silence_has_no_sounds() -> None:
    assert find_sounds(silence(1000), pause_ms=300) == ()
    assert find_first_sound_after(silence(100), 0) is None
    assert find_last_sound_before(silence(100), 100) is None


def test_the_sounds_around_a_moment() -> None:
    assert find_first_sound_after(HEARD, 470) == 960
    assert find_last_sound_before(HEARD, 900) == 460
