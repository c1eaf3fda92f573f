"""The numbers of dials under way, so that a transfer that comes back as a new call is recognised.

A line that forwards to our own number brings a transfer back as a new call. That call shows the number that was shown
to the line, or the line's own number. Some networks also say which line forwarded it. So both numbers of a dial lead to
its attempt for as long as it may ring. Both together prove that the transfer came back. One alone does not: a colleague
may show the caller's number; the person who is rung may themselves call; and a line that is busy because it is being
rung forwards the calls of strangers. With one alone, no more calls are refused than telephones are ringing.

The rows have a digest of the number. So nobody reads the numbers of people in the table, but somebody who tries all
numbers could find one.
"""

import hashlib
import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from call_attributes import make_attribute, read_attempt, read_leg, read_number, read_text
from call_items import SECONDS_A_DAY, Items
from call_rows import Attempt

NOTE_S = 0.5
"""With a slow table the remaining numbers are left out, because the caller waits."""
LOOK_S = 1.0
"""For the same reason, nothing more is read after this time."""


@dataclass(frozen=True, slots=True)
class Dial:
    """Numbers are in any form that Twilio gives them."""

    call_sid: str
    """Of the caller."""
    request_id: str
    """Of the attempt."""
    shown: str
    """The number that people see; empty: none is known."""
    rung: tuple[str, ...]
    """By this dial, not by earlier or later dials of the attempt."""
    lines: int
    """How many telephones the attempt has rung, with those of this dial."""
    until_ms: int
    """From when on none of them rings."""
    unreported_until_ms: int
    """Until when a telephone may ring that Twilio has not reported."""


@dataclass(frozen=True, slots=True)
class Loop:
    """A new call that is a transfer which came back."""

    call_sid: str
    """Of the caller who is being put through."""
    request_id: str
    times: int = 1
    """How often it came back, this time included."""
    certain: bool = True
    """False: it may be another call."""


@dataclass(frozen=True, slots=True)
class _Noted:
    """A dial, found by one of its numbers."""

    loop: Loop
    role: str
    """Of the number: `shown` or `rung`."""
    lines: int
    unreported_until_ms: int


class Ringing:
    def __init__(self, items: Items, clock: Callable[[], float] = time.monotonic) -> None:
        self._items = items
        self._clock = clock

    def note(self, dial: Dial, until: float = math.inf) -> None:
        """Store the numbers so that they lead to the attempt. A write may begin until `until`, on the clock."""
        until = min(until, self._clock() + NOTE_S)
        row = {
            "until_ms": make_attribute(dial.until_ms),
            "lines": make_attribute(dial.lines),
            "unreported_until_ms": make_attribute(dial.unreported_until_ms),
            "caller_call_sid": make_attribute(dial.call_sid),
            "request_id": make_attribute(dial.request_id),
        }
        roles = {digest: "rung" for number in dial.rung if (digest := hash_number(number))}
        if shown := hash_number(dial.shown):
            roles = {shown: "shown"} | roles
        for digest, role in roles.items():
            if self._clock() > until:
                return
            item = f"dial#{dial.call_sid}#{dial.request_id}"
            self._items.add(f"number#{digest}", item, row | {"role": make_attribute(role)}, keep_s=SECONDS_A_DAY)

    def find_loop(self, call_sid: str, caller: str, forwarded_from: str) -> Loop | None:
        """The dial that comes back as this new call; None: it is a usual call.

        Raises `TimeoutError` if that is not known in time.
        """
        until = self._clock() + LOOK_S
        for noted in self._list_candidates(caller, forwarded_from, until):
            loop = noted.loop
            if loop.call_sid == call_sid:  # its own webhook, repeated
                continue
            self._raise_if_late(until)
            attempt = read_attempt(self._items.get(loop.call_sid, f"attempt#{loop.request_id}"))
            if _is_ringing(attempt) and (loop.certain or self._may_be(noted, attempt, until)):
                return replace(loop, times=attempt.forwarded_back + 1)
        return None

    def count_loop(self, loop: Loop) -> None:
        """Count it. Only if it is certain, it is written as the reason why nobody came."""
        told = {"forwarded_back": make_attribute(loop.times)}
        if loop.certain:
            told["failure"] = make_attribute("forwarded_back")
        self._items.change(loop.call_sid, f"attempt#{loop.request_id}", always=told)

    def _list_candidates(self, caller: str, forwarded_from: str, until: float) -> list[_Noted]:
        """The dials that the call may come from. Those whose two numbers both match come first."""
        found = self._list_noted(caller)
        if not found and hash_number(caller):
            return []  # who has called a person is put through by nobody, wherever that person's line led them
        self._raise_if_late(until)
        rung = [noted for noted in self._list_noted(forwarded_from) if noted.role == "rung"]
        if not hash_number(caller):
            return rung
        both = [noted for noted in found if noted.role == "shown" and noted.loop in [each.loop for each in rung]]
        certain = [replace(noted, loop=replace(noted.loop, certain=True)) for noted in both]
        return certain + [noted for noted in found if noted not in both]

    def _may_be(self, noted: _Noted, attempt: Attempt, until: float) -> bool:
        """Whether a telephone rings that has not come back yet, as far as we know.

        Twilio's first report about a telephone may come later than the call that it forwards. Only its last report says
        that a caller hung up: if they call again at once, that is no loop. A line whose call was refused is busy.
        """
        self._raise_if_late(until)
        rows = self._items.list_under(noted.loop.call_sid)
        legs = [read_leg(row) for row in rows if read_text(row, "item").startswith(f"leg#{noted.loop.request_id}#")]
        if noted.role == "rung" and len(legs) > noted.lines:
            return False  # the next person is rung
        begun = len(legs)
        if self._items.now_ms < noted.unreported_until_ms:
            begun = max(begun, noted.lines)
        ringing = begun - sum(1 for leg in legs if leg.completed_at_ms)
        refused = sum(1 for leg in legs if leg.completed_at_ms and leg.status == "busy")
        return ringing > 0 and attempt.forwarded_back < ringing + refused

    def _raise_if_late(self, until: float) -> None:
        if self._clock() > until:
            raise TimeoutError("the table is slow")

    def _list_noted(self, number: str) -> list[_Noted]:
        if not (digest := hash_number(number)):
            return []
        return [
            _Noted(
                Loop(read_text(row, "caller_call_sid"), read_text(row, "request_id"), certain=False),
                read_text(row, "role"),
                read_number(row, "lines"),
                read_number(row, "unreported_until_ms"),
            )
            for row in self._items.list_under(f"number#{digest}")
            if read_number(row, "until_ms") > self._items.now_ms
        ]


def _is_ringing(attempt: Attempt) -> bool:
    rings = attempt.under_way or attempt.beside_the_talk
    return attempt.claimed_at_ms > 0 and rings and not attempt.accepted_by


def hash_number(number: str) -> str:
    """Empty: the text is no telephone number."""
    if not re.fullmatch(r"\+?\d{7,15}", number, re.ASCII):
        return ""
    return hashlib.sha256(number.removeprefix("+").encode()).hexdigest()[:32]
