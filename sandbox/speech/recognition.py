"""Hearing speech in telephone audio: when somebody talks, which phrase it was, whether a recording has it.

Voice activity is webrtcvad's, with the hysteresis of the Realtime service's server VAD; recognition is
pocketsphinx with a grammar of whole phrases. Both come in wheels and work offline. Simpler than the real
service: the phrases must be known before. Recognition blocks for about a hundredth of the audio's length:
use it off the event loop.
"""

import re
import struct
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import webrtcvad
from pocketsphinx import Decoder, Segment

from sandbox.speech.mulaw import (
    BYTES_PER_MS,
    FRAME_BYTES,
    FRAME_MS,
    SAMPLE_RATE_HZ,
    duration_ms,
    energy,
    frames,
    silence,
    to_pcm16,
)

# The words of a phrase that was really said cover all of the sound (0.97 and more), those of one that the
# grammar forced upon other speech less (0.91 at most): the demo's lines against those of its caller, clean
# and with noise.
_LEAST_COVERAGE = 0.94
# Quieter than this is line noise: about -46 dB below full scale. webrtcvad alone takes white noise for
# speech.
_LEAST_ENERGY = 0.005
# Speech starts when so many of the last frames are speech: a click is shorter, a "yes" is longer.
_START_FRAMES, _START_OF_LAST = 5, 8
_DECODER_FRAME_MS = 10
_LEAD_MS = 200  # of silence before an utterance, which the recogniser needs
_PAUSE_BYTES = 3 * FRAME_BYTES  # of silence that may be the end of a sentence
_BREATH_BYTES = 250 * BYTES_PER_MS  # of silence before a new sentence
_TRUNCATIONS = 6  # of a phrase that is looked for: without its last word, its last two words, …


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Somebody began to speak. Times are in the audio's own milliseconds, not the clock's."""

    at_ms: int  # where the turn's audio begins: before the speech, by the padding


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """Somebody stopped speaking."""

    at_ms: int
    audio: bytes  # the whole turn: padding, speech, and the silence that ended it


class TurnDetector:
    """Finds the turns in a stream of mu-law audio. The settings are those of the service's `server_vad`."""

    def __init__(self, threshold: float = 0.5, prefix_padding_ms: int = 300, silence_duration_ms: int = 500) -> None:
        self._vad = webrtcvad.Vad(min(3, int(threshold * 4)))
        self._silence_frames = max(1, silence_duration_ms // FRAME_MS)
        self._padding: deque[bytes] = deque(maxlen=prefix_padding_ms // FRAME_MS + _START_OF_LAST)
        self._recent: deque[bool] = deque(maxlen=_START_OF_LAST)
        self._turn: list[bytes] = []  # frames of the turn that is going on; empty between turns
        self._quiet_frames = 0
        self._rest = b""
        self._heard_ms = 0

    def hear(self, audio: bytes) -> list[SpeechStarted | SpeechStopped]:
        """Take the next piece of audio, of any length, and return what happened in it."""
        self._rest += audio
        events: list[SpeechStarted | SpeechStopped] = []
        while len(self._rest) >= FRAME_BYTES:
            frame, self._rest = self._rest[:FRAME_BYTES], self._rest[FRAME_BYTES:]
            self._heard_ms += FRAME_MS
            event = self._go_on(frame) if self._turn else self._begin(frame)
            if event is not None:
                events.append(event)
        return events

    def _begin(self, frame: bytes) -> SpeechStarted | None:
        self._padding.append(frame)
        self._recent.append(self._is_speech(frame))
        if sum(self._recent) < _START_FRAMES:
            return None
        self._turn = list(self._padding)
        self._quiet_frames = 0
        self._padding.clear()
        self._recent.clear()
        return SpeechStarted(self._heard_ms - len(self._turn) * FRAME_MS)

    def _go_on(self, frame: bytes) -> SpeechStopped | None:
        self._turn.append(frame)
        self._quiet_frames = 0 if self._is_speech(frame) else self._quiet_frames + 1
        if self._quiet_frames < self._silence_frames:
            return None
        audio, self._turn = b"".join(self._turn), []
        return SpeechStopped(self._heard_ms, audio)

    def _is_speech(self, frame: bytes) -> bool:
        # The detector adapts to what it hears: it must be asked about every frame, quiet ones too.
        voiced = bool(self._vad.is_speech(to_pcm16(frame), SAMPLE_RATE_HZ))
        return voiced and energy(frame) >= _LEAST_ENERGY


class Recogniser:
    """Tells which of some phrases an utterance is. Not for two threads at a time."""

    def __init__(self, phrases: Sequence[str]) -> None:
        """Raise ValueError if a phrase has a word that the recogniser's dictionary lacks."""
        self._phrases = {_normalise(phrase): phrase for phrase in phrases}
        # Batch normalisation: what was heard before must not change what is heard now.
        self._decoder = Decoder(lm=None, samprate=2 * SAMPLE_RATE_HZ, cmn="batch", loglevel="FATAL")
        for words in self._phrases:
            for word in words.split():
                if self._decoder.lookup_word(word) is None:
                    raise ValueError(f"the dictionary has no {word!r}, which is in {self._phrases[words]!r}")
        grammar = " | ".join(f"({words})" for words in self._phrases)
        self._decoder.add_jsgf_string("phrases", f"#JSGF V1.0; grammar phrases; public <phrase> = {grammar};")
        self._decoder.activate_search("phrases")

    def recognise(self, audio: bytes) -> str | None:
        """Return the phrase that was said, whole and with nothing else; None if it was none of them."""
        sounding = sum(_is_sound(frame) for frame in frames(audio)) * FRAME_MS
        if not sounding:
            return None
        self._decoder.start_utt()
        self._decoder.process_raw(_upsample(silence(_LEAD_MS) + audio + silence(300)), full_utt=True)
        self._decoder.end_utt()
        hypothesis = self._decoder.hyp()
        # A phrase that was begun and not finished is a hypothesis too, but not one of the phrases.
        phrase = self._phrases.get(hypothesis.hypstr) if hypothesis else None
        if phrase is None or self._measure_covered_ms() < _LEAST_COVERAGE * sounding:
            return None
        return phrase

    def find_word_ends(self) -> list[int]:
        """When each word of the phrase that was recognised last ended, in milliseconds."""
        return [(each.end_frame + 1) * _DECODER_FRAME_MS - _LEAD_MS for each in self._list_spoken()]

    def _measure_covered_ms(self) -> int:
        return sum((each.end_frame - each.start_frame + 1) * _DECODER_FRAME_MS for each in self._list_spoken())

    def _list_spoken(self) -> list[Segment]:
        return [segment for segment in self._decoder.seg() if segment.word[0] not in "<(["]


def find_word_ends(audio: bytes, text: str) -> list[int]:
    """When each word of `text` ends in the audio, in milliseconds. ValueError if the audio is something else."""
    recogniser = Recogniser([text])
    if recogniser.recognise(audio) != text:
        raise ValueError(f"the audio is not {text!r}")
    return recogniser.find_word_ends()


def contains_phrase(recording: bytes, expected: str, decoys: Sequence[str]) -> bool:
    """Tell whether the whole of `expected` is said in a recording, with other sounds before and after it.

    It must win against the decoys, to which the phrase without its last words is added. A pause in the phrase does
    no harm, a missing syllable at its end does. A quarter of a second of silence before it and 60 ms after it are
    needed, so that it can be told from what else is heard. Takes about a fifth of the recording's time.
    """
    words = expected.split()
    cut = [" ".join(words[:-count]) for count in range(1, min(_TRUNCATIONS, len(words) - 1) + 1)]
    # Most of a recording is something else, which a grammar of one phrase refuses fast.
    alone, among = Recogniser([expected]), Recogniser([expected, *cut, *decoys])
    shortest_ms, longest_ms = 150 * len(words), 1000 + 350 * len(words)  # of anybody's speech
    stretches = _find_stretches(recording)
    for first, (start, _) in enumerate(stretches):
        if first and start - stretches[first - 1][1] < _BREATH_BYTES:
            continue  # in the middle of somebody's sentence
        for _, end in stretches[first:]:
            if not shortest_ms <= duration_ms(recording[start:end]) <= longest_ms:
                continue
            audio = recording[start:end]
            if alone.recognise(audio) == expected and among.recognise(audio) == expected:
                return True
    return False


def _find_stretches(recording: bytes) -> list[tuple[int, int]]:
    """Return where sound begins and ends, in bytes; pauses part two stretches."""
    stretches: list[tuple[int, int]] = []
    for index, frame in enumerate(frames(recording)):
        if not _is_sound(frame):
            continue
        start, end = index * FRAME_BYTES, (index + 1) * FRAME_BYTES
        if stretches and start - stretches[-1][1] < _PAUSE_BYTES:
            stretches[-1] = stretches[-1][0], end
        else:
            stretches.append((start, end))
    return stretches


def _is_sound(frame: bytes) -> bool:
    return energy(frame) >= _LEAST_ENERGY


def _normalise(phrase: str) -> str:
    return " ".join(re.findall(r"[a-z']+", phrase.lower()))


def _upsample(audio: bytes) -> bytes:
    """16 kHz PCM, which the acoustic model wants: a sample halfway between each two."""
    pcm = to_pcm16(audio)
    samples = struct.unpack(f"<{len(audio)}h", pcm)
    doubled = [0] * (2 * len(samples))
    doubled[0::2] = samples
    doubled[1::2] = [(one + next_one) // 2 for one, next_one in zip(samples, (*samples[1:], 0), strict=True)]
    return struct.pack(f"<{len(doubled)}h", *doubled)
