"""The tone that a caller hears while nobody can speak."""

from array import array
from itertools import pairwise

from sandbox.speech.mulaw import to_pcm16
from socket_server.core.tone import PEAK, RATE, TONE


def test_the_tone_is_short_soft_and_has_no_clicks() -> None:
    samples = array("h", to_pcm16(TONE))

    assert len(TONE) == 300 * RATE // 1000
    assert 0.8 * PEAK < max(samples) < 1.1 * PEAK
    assert -1.1 * PEAK < min(samples) < -0.8 * PEAK
    assert max(abs(samples[0]), abs(samples[-1])) < 0.05 * PEAK
    assert max(abs(b - a) for a, b in pairwise(samples)) < PEAK / 2
