"""How a call proceeds: it rings, is answered, runs programs, and ends. All of its tasks are in one group, here.

Whoever wants something else of a live call (REST, a `<Dial>` that is over, a party that hangs up) submits a command.
The program that runs is cancelled, cleans up after itself, and only then the next one begins or the line goes dead.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Coroutine
from typing import Protocol

from sandbox.not_simulated import NotSimulatedError
from sandbox.twilio.call_state import CallOutcome, CallSignals, CallTimes, Parties
from sandbox.twilio.commands import Command, HangUp, Program
from sandbox.twilio.events import CallBroke, CallEnded, CallStarted, Event, KeyPressed, PartySpoke, Ringing, Status
from sandbox.twilio.line import Line
from sandbox.twilio.network import Network
from sandbox.twilio.phones import HangUpNow, Script

_UNREACHABLE_MS = 500  # what the network takes to find that a number does not exist


class Leg(Protocol):
    """A call, as far as its lifecycle knows it."""

    network: Network
    parties: Parties
    status: Status
    line: Line
    times: CallTimes
    signals: CallSignals
    outcome: CallOutcome

    @property
    def parent_sid(self) -> str | None: ...

    @property
    def talked_ms(self) -> int: ...

    def note(self, what: Event) -> None:
        """Write an event of this call."""

    def report(self, event: str) -> None:
        """Report progress to the status callback."""

    def answer(self) -> None:
        """The party picked up."""

    def end(self, command: HangUp) -> None:
        """The line is dead."""

    def choose_final_status(self, command: HangUp) -> Status:
        """What the call becomes by `command`."""


class CallLifecycle:
    """Made with its call; `run` is the call's one task in the carrier's group."""

    def __init__(self, call: Leg) -> None:
        self.hanging_up = False  # what runs is being cancelled because the call ends, and not for another program
        self._call = call
        self._commands: deque[Command] = deque()
        self._commanded = asyncio.Event()
        self._group: asyncio.TaskGroup | None = None
        self._limit_s: int | None = None
        self._timer: asyncio.Task[None] | None = None

    def submit(self, command: Command) -> None:
        self._commands.append(command)
        self._commanded.set()

    def spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Do `work` beside what runs; the call is not over before it is done."""
        assert self._group is not None, "a call does nothing before it starts"
        return self._group.create_task(work)

    def limit(self, seconds: int | None) -> None:
        """Hang up that long after the answer, or from now on if it is answered; None sets no limit."""
        self._limit_s = seconds
        if self._call.signals.answered.is_set():
            self.start_timer()

    def start_timer(self) -> None:
        self._stop_timer()
        if self._limit_s is not None:
            self._timer = self.spawn(self._time_out(self._limit_s))

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    async def _time_out(self, seconds: int) -> None:
        await self._call.network.clock.sleep(seconds * 1000)
        self.submit(HangUp("limit", "completed"))

    async def run(self, script: Script | None, program: Program, ring_ms: int | None) -> None:
        """From dialling to the last callback. `script` None: nobody has the number. What breaks is kept, so that one
        call's defect does not take the others down; `Call.wait_for_end` raises it."""
        call = self._call
        try:
            async with asyncio.TaskGroup() as self._group:
                with call.network.audio_loop.attach(call.line):
                    await self._run_with_party(script, program, ring_ms)
        except Exception as failure:
            call.outcome.failure = failure
            self._break(failure)
        finally:
            call.signals.gone.set()
            call.signals.over.set()

    def _break(self, failure: Exception) -> None:
        """Whoever watches is told why the call is over, which no callback says."""
        call = self._call
        while isinstance(failure, ExceptionGroup):
            failure = failure.exceptions[0]
        told = str(failure) if isinstance(failure, NotSimulatedError) else f"{type(failure).__name__}: {failure}"
        call.status, call.outcome.ended_by = "failed", "failure"
        call.note(CallBroke(told))
        call.note(CallEnded(call.status, call.talked_ms))

    async def _run_with_party(self, script: Script | None, program: Program, ring_ms: int | None) -> None:
        call, parties = self._call, self._call.parties
        call.note(CallStarted(parties.from_, parties.to, parties.direction, call.parent_sid))
        self._wire_phone()
        party = self.spawn(self._follow(script)) if script else None
        command = await self._run_until_hang_up(program, ring_ms, exists=script is not None)
        if party is not None:
            party.cancel()
        self._stop_timer()
        call.end(command)

    def _wire_phone(self) -> None:
        phone = self._call.line.phone
        phone.on_say = lambda ms: self._call.note(PartySpoke(ms))
        phone.on_key = self._press
        phone.on_words = self._recognise

    def _press(self, digit: str) -> None:
        line = self._call.line
        if not line.connected:
            return
        self._call.note(KeyPressed(digit))
        if line.keys is not None:
            line.keys(digit)

    def _recognise(self, words: str) -> None:
        line = self._call.line
        if line.connected and line.words is not None:
            line.words(words)

    async def _follow(self, script: Script) -> None:
        with contextlib.suppress(HangUpNow):
            await script(self._call.line.phone)
        self.submit(HangUp("party", "no-answer"))

    async def _run_until_hang_up(self, program: Program, ring_ms: int | None, *, exists: bool) -> HangUp:
        if self._call.parties.direction == "inbound":
            self._call.line.connected = True  # and hears ringback until the network takes the call
            self._call.report("initiated")
            self._call.report("ringing")
            self._call.note(Ringing(self._call.parties.to))
        else:
            refused = await self._ring(ring_ms, exists=exists)
            if refused is not None:
                return refused
            self._call.answer()
        return await self._run_programs(program)

    async def _ring(self, ring_ms: int | None, *, exists: bool) -> HangUp | None:
        """Ring until somebody decides; None if the party answered."""
        call, ring_result = self._call, self._call.line.phone.ring_result
        if call.times.queue_ms:
            turn = self.spawn(call.network.clock.sleep(call.times.queue_ms))
            await self._wait_for_command_or(turn)
            turn.cancel()
            if self._commands:
                return self._take_hang_up()
        call.report("initiated")
        if not exists:
            await call.network.clock.sleep(_UNREACHABLE_MS)
            return HangUp("failure", "failed")
        call.status = "ringing"
        call.note(Ringing(call.parties.to))
        call.report("ringing")
        try:
            async with call.network.clock.timeout(ring_ms):
                await self._wait_for_command_or(ring_result)
        except TimeoutError:
            return HangUp("limit", "no-answer")
        if self._commands:
            return self._take_hang_up()
        return None if ring_result.result() == "answered" else HangUp("party", "busy")

    async def _run_programs(self, program: Program) -> HangUp:
        """Run `program`, and what commands put in its place, until one is through or the call is hung up."""
        assert self._group is not None
        while True:
            running = self._group.create_task(program())
            await self._wait_for_command_or(running)
            if not self._commands:
                by = running.result()
                return HangUp(by, "busy" if by == "reject" else "no-answer")
            command = self._take_command()
            if isinstance(command, HangUp):
                self.hanging_up = True
                self._call.status = self._call.choose_final_status(command)
            running.cancel()
            await asyncio.wait((running,))
            if isinstance(command, HangUp):
                return command
            program = command

    async def _wait_for_command_or[T](self, other: asyncio.Future[T]) -> None:
        commanded = asyncio.ensure_future(self._commanded.wait())
        try:
            await asyncio.wait((commanded, other), return_when=asyncio.FIRST_COMPLETED)
        finally:
            commanded.cancel()

    def _take_hang_up(self) -> HangUp:
        command = self._take_command()
        assert isinstance(command, HangUp), "only a call in progress gets another program"
        return command

    def _take_command(self) -> Command:
        command = self._commands.popleft()
        if not self._commands:
            self._commanded.clear()
        return command
