"""Voice activity and recognition, on the lines of the demo as they sound on a telephone."""

import random

import pytest

from sandbox.speech.mulaw import duration_ms, frames, from_pcm16, mix, silence, tone
from sandbox.speech.recognition import Recogniser, SpeechStarted, SpeechStopped, TurnDetector, contains_phrase
from sandbox.speech.voices.lines import Line, line, load_lines

CALLER = [each for each in load_lines().values() if each.who == "caller"]
OTHERS = [each for each in load_lines().values() if each.who != "caller"]
HAND_OVER = line("hand_over")
DECOYS = [each.text for each in load_lines().values() if each is not HAND_OVER]
RINGING = tone(2000, 440, 480, level=0.1) + silence(1500)


def noise(ms: int, level: int = 120) -> bytes:
    """Return white noise; the level is the deviation of 16-bit samples."""
    chance = random.Random(1)  # noqa: S311 - noise, no secret
    samples = (int(chance.gauss(0, level)) for _ in range(ms * 8))
    return from_pcm16(b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples))


def find_turns(audio: bytes, detector: TurnDetector | None = None) -> list[SpeechStarted | SpeechStopped]:
    detector = detector or TurnDetector()
    return [event for frame in frames(audio) for event in detector.hear(frame)]


@pytest.mark.parametrize("each", load_lines().values(), ids=lambda each: each.name)
def test_a_line_between_silences_is_one_turn(each: Line) -> None:
    started, stopped = find_turns(silence(1000) + each.audio + silence(1000))
    assert isinstance(started, SpeechStarted)
    assert isinstance(stopped, SpeechStopped)
    assert 500 <= started.at_ms <= 800  # the padding of 300 ms is counted in
    assert stopped.audio in silence(1000) + each.audio + silence(1000)
    assert each.audio in stopped.audio


def test_a_short_pause_does_not_end_a_turn_and_a_long_one_does() -> None:
    for pause_ms, turns in ((200, 1), (900, 2)):
        audio = line("anna").audio + silence(pause_ms) + line("anna_answers").audio + silence(1000)
        assert len(find_turns(audio)) == 2 * turns


def test_a_patient_detector_waits_longer() -> None:
    audio = line("anna").audio + silence(900) + line("anna_answers").audio + silence(2000)
    assert len(find_turns(audio, TurnDetector(silence_duration_ms=1500))) == 2


def test_neither_silence_nor_line_noise_nor_a_click_is_speech() -> None:
    assert find_turns(silence(2000)) == []
    assert find_turns(noise(2000)) == []
    assert find_turns(silence(500) + tone(60, 1000) + silence(1000)) == []


def test_audio_may_come_in_pieces_of_any_length() -> None:
    audio = silence(500) + line("anna").audio + silence(1000)
    detector = TurnDetector()
    pieces = [audio[start : start + 333] for start in range(0, len(audio), 333)]
    assert [event for piece in pieces for event in detector.hear(piece)] == find_turns(audio)


@pytest.fixture(scope="module")
def callers_phrases() -> Recogniser:
    return Recogniser([each.text for each in CALLER])


def test_every_line_of_the_caller_is_recognised_word_for_word(callers_phrases: Recogniser) -> None:
    for each in CALLER:
        assert callers_phrases.recognise(silence(300) + each.audio + silence(500)) == each.text


def test_every_line_of_the_caller_is_recognised_in_noise(callers_phrases: Recogniser) -> None:
    for each in CALLER:
        heard = mix(silence(300) + each.audio + silence(500), noise(800 + duration_ms(each.audio)))
        assert callers_phrases.recognise(heard) == each.text


def test_every_line_is_told_from_all_others() -> None:
    recogniser = Recogniser([each.text for each in load_lines().values()])
    for each in load_lines().values():
        assert recogniser.recognise(silence(300) + each.audio + silence(500)) == each.text


def test_what_is_none_of_the_phrases_is_not_taken_for_one(callers_phrases: Recogniser) -> None:
    for each in OTHERS:
        assert callers_phrases.recognise(silence(300) + each.audio + silence(500)) is None


def test_silence_is_no_phrase(callers_phrases: Recogniser) -> None:
    assert callers_phrases.recognise(silence(1000)) is None


def test_half_a_phrase_is_no_phrase(callers_phrases: Recogniser) -> None:
    audio = line("frustrated").audio
    assert callers_phrases.recognise(audio[: len(audio) // 2]) is None


def test_a_word_that_the_dictionary_lacks_is_named() -> None:
    with pytest.raises(ValueError, match="'warmline'"):
        Recogniser(["Welcome to Warmline."])


def recording(sentence: bytes) -> bytes:
    """Return what the caller may have heard: other sentences before, ringing and a person after."""
    before = silence(600) + line("greeting").audio + silence(900) + line("not_found").audio + silence(1500)
    return before + sentence + silence(300) + RINGING + line("anna").audio + silence(500)


@pytest.mark.parametrize("name", ["hand_over", "hand_over_asked"])
def test_the_whole_sentence_is_found_among_everything_else_that_was_heard(name: str) -> None:
    decoys = [each.text for each in load_lines().values() if each.name != name]
    assert contains_phrase(recording(line(name).audio), line(name).text, decoys)


def test_the_sentence_is_found_with_nothing_around_it() -> None:
    assert contains_phrase(HAND_OVER.audio, HAND_OVER.text, DECOYS)


@pytest.mark.parametrize("cut_ms", [300, 500])
def test_the_sentence_without_its_end_is_not_found(cut_ms: int) -> None:
    assert not contains_phrase(recording(HAND_OVER.audio[: -cut_ms * 8]), HAND_OVER.text, DECOYS)


def test_the_sentence_that_the_ringing_cut_short_is_not_found() -> None:
    cut = recording(HAND_OVER.audio[: -500 * 8]).replace(silence(300) + RINGING, RINGING)
    assert not contains_phrase(cut, HAND_OVER.text, DECOYS)


def test_the_sentence_is_not_found_in_what_the_person_heard() -> None:
    heard = silence(400) + line("tell_anna").audio + silence(2500) + line("caller_goodbye").audio
    assert not contains_phrase(heard + silence(300), HAND_OVER.text, DECOYS)


def test_the_sentence_is_not_found_in_silence() -> None:
    assert not contains_phrase(silence(3000), HAND_OVER.text, DECOYS)
