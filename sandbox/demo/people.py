"""The caller and Anna: what they say, and to what. They act on what they hear, and on nothing else.

Each has a plan, and lines that answer what the other side said where that was recognised. With a model that says
things in its own words little is recognised, and the plan alone goes on.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sandbox.speech.mulaw import BYTES_PER_MS, energy
from sandbox.speech.voices.lines import Line, line
from sandbox.twilio.phones import Phone, Script

_TURN_MS = 700  # the pause after which one takes it that the other has finished
_ONSET_MS = 100  # a voice is known for one so long after it began
_TONE_MS, _TONE_ENERGY = 300, 0.01
_RECORDS_MS = 120_000  # of a message that a machine takes: longer than Warmline lets it
_ENOUGH_MS = 4000  # of an answer that is longer than anybody wants to hear

# What the caller answers to; None: they listen on.
_CALLER_REPLIES = {
    "hand_over": None,
    "hand_over_asked": None,
    "anna": "tell_anna",
    "anna_answers": "caller_goodbye",
    "no_answer": "want_call_back",
    "busy": "want_call_back",
    "declined": "want_call_back",
    "not_taken": "want_call_back",
    "closed": "no_thanks",
    "failed": "no_thanks",
    "call_back": None,
    "no_call_back": None,
    "goodbye": None,
}
_CALLER_PLANS = {
    "frustrated": ("ask_hours", "ask_order", "repeat_number", "frustrated", "ask_person", "caller_goodbye"),
    "asks": ("ask_person", "caller_goodbye"),
}
_INTERRUPTS = "ask_order"


@dataclass(frozen=True, slots=True)
class SpokenLine:
    """A line that somebody began to say, so long after the call had begun."""

    who: str
    line: Line
    at_ms: int


class RecognisesLines(Protocol):
    """What tells lines apart: `LineRecogniser`."""

    async def recognise(self, heard: bytes, *speakers: str) -> Line | None:
        """The line of one of these speakers that the utterance is; None if it is none of them."""


class LiveTranscript(Protocol):
    """Where the call can be followed."""

    @property
    def now_ms(self) -> int:
        """Since the call began."""

    def add(self, said: SpokenLine) -> None:
        """Somebody begins to say this."""


class Speaker:
    """Somebody with a phone, who recognises the lines of `others`; `said` is what they have said."""

    def __init__(
        self, who: str, recogniser: RecognisesLines, others: tuple[str, ...], transcript: LiveTranscript
    ) -> None:
        self._who = who
        self._recogniser = recogniser
        self._others = others
        self._transcript = transcript
        self.said: list[SpokenLine] = []

    async def say(self, phone: Phone, name: str) -> None:
        """Say one of the lines, from now on."""
        said = SpokenLine(self._who, line(name), self._transcript.now_ms)
        self.said.append(said)
        self._transcript.add(said)
        await phone.say(said.line.audio, words=said.line.text)

    async def listen(self, phone: Phone) -> Line | None:
        """Hear the other side out; the line, if it is a known one."""
        await phone.wait_for_speech()
        began_ms = max(0, phone.heard_ms - _ONSET_MS)
        await phone.wait_for_silence(_TURN_MS)
        return await self._recogniser.recognise(phone.heard[began_ms * BYTES_PER_MS :], *self._others)


def make_caller_script(caller: Speaker, plan: str) -> Script:
    """What the caller does from dialling on. They hang up when Anna has said goodbye, or have nothing to say."""

    async def follow(phone: Phone) -> None:
        lines = deque(_CALLER_PLANS[plan])
        while True:
            if lines and lines[0] == _INTERRUPTS:
                await phone.wait_for_speech()
                await phone.wait(_ENOUGH_MS)
                await caller.say(phone, lines.popleft())
                continue
            heard = await caller.listen(phone)
            if heard is not None and heard.name in _CALLER_REPLIES:
                reply = _CALLER_REPLIES[heard.name]
            elif _rings(phone):
                reply = None
            elif lines and (heard is None or heard.who == "model"):
                reply = lines.popleft()
            else:
                return
            if reply is not None:
                await caller.say(phone, reply)

    return follow


def _rings(phone: Phone) -> bool:
    """Nobody has spoken for a while, and yet there is sound."""
    return energy(phone.heard[-_TONE_MS * BYTES_PER_MS :]) > _TONE_ENERGY


def make_anna_script(anna: Speaker) -> Script:
    """What Anna does once she has picked up."""

    async def follow(phone: Phone) -> None:
        await anna.say(phone, "anna")
        await anna.listen(phone)
        await anna.say(phone, "anna_answers")
        await anna.listen(phone)
        await anna.say(phone, "anna_goodbye")

    return follow


def make_voicemail_script(machine: Speaker) -> Script:
    """What Anna's voicemail does once it has picked up: speak to whoever is there, and record."""

    async def follow(phone: Phone) -> None:
        await machine.say(phone, "voicemail")
        await phone.wait(_RECORDS_MS)

    return follow


def find_interruption_ms(said: Sequence[SpokenLine]) -> int | None:
    """When the caller spoke over the assistant; None if they did not."""
    return next((each.at_ms for each in said if each.line.name == _INTERRUPTS), None)
