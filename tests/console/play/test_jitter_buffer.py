"""console.play.jitter_buffer: frames that come irregularly leave in the rhythm of the line."""

from console.play.jitter_buffer import JitterBuffer
from sandbox.speech import mulaw

VOICE = [bytes([level]) * 160 for level in range(1, 60)]


def take(buffer: JitterBuffer, times: int) -> list[bytes]:
    return [buffer.take() for _ in range(times)]


def test_silence_comes_out_where_nothing_goes_in() -> None:
    assert take(JitterBuffer(), 2) == [mulaw.SILENT_FRAME] * 2


def test_the_first_frame_waits_for_those_that_are_late() -> None:
    buffer = JitterBuffer()
    buffer.put(VOICE[0])

    assert take(buffer, 5) == [mulaw.SILENT_FRAME] * 3 + [VOICE[0], mulaw.SILENT_FRAME]


def test_three_frames_at_once_leave_one_after_another() -> None:
    buffer = JitterBuffer()
    said = []
    for start in range(0, 9, 3):
        for frame in VOICE[start : start + 3]:
            buffer.put(frame)
        said += take(buffer, 3)

    assert said + take(buffer, 3) == [mulaw.SILENT_FRAME] * 3 + VOICE[:9]


def test_half_a_second_waits_at_most_and_the_oldest_goes() -> None:
    buffer = JitterBuffer()
    for frame in VOICE[:40]:
        buffer.put(frame)

    assert take(buffer, 29)[3:] == [*VOICE[15:40], mulaw.SILENT_FRAME]


def test_quiet_frames_are_left_out_while_much_waits() -> None:
    buffer = JitterBuffer()
    for frame in VOICE[:6]:
        buffer.put(frame)
    for _ in range(10):
        buffer.put(mulaw.SILENT_FRAME)
    buffer.put(VOICE[6])

    assert take(buffer, 10)[3:] == VOICE[:7]


def test_what_was_not_said_is_forgotten() -> None:
    buffer = JitterBuffer()
    buffer.put(VOICE[0])
    buffer.clear()

    assert take(buffer, 5) == [mulaw.SILENT_FRAME] * 5
