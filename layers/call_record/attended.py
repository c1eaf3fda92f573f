"""Attempts to reach a person while the caller talks on with the model: every step is one conditional write.

    ringing -> accepted -> moved -> the end of the talk (`CallTable.settle_attempt`)
    ringing -> nobody, passed, answered_through; ringing or accepted -> cancelled_by_caller, caller_gone, failed

So of any requests at the same moment, repeated or late, one makes the step, and the others learn what it was. Reports
of Twilio about a leg write that leg's row, never the attempt's (`call_legs`).
"""

import uuid
from collections.abc import Sequence
from contextlib import suppress

from call_attributes import Attribute, make_attribute, read_attempt
from call_items import DeletedError, Items, RefusedError
from call_rows import BESIDE_THE_TALK, Attempt

MAX_NOTE = 500
"""Characters of what a person says for the caller: half a minute of speech."""


class Attended:
    """The attended attempts of all calls. Every method raises what the client raises when the table cannot be reached.

    Of two values that are returned, the first is the attempt as it is stored, the second whether the step was made now.
    A client that tries again after a lost answer finds its own step.
    """

    def __init__(self, items: Items) -> None:
        self._items = items

    def accept(self, call_sid: str, request_id: str, leg_sid: str) -> Attempt:
        """Let this leg take the call, if people ring. `accepted_by` of what is returned says who has it."""
        taken = {"accepted_by": make_attribute(leg_sid), "accepted_at_ms": make_attribute(self._items.now_ms)}
        return self._step(call_sid, request_id, ("ringing",), "accepted", taken)[0]

    def claim_target(self, call_sid: str, request_id: str, target: int) -> bool:
        """Let whoever asks ring the destination's target of this number, if people ring and nobody has claimed it."""
        return self._step(call_sid, request_id, ("ringing",), "ringing", {"dial": make_attribute(target)}, target)[1]

    def connect(self, call_sid: str, request_id: str) -> tuple[Attempt, bool]:
        """Send the caller to the person who has taken the call."""
        connected = {"connected_at_ms": make_attribute(self._items.now_ms)}
        return self._step(call_sid, request_id, ("accepted",), "moved", connected)

    def end(
        self,
        call_sid: str,
        request_id: str,
        status: str,
        detail: str = "",
        *,
        only: Sequence[str] = BESIDE_THE_TALK,
    ) -> tuple[Attempt, bool]:
        """End the attempt without a talk, if it has one of these statuses."""
        ended = {"detail": make_attribute(detail), "settled_at_ms": make_attribute(self._items.now_ms)}
        return self._step(call_sid, request_id, only, status, ended)

    def begin_leg(self, call_sid: str, request_id: str, leg_sid: str, target: int, person: str) -> None:
        """Write which telephone it is. Twilio's first report may have come before."""
        facts = {"target": make_attribute(target), "person": make_attribute(person)}
        self._write_leg(call_sid, request_id, leg_sid, facts | {"initiated_at_ms": make_attribute(self._items.now_ms)})

    def refuse_leg(self, call_sid: str, request_id: str, target: int, person: str, failure: str) -> None:
        """Write that the target could not be rung. A target without a call has a row of this name."""
        facts = {"target": make_attribute(target), "person": make_attribute(person)}
        facts |= {"failure": make_attribute(failure), "status": make_attribute("failed")}
        now = make_attribute(self._items.now_ms)
        self._write_leg(call_sid, request_id, f"target-{target}", facts | {"completed_at_ms": now})

    def hear_brief(self, call_sid: str, request_id: str, leg_sid: str, target: int) -> None:
        """Write that the person begins to hear what the call is about."""
        facts = {"brief_at_ms": make_attribute(self._items.now_ms), "target": make_attribute(target)}
        self._write_leg(call_sid, request_id, leg_sid, facts)

    def note(self, call_sid: str, request_id: str, leg_sid: str, words: str) -> None:
        """Write what the person says for the caller, cut to a length."""
        self._write_leg(call_sid, request_id, leg_sid, {"note": make_attribute(words[:MAX_NOTE])})

    def _step(
        self,
        call_sid: str,
        request_id: str,
        only: Sequence[str],
        status: str,
        facts: dict[str, Attribute],
        above: int | None = None,
    ) -> tuple[Attempt, bool]:
        """`above`: only if the attempt has come to an earlier target."""
        item, step = f"attempt#{request_id}", make_attribute(uuid.uuid4().hex)
        values = {f":is{number}": make_attribute(each) for number, each in enumerate(only)}
        condition = f"#status IN ({', '.join(values)}) AND attribute_not_exists(#decision)"
        condition += " AND #dial < :dial" if above is not None else ""
        try:
            row = self._items.change(
                call_sid,
                item,
                always={"status": make_attribute(status), "step": step, **facts},
                condition=condition,
                names=("status", "decision"),
                values=values,
            )
        except RefusedError:
            row = self._items.get(call_sid, item)
            return read_attempt(row), row.get("step") == step
        return read_attempt(row), True

    def _write_leg(self, call_sid: str, request_id: str, leg_sid: str, facts: dict[str, Attribute]) -> None:
        """Each fact is written once."""
        with suppress(DeletedError):
            self._items.change(call_sid, f"leg#{request_id}#{leg_sid}", first=facts, late=True)
