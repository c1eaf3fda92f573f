"""The numbers of dials under way, so that a call which comes back from one of them is known for what it is.

A line that forwards to our own number brings a transfer back as a new call. It shows who was shown to that line, and
some networks say which line forwarded it. So both numbers of a dial lead to its attempt for as long as it may ring.
The rows bear a digest of the number: enough that nobody reads the numbers of people in the table, not that nobody who
tries them all could find one.
"""

import hashlib
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from call_items import Items
from call_rows import Attempt, Attributes, attempt_from, attribute, leg_from, number_in, text_in

NOTE_S = 0.5
"""Of a slow table the rest of the numbers is left out: the caller waits."""
LOOK_S = 1.0
"""And nothing more is asked of it after that time, for the same reason."""


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
    lines: int
    """How many telephones ring."""
    until_ms: int
    """When none of them rings any more."""
    reported: bool = False
    """Twilio reports when a telephone begins to ring, and when its leg is over."""


@dataclass(frozen=True, slots=True)
class Loop:
    """A call that is a transfer come back."""

    call_sid: str
    """Of the caller who is being put through."""
    request_id: str
    times: int = 1
    """How often it came back, with this."""


class Ringing:
    def __init__(self, items: Items, clock: Callable[[], float] = time.monotonic) -> None:
        self._items = items
        self._clock = clock

    def note(self, dial: Dial) -> None:
        """Let the numbers lead to the attempt."""
        until = self._clock() + NOTE_S
        row = {
            "until_ms": attribute(dial.until_ms),
            "lines": attribute(dial.lines),
            "reported": attribute(int(dial.reported)),
            "caller_call_sid": attribute(dial.call_sid),
            "request_id": attribute(dial.request_id),
        }
        roles = {digest: "rung" for number in dial.rung if (digest := _digest(number))}
        if shown := _digest(dial.shown):
            roles = {shown: "shown"} | roles
        for digest, role in roles.items():
            if self._clock() > until:
                return
            item = f"dial#{dial.call_sid}#{dial.request_id}"
            self._items.add(f"number#{digest}", item, row | {"role": attribute(role)}, keep_days=1)

    def loop(self, call_sid: str, caller: str, forwarded_from: str) -> Loop | None:
        """The dial that comes back as this new call; None: it is a call like any other.

        Who shows the same number as a caller that is being put through may be somebody else of the same company:
        such a call is taken for a loop only as often as telephones ring.
        """
        until = self._clock() + LOOK_S
        for number in (forwarded_from, caller):
            for row in self._rows(number):
                if self._clock() > until:
                    return None
                loop = Loop(text_in(row, "caller_call_sid"), text_in(row, "request_id"))
                if loop.call_sid == call_sid:  # its own webhook, repeated
                    continue
                attempt = attempt_from(self._items.get(loop.call_sid, f"attempt#{loop.request_id}"))
                if not _rings(attempt) or (number_in(row, "reported") and not self._leg_rings(loop)):
                    continue
                if text_in(row, "role") == "rung" or attempt.forwarded_back < number_in(row, "lines"):
                    return replace(loop, times=attempt.forwarded_back + 1)
        return None

    def count(self, loop: Loop) -> None:
        told = {"forwarded_back": attribute(loop.times), "failure": attribute("forwarded_back")}
        self._items.change(loop.call_sid, f"attempt#{loop.request_id}", always=told)

    def _leg_rings(self, loop: Loop) -> bool:
        """Whether a telephone of the attempt may be ringing, by what Twilio has reported.

        Nobody asks what comes next for a caller who hangs up meanwhile. Whoever calls again then is no loop.
        """
        rows = self._items.of_call(loop.call_sid)
        legs = [leg_from(row) for row in rows if text_in(row, "item").startswith(f"leg#{loop.request_id}#")]
        return any(not leg.completed_at_ms for leg in legs)

    def _rows(self, number: str) -> Iterator[Attributes]:
        if digest := _digest(number):
            rows = self._items.of_call(f"number#{digest}")
            yield from (row for row in rows if number_in(row, "until_ms") > self._items.now_ms)


def _rings(attempt: Attempt) -> bool:
    claimed = attempt.claimed_at_ms and attempt.status in ("claimed", "moved")
    return bool(claimed) and attempt.decision is None and not attempt.accepted_by


def _digest(number: str) -> str:
    """Empty: the text is no telephone number."""
    if not re.fullmatch(r"\+?\d{7,15}", number, re.ASCII):
        return ""
    return hashlib.sha256(number.removeprefix("+").encode()).hexdigest()[:32]
