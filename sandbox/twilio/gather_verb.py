"""`<Gather>`: what the party answers with keys, or in words.

https://www.twilio.com/docs/voice/twiml/gather. What is recognised is what a script gives to `Phone.say` as words, in
whatever language; the hints, the model and the filter change nothing. Speech ends after `speechTimeout` of silence,
with `auto` at its first pause. `timeout` is how long the party may take to begin, and counts from the end of the
prompt, which a key or a voice interrupts.

Believed: of keys and speech what comes first is gathered, and then the other is ignored; a pause is a second; speech
lasts 60 s at most; a sound that is not understood leaves no SpeechResult, and so is an empty result, as which `Digits`
is sent where keys were asked for.

Simpler than Twilio: keys pressed before it are not kept for it.
"""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sandbox.speech import mulaw
from sandbox.twilio.calls import Call
from sandbox.twilio.media_verbs import pause, play, say
from sandbox.twilio.twiml import Document
from sandbox.twilio.verbs import Gather, Pause, Play, Say
from sandbox.twilio.wait_for_any import wait_for_any

_VOICE_ENERGY = 0.01
_VOICE_FRAMES = 3  # as in phones.py: a voice is loud for longer than a click
_AUTO_PAUSE_MS = 1000
_LONGEST_SPEECH_MS = 60_000
_CONFIDENCE = "0.9284"  # of a recogniser that is always right


async def gather(call: Call, verb: Gather, document: Document) -> Document | None:
    """The document of the action if something was gathered (or `actionOnEmptyResult`), else the next verb."""
    result = await _collect(call, verb, document)
    if result is None:
        if not verb.action_on_empty_result:
            return None
        result = {"Digits": "", "FinishedOnKey": ""} if "dtmf" in verb.input else {}
    parameters = call.make_parameters() | result
    return await call.fetch(document.to_absolute_or_own(verb.action), verb.method, parameters)


async def _collect(call: Call, verb: Gather, document: Document) -> dict[str, str] | None:
    """What was gathered, as parameters; None: nothing."""
    keys, speech = _Keys(), _Speech(_read_pause_ms(verb))
    with _listening(call, verb, keys, speech):
        prompt = asyncio.ensure_future(_prompt(call, verb, document))
        begun = asyncio.ensure_future(wait_for_any(keys.begun, speech.begun))
        try:
            await asyncio.wait((prompt, begun), return_when=asyncio.FIRST_COMPLETED)
            if prompt.done():
                prompt.result()
            async with call.network.clock.timeout(verb.timeout * 1000):
                await begun
        except TimeoutError:
            return None
        finally:
            prompt.cancel()  # what is said is interrupted
            begun.cancel()
            await asyncio.wait((prompt,))
        if keys.begun.is_set():
            digits = await _collect_keys(call, verb, keys)
            return {"Digits": digits, "FinishedOnKey": ""} if digits else None
        await speech.over.wait()
        return {"SpeechResult": " ".join(speech.words), "Confidence": _CONFIDENCE} if speech.words else None


def _read_pause_ms(verb: Gather) -> int:
    """How long speech pauses when it is over."""
    if verb.speech_timeout == "auto":
        return _AUTO_PAUSE_MS
    return int(verb.speech_timeout or verb.timeout) * 1000


@contextmanager
def _listening(call: Call, verb: Gather, keys: "_Keys", speech: "_Speech") -> Iterator[None]:
    with ExitStack() as stack:
        if "dtmf" in verb.input:
            stack.enter_context(call.line.taking_keys(keys.press))
        if "speech" in verb.input:
            stack.enter_context(call.line.listening(speech.add))
            stack.enter_context(call.line.recognising(speech.words.append))
        yield


class _Keys:
    """The keys that were pressed and not yet read."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.pressed: asyncio.Queue[str] = asyncio.Queue()

    def press(self, digit: str) -> None:
        self.pressed.put_nowait(digit)
        self.begun.set()


class _Speech:
    """What is said, from the first voice to a pause."""

    def __init__(self, pause_ms: int) -> None:
        self.begun = asyncio.Event()
        self.over = asyncio.Event()
        self.words: list[str] = []
        self._pause_ms = pause_ms
        self._loud_frames = 0
        self._quiet_ms = 0
        self._ms = 0

    def add(self, frame: bytes) -> None:
        loud = frame != mulaw.SILENT_FRAME and mulaw.energy(frame) > _VOICE_ENERGY
        self._loud_frames = self._loud_frames + 1 if loud else 0
        self._quiet_ms = 0 if loud else self._quiet_ms + mulaw.FRAME_MS
        if self._loud_frames == _VOICE_FRAMES:
            self.begun.set()
        if self.begun.is_set():
            self._ms += mulaw.FRAME_MS
            if self._quiet_ms >= self._pause_ms or self._ms >= _LONGEST_SPEECH_MS:
                self.over.set()


async def _collect_keys(call: Call, verb: Gather, keys: _Keys) -> str:
    """The digits until there are enough, the finishing key, or a pause of `timeout` seconds."""
    digits = ""
    try:
        while len(digits) != verb.num_digits:
            async with call.network.clock.timeout(verb.timeout * 1000):
                digit = await keys.pressed.get()
            if digit == verb.finish_on_key:
                break
            digits += digit
    except TimeoutError:
        pass
    return digits


async def _prompt(call: Call, verb: Gather, document: Document) -> None:
    for nested in verb.nested:
        match nested:
            case Say():
                await say(call, nested)
            case Play():
                await play(call, nested, document)
            case Pause():
                await pause(call, nested)
