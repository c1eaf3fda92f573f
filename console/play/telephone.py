"""One live telephone: somebody in a page answers it, speaks, presses keys and hangs up, in real time.

Towards the carrier it is a script like any other, see `sandbox/twilio/phones.py`. It knows neither sockets nor pages:
`telephones.py` connects it to one. Unlike a real telephone it can be told to be a voicemail.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Literal

from console.play.jitter_buffer import JitterBuffer
from sandbox.twilio.calls import Call
from sandbox.twilio.events import ErrorLogged
from sandbox.twilio.phones import Person, Phone, Script, voicemail

Role = Literal["caller", "person"]
StateName = Literal["idle", "preparing", "calling", "ringing", "talking", "voicemail", "ended"]
KEYS = "0123456789*#"

_Choice = Literal["answer", "decline", "voicemail"]
_MOST_WAITING = 20  # keys, and sentences, that wait for those before them
_USED: tuple[StateName, ...] = ("calling", "talking")  # somebody speaks into it


class CommandError(Exception):
    """What was asked of a telephone cannot be done; one sentence for the page."""


@dataclass(frozen=True, slots=True)
class TelephoneState:
    """What a telephone does now."""

    name: StateName = "idle"
    reason: str = ""
    """Of `ended`: why, in a sentence."""
    shown: str = ""
    """Of one that was rung: the number that calls."""


class Telephone:
    """The caller's telephone, or one of a person who can be rung.

    `address` is its number, "sip:user@host" or "client:identity". `find_call` tells the carrier's call of a phone.
    """

    def __init__(self, role: Role, name: str, address: str, find_call: Callable[[Phone], Call]) -> None:
        self.role: Role = role
        self.name = name
        self.address = address
        self.state = TelephoneState()
        self.voicemail: Script = voicemail().script
        self.on_change: Callable[[], None] = lambda: None
        self.on_hear: Callable[[bytes], None] = lambda _: None
        """Gets each frame that is heard: 160 bytes of mu-law every 20 ms of a call."""
        self._find_call = find_call
        self._voice = JitterBuffer()
        self._phone: Phone | None = None
        self._choice: asyncio.Future[_Choice] | None = None
        self._hung_up = asyncio.Event()
        self._keys: asyncio.Queue[str] = asyncio.Queue(_MOST_WAITING)
        self._sentences: asyncio.Queue[bytes] = asyncio.Queue(_MOST_WAITING)

    @property
    def person(self) -> Person:
        """For the carrier: rings this telephone."""
        return Person(self._follow_ring)

    @property
    def in_use(self) -> bool:
        return self._phone is not None

    def show(self, name: StateName, reason: str = "", shown: str = "") -> None:
        """It does this from now on."""
        self.state = TelephoneState(name, reason, shown)
        self.on_change()

    def hear_page(self, frame: bytes) -> None:
        """20 ms of its user's voice; dropped where nobody could hear them."""
        if self.state.name in _USED:
            self._voice.put(frame)

    def answer(self) -> None:
        """Pick it up. Raises CommandError if it does not ring, as the next two do."""
        self._choose("answer")

    def decline(self) -> None:
        """Press the red button while it rings."""
        self._choose("decline")

    def be_voicemail(self) -> None:
        """Let a machine pick it up."""
        self._choose("voicemail")

    def press(self, keys: str) -> None:
        """Press keys, one after another. Raises CommandError where there is no line, or one is no key."""
        if unknown := [key for key in keys if key not in KEYS]:
            raise CommandError(f"A telephone has the keys 0 to 9, * and #, and no {unknown[0]!r}.")
        self._expect(_USED, "press keys")
        for key in keys:
            self._put(self._keys, key)

    def expect_line(self) -> None:
        """Raises CommandError where nothing can be said."""
        self._expect(_USED, "say something")

    def say(self, sound: bytes) -> None:
        """Say mu-law audio, after what is being said so. Raises CommandError where there is no line."""
        self.expect_line()
        self._put(self._sentences, sound)

    def hang_up(self) -> None:
        """End its call. Raises CommandError where there is none."""
        if self.state.name == "ringing":
            self.decline()
            return
        self._expect((*_USED, "voicemail"), "hang up")
        self._hung_up.set()

    async def follow_call(self, phone: Phone) -> None:
        """The script of a caller, who has dialled."""
        call = self._take(phone)
        try:
            self.show("calling")
            async with asyncio.TaskGroup() as group:
                showing = group.create_task(self._show_answer(call))
                await self._use(phone)
                showing.cancel()
        finally:
            self._put_down(_describe_caller_end(call, hung_up=self._hung_up.is_set()))

    async def _follow_ring(self, phone: Phone) -> None:
        """The script of somebody who is rung."""
        if self.in_use:
            await phone.busy()
        call = self._take(phone)
        try:
            self._choice = asyncio.get_running_loop().create_future()
            self.show("ringing", shown=phone.shown)
            match await self._choice:
                case "decline":
                    await phone.decline()
                case "voicemail":
                    phone.detected = "machine"
                    self.show("voicemail", shown=phone.shown)
                    await self._run_until_hung_up(self.voicemail(phone))
                case "answer":
                    await phone.answer()
                    self.show("talking", shown=phone.shown)
                    await self._use(phone)
        finally:
            self._choice = None
            self._put_down(_describe_person_end(call, self.state.name, hung_up=self._hung_up.is_set()))

    async def _show_answer(self, call: Call) -> None:
        await call.signals.answered.wait()
        self.show("talking")

    async def _use(self, phone: Phone) -> None:
        """Be somebody's ear and mouth until they hang up."""
        phone.live_voice = self._voice.take
        phone.on_hear = lambda frame: self.on_hear(frame)
        async with asyncio.TaskGroup() as group:
            doing = [group.create_task(self._press_keys(phone)), group.create_task(self._say_sentences(phone))]
            await self._hung_up.wait()
            for task in doing:
                task.cancel()

    async def _press_keys(self, phone: Phone) -> None:
        while True:
            await phone.press(await self._keys.get())

    async def _say_sentences(self, phone: Phone) -> None:
        while True:
            await phone.say(await self._sentences.get())

    async def _run_until_hung_up(self, machine: Coroutine[None, None, None]) -> None:
        running, hung_up = asyncio.ensure_future(machine), asyncio.ensure_future(self._hung_up.wait())
        try:
            await asyncio.wait((running, hung_up), return_when=asyncio.FIRST_COMPLETED)
        finally:
            running.cancel()
            hung_up.cancel()

    def _take(self, phone: Phone) -> Call:
        self._phone = phone
        self._hung_up.clear()
        self._voice.clear()
        self._keys, self._sentences = asyncio.Queue(_MOST_WAITING), asyncio.Queue(_MOST_WAITING)
        return self._find_call(phone)

    def _put_down(self, reason: str) -> None:
        self._phone = None
        self.show("ended", reason)

    def _choose(self, choice: _Choice) -> None:
        self._expect(("ringing",), choice)
        assert self._choice is not None  # it is there as long as it rings
        if self._choice.done():
            raise CommandError(f"{self.name} has answered already.")
        self._choice.set_result(choice)

    def _expect(self, states: tuple[StateName, ...], what: str) -> None:
        if self.state.name not in states:
            raise CommandError(f"{self.name}: cannot {what} now, the telephone is {self.state.name}.")

    def _put[T](self, queue: asyncio.Queue[T], each: T) -> None:
        try:
            queue.put_nowait(each)
        except asyncio.QueueFull:
            raise CommandError(f"{self.name}: too much at once; wait until what was asked for is done.") from None


# A script that is cancelled, because the call has ended, finds in the call how it did.


def _describe_caller_end(call: Call, *, hung_up: bool) -> str:
    if hung_up:
        return "You hung up."
    if not call.signals.gone.is_set():  # nobody has ended it
        return "The sandbox cannot go on with this call: its timeline says why."
    logged = call.network.events.of(ErrorLogged, call.sid)
    why = f" Twilio logged error {logged[-1].code}: {logged[-1].detail}" if logged else ""
    match call.outcome.ended_by:
        case "failure":
            return f"The call broke off.{why}"
        case "reject":
            return "The call was refused."
        case "limit":
            return "The call reached its longest time."
        case _:
            return f"The other side ended the call.{why}"


def _describe_person_end(call: Call, did: StateName, *, hung_up: bool) -> str:
    if hung_up:
        return "You hung up."
    if did == "ringing":
        declined = call.outcome.ended_by == "party"
        return "You declined the call." if declined else "It stopped ringing before anybody answered."
    return "The voicemail has recorded." if did == "voicemail" else "The other side ended the call."
