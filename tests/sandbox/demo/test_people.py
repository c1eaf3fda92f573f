"""What the people of the demo say, and to what."""

import asyncio

from sandbox.demo.people import (
    Speaker,
    SpokenLine,
    find_interruption_ms,
    make_anna_script,
    make_caller_script,
    make_voicemail_script,
)
from sandbox.speech.mulaw import SILENT_FRAME, frames, silence, tone
from sandbox.speech.voices.lines import Line, line, load_lines
from sandbox.twilio.phones import Phone, Script

UNKNOWN = tone(1000, 300)


class LiveTranscript:
    """Keeps nothing: the speaker does."""

    now_ms = 0

    def add(self, said: SpokenLine) -> None:
        """See people.LiveTranscript."""


class ExactRecogniser:
    """Knows a line by its bytes: how the demo's own recogniser does is tested elsewhere."""

    async def recognise(self, heard: bytes, *speakers: str) -> Line | None:
        """See people.RecognisesLines."""
        known = (each for each in load_lines().values() if each.who in speakers)
        return next((each for each in known if each.audio[1600:8000] in heard), None)


class Call:
    """One end of a line: the test is the other one, and makes the time."""

    def __init__(self, speaker: Speaker, script: Script) -> None:
        self.phone = Phone("+15550100001")
        self.speaker = speaker
        self.following = asyncio.ensure_future(script(self.phone))

    async def play(self, sound: bytes, *, speech: bool = True) -> None:
        """Play this to the phone, and then a second of silence."""
        for frame in frames(sound + silence(1000)):
            await self.tick(frame, speech=speech)

    async def finish(self) -> None:
        """Let the speaker finish their line, whatever is left of it."""
        for _ in frames(self.speaker.said[-1].line.audio):
            await self.tick(SILENT_FRAME)

    async def tick(self, frame: bytes, *, speech: bool = True) -> None:
        self.phone.speak_frame()
        self.phone.hear_frame(frame, speech=speech)
        self.phone.tick()
        for _ in range(5):  # as many turns of the loop as a script takes from a tick to its next wait
            await asyncio.sleep(0)

    @property
    def said(self) -> list[str]:
        return [each.line.name for each in self.speaker.said]


def make_caller(plan: str) -> Call:
    speaker = Speaker("Caller", ExactRecogniser(), ("model", "person"), LiveTranscript())
    return Call(speaker, make_caller_script(speaker, plan))


async def test_a_frustrated_caller_interrupts_a_long_answer() -> None:
    call = make_caller("frustrated")
    await call.play(line("greeting").audio)
    assert call.said == ["ask_hours"]
    await call.finish()
    for frame in frames(line("hours").audio[: 3900 * 8]):
        await call.tick(frame)
    assert call.said == ["ask_hours"]
    for frame in frames(line("hours").audio[3900 * 8 : 5000 * 8]):
        await call.tick(frame)
    assert call.said == ["ask_hours", "ask_order"]
    assert find_interruption_ms(call.speaker.said) == 0
    call.following.cancel()


async def test_the_caller_answers_what_they_are_told() -> None:
    call = make_caller("asks")
    await call.play(line("greeting").audio)
    await call.finish()
    for heard in ("hand_over_asked", "busy", "call_back"):
        await call.play(line(heard).audio)
        await call.finish()
    assert call.said == ["ask_person", "want_call_back"]
    call.following.cancel()


async def test_the_caller_talks_with_whoever_picks_up() -> None:
    call = make_caller("asks")
    for heard in ("greeting", "hand_over_asked", "anna", "anna_answers"):
        await call.play(line(heard).audio)
        await call.finish()
    assert call.said == ["ask_person", "tell_anna", "caller_goodbye"]
    await call.play(line("anna_goodbye").audio)
    assert call.following.done()


async def test_the_caller_goes_on_with_their_plan_when_they_recognise_nothing() -> None:
    call = make_caller("asks")
    for _ in range(2):
        await call.play(UNKNOWN)
        await call.finish()
    assert call.said == ["ask_person", "caller_goodbye"]
    await call.play(UNKNOWN)
    assert call.following.done()


async def test_the_caller_is_silent_while_it_rings() -> None:
    call = make_caller("asks")
    await call.play(UNKNOWN[: 8 * 400])
    await call.finish()
    for frame in frames(UNKNOWN):
        await call.tick(frame)
    await call.play(tone(2000, 440, 480), speech=False)
    assert call.said == ["ask_person"]
    call.following.cancel()


async def test_annas_voicemail_speaks_whoever_speaks() -> None:
    machine = Speaker("Voicemail", ExactRecogniser(), (), LiveTranscript())
    call = Call(machine, make_voicemail_script(machine))
    await call.play(UNKNOWN)
    await call.finish()
    assert call.said == ["voicemail"]
    assert not call.following.done()
    call.following.cancel()


async def test_anna_says_her_name_and_helps() -> None:
    speaker = Speaker("Anna", ExactRecogniser(), ("caller",), LiveTranscript())
    call = Call(speaker, make_anna_script(speaker))
    await call.tick(SILENT_FRAME)
    for heard in ("tell_anna", "caller_goodbye"):
        await call.finish()
        await call.play(line(heard).audio)
    await call.finish()
    await call.tick(SILENT_FRAME)
    assert call.said == ["anna", "anna_answers", "anna_goodbye"]
    assert call.following.done()
    assert find_interruption_ms(speaker.said) is None
