"""Who is told about a missed call or a message, once each: rows that are claimed before anything is sent.

An event of AWS Lambda may come twice, or again after a failure. What was sent, or may have been, is not sent again. The
rows have no number: `told` is a digest.
"""

import hashlib
import uuid
from contextlib import suppress

from call_attributes import make_attribute
from call_items import DeletedError, Items, RefusedError
from call_rows import About, NoticeStatus

# After this time the function that has claimed a notice has ended: Lambda stops it after ten seconds.
DEAD_MS = 15_000


class Notices:
    """The notices of all calls. Every method raises what the client raises when the table cannot be reached."""

    def __init__(self, items: Items) -> None:
        self._items = items

    def claim(self, call_sid: str, request_id: str, about: About, told: str) -> str | None:
        """Claim the notice about an attempt to `told`, as `digest` names it. None: it was sent, or may have been.

        Returns the name of the claim, for `finish`. Raises also `DeletedError`: then nobody may be told.
        """
        # A client that tries again after a lost answer finds the claim of its first try.
        claim = uuid.uuid4().hex
        try:
            self._items.change(
                call_sid,
                _make_item(request_id, about, told),
                always={
                    "status": make_attribute("sending"),
                    "claim": make_attribute(claim),
                    "claimed_at_ms": make_attribute(self._items.now_ms),
                },
                condition="attribute_not_exists(#status) OR #status = :later OR #claim = :claim",
                values={":later": make_attribute("later")},
                late=True,
            )
        except DeletedError:
            raise
        except RefusedError:
            return None
        return claim

    def finish(self, call_sid: str, request_id: str, about: About, told: str, claim: str, status: NoticeStatus) -> None:
        """Write what came of it, unless Twilio has reported already that it did not arrive, or the claim was deleted or
        is another one by now.

        After `later` it may be claimed again.
        """
        with suppress(RefusedError):
            self._items.change(
                call_sid,
                _make_item(request_id, about, told),
                always={"status": make_attribute(status)},
                condition="#claim = :claim AND #status <> :undelivered",
                names=("claim",),
                values={":claim": make_attribute(claim), ":undelivered": make_attribute("undelivered")},
            )

    def give_up(self, call_sid: str, request_id: str, about: About, told: str) -> bool:
        """Write that it is unclear if whoever claimed it has ended and wrote nothing. False: that is not so, or was
        written before.
        """
        try:
            self._items.change(
                call_sid,
                _make_item(request_id, about, told),
                always={"status": make_attribute("unclear")},
                condition="#status = :sending AND #claimed_at_ms < :dead",
                names=("claimed_at_ms",),
                values={":sending": make_attribute("sending"), ":dead": make_attribute(self._items.now_ms - DEAD_MS)},
            )
        except RefusedError:
            return False
        return True

    def report_sent(self, call_sid: str, request_id: str, about: About, told: str) -> None:
        """Write that Twilio has sent it, if nothing certain is known about it."""
        unknown = {f":{status}": make_attribute(status) for status in ("sending", "unclear")}
        with suppress(RefusedError):
            self._items.change(
                call_sid,
                _make_item(request_id, about, told),
                always={"status": make_attribute("sent")},
                condition=f"#status IN ({', '.join(unknown)})",
                values=unknown,
            )

    def report_undelivered(self, call_sid: str, request_id: str, about: About, told: str) -> bool:
        """Write that it did not arrive. False: this was written before, or there is no such notice."""
        try:
            self._items.change(
                call_sid,
                _make_item(request_id, about, told),
                always={"status": make_attribute("undelivered")},
                condition="attribute_exists(#claimed_at_ms) AND #status <> :status",
                names=("claimed_at_ms",),
            )
        except RefusedError:
            return False
        return True


def digest(address: str) -> str:
    """The name of an address in the table. Somebody who tries all numbers could find a number by it."""
    return hashlib.sha256(address.encode()).hexdigest()[:16]


def _make_item(request_id: str, about: About, told: str) -> str:
    return f"notice#{about}#{told}#{request_id}"  # the name of an attempt may have a # itself
