"""Telephones, and what the people who use them do.

A script is a coroutine that gets a `Phone`. When it returns, its party hangs up; when the call ends first, the
script is cancelled. Both directions are real time: what is said takes as long as it sounds, and `heard` grows by
160 bytes every 20 ms, with silence where nothing was played.

Simpler than real telephones: keys make no sound, a party hears no echo, and a number can be rung while it is talking.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Literal, NoReturn

from sandbox.speech import mulaw
from sandbox.twilio.event_log import WAIT_TIMEOUT_S
from sandbox.twilio.wait_for_any import is_first

Script = Callable[["Phone"], Coroutine[None, None, None]]
RingResult = Literal["answered", "busy", "declined"]
Detected = Literal["human", "machine", "fax", "unknown"]

# -40 dBFS: above what mu-law makes of a quiet line, far below a voice.
_VOICE_ENERGY = 0.01
# A voice is loud for longer than a click: 3 frames are 60 ms.
_VOICE_FRAMES = 3
_KEY_FRAMES = 10  # 100 ms down, 100 ms up, as a quick finger does
_PAUSE_MS = 500  # after which one takes it that something was asked
_GREETING = mulaw.tone(3000, 250, 500, level=0.3)  # of a mailbox
_BEEP = mulaw.silence(300) + mulaw.tone(400, 1400, level=0.3)


class Phone:
    """One party's end of one call."""

    def __init__(self, number: str) -> None:
        self.number = number
        self.shown = ""  # who is calling, of a phone that is rung
        self.detected: Detected = "human"  # who picks it up, as detection will find
        self.ring_result: asyncio.Future[RingResult] = asyncio.get_running_loop().create_future()
        self.on_key: Callable[[str], None] | None = None  # set by the line
        self.on_say: Callable[[int], None] | None = None  # ms; set by the line
        self.on_words: Callable[[str], None] | None = None  # set by the line
        self.on_hear: Callable[[bytes], None] | None = None  # gets each frame that is heard
        self.live_voice: Callable[[], bytes] | None = None  # says each frame that `say` does not
        self.repeats_to: Phone | None = None  # which says what is heard here, as where a call is forwarded
        self.bridged = asyncio.Event()  # the other party is on the line, which a person would hear
        self._outgoing = bytearray()
        self._heard = bytearray()
        self._loud_frames = 0
        self._quiet_frames = 0
        self._ticked: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def heard(self) -> bytes:
        """All that was heard since the line was there: a caller's from dialling on, others' from answering."""
        return bytes(self._heard)

    @property
    def heard_ms(self) -> int:
        return mulaw.duration_ms(self._heard)

    async def answer(self) -> None:
        """Pick up. Only for who is rung; the first of `answer`, `busy` and `decline` counts."""
        self._decide("answered")
        await self.wait(mulaw.FRAME_MS)

    async def busy(self) -> None:
        self._decide("busy")
        await self.stay()

    async def decline(self) -> None:
        self._decide("declined")
        await self.stay()

    async def say(self, sound: bytes, words: str = "") -> None:
        """Speak mu-law audio, from the next tick on; returns when the last of it was said.

        `words` is what a speech recogniser makes of it, once it was said. Sound without words is noise to `<Gather>`:
        it interrupts, and has no SpeechResult.
        """
        if self.on_say is not None:
            self.on_say(mulaw.duration_ms(sound))
        self._outgoing += b"".join(mulaw.frames(sound))
        try:
            while self._outgoing:
                await self._tick()
            if words and self.on_words is not None:
                self.on_words(words)
        finally:
            self._outgoing.clear()  # a script that is cancelled falls silent

    async def press(self, digits: str) -> None:
        """Press keys (0-9, *, #), one after another, five a second."""
        for digit in digits:
            if digit not in "0123456789*#":
                raise ValueError(f"expected a key, got {digit!r}")
            if self.on_key is not None:
                self.on_key(digit)
            await self.wait(_KEY_FRAMES * mulaw.FRAME_MS)

    async def wait_for_speech(self) -> None:
        """Wait for a voice (60 ms of it) from now on. Ringback, beeps and waiting music are none."""
        self._loud_frames = 0
        while self._loud_frames < _VOICE_FRAMES:
            await self._tick()

    async def wait_for_whisper(self) -> bool:
        """Wait for a whisper and until it pauses; False: the other party is on the line, and nothing was asked."""
        asked = await is_first(self.wait_for_speech(), self.bridged.wait())
        if asked:
            await self.wait_for_silence(_PAUSE_MS)
        return asked

    async def wait_for_silence(self, ms: int) -> None:
        """Wait until no voice has been heard for `ms`, which may have begun before."""
        while self._quiet_frames * mulaw.FRAME_MS < ms:
            await self._tick()

    async def wait(self, ms: int) -> None:
        """Do nothing for `ms` of the line's time."""
        for _ in range(0, ms, mulaw.FRAME_MS):
            await self._tick()

    async def hang_up(self) -> NoReturn:
        """End the call; the same as returning from the script."""
        raise HangUpNow

    async def stay(self) -> NoReturn:
        """Hold the line until the other side ends the call."""
        await asyncio.get_running_loop().create_future()
        raise AssertionError("this future is never done")

    def speak_frame(self) -> bytes:
        """For the line: what is said in this tick."""
        live = mulaw.SILENT_FRAME if self.live_voice is None else self.live_voice()
        if not self._outgoing:
            return live
        frame = bytes(self._outgoing[: mulaw.FRAME_BYTES])
        del self._outgoing[: mulaw.FRAME_BYTES]
        return frame

    def hear_frame(self, frame: bytes, *, speech: bool) -> None:
        """For the line: what is heard in this tick."""
        self._heard += frame
        if self.on_hear is not None:
            self.on_hear(frame)
        if self.repeats_to is not None:
            self.repeats_to._outgoing[:] = frame  # what a phone hears while the other still rings is lost
        if speech and frame != mulaw.SILENT_FRAME and mulaw.energy(frame) > _VOICE_ENERGY:
            self._loud_frames += 1
            self._quiet_frames = 0
        else:
            self._loud_frames = 0
            self._quiet_frames += 1

    def tick(self) -> None:
        """For the line: 20 ms have passed, whether connected or ringing."""
        self._ticked.set_result(None)
        self._ticked = self._ticked.get_loop().create_future()

    async def _tick(self) -> None:
        try:
            async with asyncio.timeout(WAIT_TIMEOUT_S):
                # Shielded: a cancelled waiter must not cancel the future that all others wait for.
                await asyncio.shield(self._ticked)
        except TimeoutError:
            raise AssertionError(f"{self.number} waits on a line that is dead") from None

    def _decide(self, ring_result: RingResult) -> None:
        if not self.ring_result.done():
            self.ring_result.set_result(ring_result)


class HangUpNow(Exception):  # noqa: N818 - a decision, not an error
    """Ends a script at once; `Phone.hang_up` raises it."""


@dataclass(slots=True)
class Person:
    """Somebody who can be rung; every ring gets a phone of its own."""

    script: Script
    phones: list[Phone] = field(default_factory=list)
    detected: Detected = "human"
    """What answering machine detection takes them for."""


def answers(script: Script, *, after_ms: int = 2000, key: str | None = None) -> Person:
    """Lets it ring for `after_ms`, picks up and then follows `script`.

    With a `key` they hear a whisper out, press that when it pauses, and follow `script` from when the caller is
    on the line; where no whisper is heard, nothing is pressed. Without one they press nothing and follow `script` at
    once, whoever is listening.
    """

    async def follow(phone: Phone) -> None:
        await phone.wait(after_ms)
        await phone.answer()
        if key is not None and await phone.wait_for_whisper():
            await phone.press(key)
            await phone.bridged.wait()
        await script(phone)

    return Person(follow)


def voicemail(greeting: bytes = _GREETING, *, after_ms: int = 500, records_ms: int = 20_000) -> Person:
    """A machine: picks up, says its greeting to whoever is there, beeps, records, and hangs up. It presses no key."""

    async def follow(phone: Phone) -> None:
        await phone.wait(after_ms)
        await phone.answer()
        await phone.say(greeting + _BEEP)
        await phone.wait(records_ms)

    return Person(follow, detected="machine")


def busy(*, after_ms: int = 500) -> Person:
    """Is on another call."""

    async def follow(phone: Phone) -> None:
        await phone.wait(after_ms)
        await phone.busy()

    return Person(follow)


def declines(*, after_ms: int = 2000) -> Person:
    """Looks at the number and presses the red button."""

    async def follow(phone: Phone) -> None:
        await phone.wait(after_ms)
        await phone.decline()

    return Person(follow)


def never_answers() -> Person:
    """Lets it ring."""

    async def follow(phone: Phone) -> None:
        await phone.stay()

    return Person(follow)
