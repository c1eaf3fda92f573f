"""All telephones of `make play`, and the page that has them in its hands.

One page at a time has them, and the newest one wins: a page that is loaded again must work at once. The page before is
told. When the page goes away, whoever talks in it hangs up after some seconds, and a telephone that rings rings on.
"""

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import msgspec

from console.play.page_messages import (
    About,
    Answer,
    BeVoicemail,
    Command,
    Decline,
    HangUp,
    PlaceCall,
    PressKey,
    SayLine,
    SayText,
    encode_audio,
    encode_error,
    encode_telephones,
)
from console.play.telephone import CommandError, Telephone
from sandbox.speech.voices.lines import Line
from sandbox.twilio.phones import Script

_log = logging.getLogger(__name__)

GONE_S = 5.0
"""How long whoever talks in a page may be away: a page that is loaded again needs less."""
_MOST_SLOW = 20  # calls and sentences that wait to be placed, or spoken


class CallRefused(Exception):  # noqa: N818 - a decision, not a defect
    """The call is not placed; what is wrong, for the page."""


class Page(Protocol):
    """The page that has the telephones."""

    def show(self) -> None:
        """Something changed: it gets `Telephones.describe()` soon."""

    def tell(self, text: str) -> None:
        """Send a message."""

    def play(self, audio: bytes) -> None:
        """Send audio, or drop it if the page is too slow."""

    def take_away(self) -> None:
        """Another page has the telephones now."""


Dial = Callable[[Script], Awaitable[str]]
"""Dials the number, with the script of the caller; returns the CallSid. Raises CallRefused."""
Render = Callable[[str, str], Awaitable[bytes]]
"""Speaks a text as a "caller" or a "person": mu-law. Raises CommandError."""


class Telephones:
    """The caller's telephone and the people's. What takes time is done while `run` runs, one thing after the other.

    `about` is shown beside the telephones.
    """

    def __init__(self, caller: Telephone, dial: Dial, render: Render, *, gone_s: float = GONE_S) -> None:
        self.about = About()
        self.caller = caller
        self._dial = dial
        self._render = render
        self._gone_s = gone_s
        self._all: dict[int, Telephone] = {}
        self._page: Page | None = None
        self._leaving: asyncio.TimerHandle | None = None
        self._left = False  # the page is gone for good
        self._ring_on = False
        self._slow: asyncio.Queue[tuple[int, PlaceCall | SayText]] = asyncio.Queue(_MOST_SLOW)
        self._add(caller)

    async def run(self) -> None:
        """Place calls and speak what is typed, until cancelled."""
        while True:
            number, command = await self._slow.get()
            try:
                await self._do_slowly(number, command)
            except (CommandError, CallRefused) as error:
                self.report(str(error), number)
            except Exception as error:  # the other telephones, and the next call, go on
                _log.exception("A telephone could not do what its page asked")
                self.report(f"This is a defect of Warmline: {type(error).__name__}: {error}", number)

    def show_people(self, people: Sequence[Telephone]) -> None:
        """These are the people from now on. Who was there already, by their address, keeps the telephone."""
        kept = {each.address: each for each in self._all.values() if each.role == "person"}
        wanted = [kept.get(each.address, each) for each in people]
        for number in [number for number, each in self._all.items() if each.role == "person" and each not in wanted]:
            del self._all[number]
        for new, each in zip(people, wanted, strict=True):
            each.name = new.name
            if each not in self._all.values():
                self._add(each)
        self._show()

    @property
    def people(self) -> list[Telephone]:
        return [each for each in self._all.values() if each.role == "person"]

    def let_ring(self, on: bool) -> None:
        """Nobody can pick up, decline or be a voicemail, until it is switched off."""
        self._ring_on = on

    def tell_about(self, about: About) -> None:
        """Show this beside the telephones."""
        self.about = about
        self._show()

    def report(self, text: str, number: int | None = None) -> None:
        """Tell the page that has the telephones why something was not done."""
        if self._page is not None:
            self._page.tell(encode_error(text, number))

    def describe(self) -> str:
        """For the page: everything as it is now."""
        return encode_telephones(self._all.items(), self.about)

    def give_to(self, page: Page) -> None:
        """The page has the telephones from now on."""
        if self._page is not None:
            self._page.take_away()
        if self._leaving is not None:
            self._leaving.cancel()
        self._left = False
        self._page = page
        self._show()

    def take_from(self, page: Page) -> None:
        """The page is gone; without effect if another one has the telephones already."""
        if self._page is page:
            self._page = None
            self._leaving = asyncio.get_running_loop().call_later(self._gone_s, self._leave)

    def hear_page(self, number: int, frame: bytes) -> None:
        """20 ms that somebody said into a telephone. Raises CommandError if there is none with this id."""
        self._get(number).hear_page(frame)

    def obey(self, command: Command) -> None:
        """Do what the page asks. Raises CommandError; what takes time and fails then is reported."""
        telephone = self._get(command.telephone)
        if self._ring_on and isinstance(command, Answer | Decline | BeVoicemail):
            raise CommandError("“Nobody answers” is switched on: the telephone rings on.")
        match command:
            case PlaceCall() | SayText():
                self._begin(telephone, command)
            case Answer():
                telephone.answer()
            case Decline():
                telephone.decline()
            case BeVoicemail():
                telephone.be_voicemail()
            case HangUp():
                telephone.hang_up()
            case PressKey(key=key):
                telephone.press(key)
            case SayLine(line=name):
                telephone.say(self._find_line(telephone, name).audio)

    def _begin(self, telephone: Telephone, command: PlaceCall | SayText) -> None:
        if isinstance(command, PlaceCall):
            if telephone is not self.caller:
                raise CommandError("Only the caller's telephone calls; the others are rung.")
            if telephone.in_use or telephone.state.name == "preparing":
                raise CommandError("The caller's telephone is in a call already.")
        else:
            telephone.expect_line()
        try:
            self._slow.put_nowait((command.telephone, command))
        except asyncio.QueueFull:
            raise CommandError("Too much at once; wait until what was asked for is done.") from None
        if isinstance(command, PlaceCall):
            telephone.show("preparing")

    async def _do_slowly(self, number: int, command: PlaceCall | SayText) -> None:
        telephone = self._all.get(number)
        if telephone is None:
            raise CommandError("This telephone is gone: the directory has changed.")
        match command:
            case SayText(text=text):
                telephone.say(await self._render(telephone.role, text))
            case PlaceCall():
                try:
                    call_sid = await self._dial(telephone.follow_call)
                except Exception:  # raised again; whatever it was, the telephone is free for another call
                    telephone.show("idle")
                    raise
                self.tell_about(msgspec.structs.replace(self.about, call_sid=call_sid))

    def _add(self, telephone: Telephone) -> None:
        number = next(number for number in itertools.count() if number not in self._all)
        self._all[number] = telephone
        telephone.on_change = self._show
        telephone.on_hear = lambda frame: self._play(encode_audio(number, frame))

    def _show(self) -> None:
        if self._left:  # a call that was being prepared has begun
            self._hang_up_all()
        if self._page is not None:
            self._page.show()

    def _play(self, audio: bytes) -> None:
        if self._page is not None:
            self._page.play(audio)

    def _get(self, number: int) -> Telephone:
        if number not in self._all:
            raise CommandError(f"There is no telephone {number}: expected one of {', '.join(map(str, self._all))}.")
        return self._all[number]

    def _find_line(self, telephone: Telephone, name: str) -> Line:
        for line in self.about.lines:
            if line.name == name and line.who == telephone.role:
                return line
        raise CommandError(f"{telephone.name} has no recorded line {name!r}.")

    def _leave(self) -> None:
        self._left = True
        self._hang_up_all()

    def _hang_up_all(self) -> None:
        for telephone in self._all.values():
            if telephone.state.name in ("calling", "talking"):
                telephone.hang_up()
