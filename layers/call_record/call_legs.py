"""What the people who were rung did: who took the call by a key, and what became of each telephone.

Only one leg may take the call of a dial, by one conditional write on the attempt's row. No leg may take it after a
later dial of the attempt has begun. Twilio's reports about a leg have a row of their own. They come late, twice and in
any order, so each fact is written once. They can never undo that somebody has taken the call.
"""

from contextlib import suppress
from typing import Literal

from attempt_end import NO_FAILURE, DialFailure
from call_attributes import Attribute, make_attribute, make_failure_attributes, read_attempt, read_leg
from call_index import place
from call_items import DeletedError, Items, RefusedError
from call_rows import Attempt, Leg

LegEvent = Literal["initiated", "ringing", "answered", "completed"]


class Legs:
    """The legs of all attempts. Every method raises what the client raises when the table cannot be reached."""

    def __init__(self, items: Items) -> None:
        self._items = items

    def read_attempt(self, call_sid: str, request_id: str) -> Attempt:
        """The attempt as it is stored; nothing but its name if it is not."""
        return read_attempt(self._items.get(call_sid, f"attempt#{request_id}"))

    def list_of(self, call_sid: str, request_id: str) -> tuple[Leg, ...]:
        """The legs of the attempt, in no order."""
        return tuple(map(read_leg, self._items.list_beginning(call_sid, f"leg#{request_id}#")))

    def accept(self, call_sid: str, request_id: str, leg_sid: str, dial: int = 0) -> Attempt:
        """Let this leg take the call, unless another leg of its dial has, or the attempt has gone on or is over.

        Returns the attempt as it is stored: `accepted_by` says who has the call. The same leg may do it twice. The
        claim of the attempt, and that it has come to this dial, need not have been written.
        """
        now = make_attribute(self._items.now_ms)
        taken = {"accepted_by": make_attribute(leg_sid), "accepted_at_ms": now, "dial": make_attribute(dial)}
        try:
            row = self._items.change(
                call_sid,
                f"attempt#{request_id}",
                first={"claimed_at_ms": now} | place(self._items.now_ms),
                always=taken,
                condition="attribute_not_exists(#decision) AND (attribute_not_exists(#dial) OR #dial <= :dial) AND "
                "(attribute_not_exists(#accepted_by) OR #accepted_by = :nobody OR #dial < :dial)",
                names=("decision",),
                values={":nobody": make_attribute("")},
                late=True,
            )
        except RefusedError:
            return self.read_attempt(call_sid, request_id)
        return read_attempt(row)

    def go_on(self, call_sid: str, request_id: str, dial: int, failure: DialFailure = NO_FAILURE) -> Attempt:
        """Write that nobody has the call and this dial is next, unless that was written or the attempt is over.

        `failure`: why the dial before failed. Returns the attempt as it is stored. A person who took the call on an
        earlier dial no longer has it.
        """
        nobody = {"accepted_by": make_attribute(""), "accepted_at_ms": make_attribute(0)}
        try:
            row = self._items.change(
                call_sid,
                f"attempt#{request_id}",
                always={"dial": make_attribute(dial)} | nobody | make_failure_attributes(failure),
                condition="attribute_not_exists(#decision) AND (attribute_not_exists(#dial) OR #dial < :dial)",
                names=("decision",),
            )
        except RefusedError:
            return self.read_attempt(call_sid, request_id)
        return read_attempt(row)

    def decline(self, call_sid: str, request_id: str, leg_sid: str, key: str) -> None:
        """Write that the person who picked up pressed another key than the one that takes the call."""
        self._write_once(call_sid, request_id, leg_sid, {"key": make_attribute(key)})

    def record_event(
        self,
        call_sid: str,
        request_id: str,
        leg_sid: str,
        event: LegEvent,
        *,
        target: int | None = None,
        status: str = "",
        sip_code: str = "",
    ) -> None:
        """Write when it was first reported, and with `completed` what Twilio said about the end.

        `target`: of an attended attempt.
        """
        facts = {f"{event}_at_ms": make_attribute(self._items.now_ms)}
        if target is not None:
            facts["target"] = make_attribute(target)
        if event == "completed":
            facts |= {"status": make_attribute(status), "sip_code": make_attribute(sip_code)}
        self._write_once(call_sid, request_id, leg_sid, facts)

    def _write_once(self, call_sid: str, request_id: str, leg_sid: str, facts: dict[str, Attribute]) -> None:
        with suppress(DeletedError):
            self._items.change(call_sid, f"leg#{request_id}#{leg_sid}", first=facts, late=True)
