"""How a call lives: it rings, is answered, runs programs, and ends. All of its tasks are in one group, here.

Whoever wants something else of a live call (REST, a `<Dial>` that is over, a party that hangs up) leaves an order.
The program that runs is cancelled, cleans up after itself, and only then the next one begins or the line goes dead.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Coroutine
from typing import TYPE_CHECKING

from sandbox.twilio.commands import HangUp, Program
from sandbox.twilio.events import CallStarted, KeyPressed, PartySpoke, Ringing
from sandbox.twilio.phones import Leaves, Script

if TYPE_CHECKING:
    from sandbox.twilio.calls import Call

_UNREACHABLE_MS = 500  # what the network takes to find that a number does not exist


class Life:
    """Made with its call; `run` is the call's one task in the carrier's group."""

    def __init__(self, call: "Call") -> None:
        self.leaving = False  # what runs is being cancelled because the call ends, and not for another program
        self._call = call
        self._orders: deque[HangUp | Program] = deque()
        self._ordered = asyncio.Event()
        self._group: asyncio.TaskGroup | None = None
        self._limit_s: int | None = None
        self._timer: asyncio.Task[None] | None = None

    def order(self, order: HangUp | Program) -> None:
        self._orders.append(order)
        self._ordered.set()

    def spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Do `work` beside what runs; the call is not over before it is done."""
        assert self._group is not None, "a call does nothing before it starts"
        return self._group.create_task(work)

    def limit(self, seconds: int | None) -> None:
        """Hang up that long after the answer, or from now on if it is answered; None sets no limit."""
        self._limit_s = seconds
        if self._call.answered.is_set():
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
        self.order(HangUp("limit", "completed"))

    async def run(self, script: Script | None, program: Program, ring_ms: int | None) -> None:
        """From dialling to the last callback. `script` None: nobody has the number. What breaks is kept, so that one
        call's defect does not take the others down; `Call.ended` raises it."""
        call = self._call
        try:
            async with asyncio.TaskGroup() as self._group:
                with call.network.exchange.carrying(call.line):
                    call.note(CallStarted(call.from_, call.to, call.direction, call.parent_sid))
                    self._wire_phone()
                    party = self.spawn(self._follow(script)) if script else None
                    order = await self._live(program, ring_ms, exists=script is not None)
                    if party is not None:
                        party.cancel()
                    self._stop_timer()
                    call.end(order)
        except Exception as failure:
            call.failure = failure
        finally:
            call.gone.set()
            call.over.set()

    def _wire_phone(self) -> None:
        phone = self._call.phone
        phone.on_say = lambda ms: self._call.note(PartySpoke(ms))
        phone.on_key = self._press

    def _press(self, digit: str) -> None:
        line = self._call.line
        if not line.connected:
            return
        self._call.note(KeyPressed(digit))
        if line.keys is not None:
            line.keys(digit)

    async def _follow(self, script: Script) -> None:
        with contextlib.suppress(Leaves):
            await script(self._call.phone)
        self.order(HangUp("party", "no-answer"))

    async def _live(self, program: Program, ring_ms: int | None, *, exists: bool) -> HangUp:
        if self._call.direction == "inbound":
            self._call.line.connected = True  # and hears ringback until the network takes the call
            self._call.note(Ringing(self._call.to))
        else:
            refused = await self._ring(ring_ms, exists=exists)
            if refused is not None:
                return refused
            self._call.answer()
        return await self._conduct(program)

    async def _ring(self, ring_ms: int | None, *, exists: bool) -> HangUp | None:
        """Ring until somebody decides; None if the party answered."""
        call = self._call
        call.tell("initiated")
        if not exists:
            await call.network.clock.sleep(_UNREACHABLE_MS)
            return HangUp("failure", "failed")
        call.status = "ringing"
        call.note(Ringing(call.to))
        call.tell("ringing")
        try:
            async with call.network.clock.timeout(ring_ms):
                await self._wait_for_order_or(call.phone.verdict)
        except TimeoutError:
            return HangUp("limit", "no-answer")
        if self._orders:
            order = self._next_order()
            assert isinstance(order, HangUp), "only a call in progress gets another program"
            return order
        return None if call.phone.verdict.result() == "answered" else HangUp("party", "busy")

    async def _conduct(self, program: Program) -> HangUp:
        """Run `program`, and what orders put in its place, until one is through or the call is hung up."""
        assert self._group is not None
        while True:
            running = self._group.create_task(program(self._call))
            await self._wait_for_order_or(running)
            if not self._orders:
                by = running.result()
                return HangUp(by, "busy" if by == "reject" else "no-answer")
            order = self._next_order()
            if isinstance(order, HangUp):
                self.leaving = True
                self._call.status = self._call.final_status(order)
            running.cancel()
            await asyncio.wait((running,))
            if isinstance(order, HangUp):
                return order
            program = order

    async def _wait_for_order_or[T](self, other: asyncio.Future[T]) -> None:
        ordered = asyncio.ensure_future(self._ordered.wait())
        try:
            await asyncio.wait((ordered, other), return_when=asyncio.FIRST_COMPLETED)
        finally:
            ordered.cancel()

    def _next_order(self) -> HangUp | Program:
        order = self._orders.popleft()
        if not self._orders:
            self._ordered.clear()
        return order
