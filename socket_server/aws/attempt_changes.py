"""What has changed about people who are rung while the talk goes on: from the rows of the record to events.

Each fact is told once. Rows may come late, and facts together: how it ends is told last.
"""

from collections.abc import Iterator, Sequence

from call_record import Attempt, Leg
from socket_server.core.attempt_events import AttemptChanged

PASSES = "2"  # the key with which a person passes the call on
NOBODY = ("nobody", "no_answer", "busy", "declined", "not_accepted", "passed")
"""The statuses of an attempt that nobody took."""
CALLED_OFF = ("cancelled_by_caller", "caller_gone")


class AttemptChanges:
    """The changes of one attempt, from one look at its rows to the next."""

    def __init__(self, request_id: str) -> None:
        self.over = False
        """How it ended was told."""
        self._request_id = request_id
        self._people = 0
        self._told: set[tuple[str, str]] = set()  # a leg, and what was told of it

    def compare(self, attempt: Attempt, legs: Sequence[Leg]) -> Iterator[AttemptChanged]:
        """What was not told yet. Nothing follows after the end."""
        if self.over:
            return
        for leg in sorted(legs, key=lambda each: each.initiated_at_ms):
            yield from self._compare_leg(leg)
        end = self._find_end(attempt, {leg.leg_sid: leg for leg in legs})
        if end is not None:
            self.over = True
            yield end
            return
        people = sum(1 for leg in legs if leg.initiated_at_ms and not leg.completed_at_ms)
        if people not in (0, self._people):
            yield AttemptChanged(self._request_id, "ringing", people=people)
        self._people = people

    def _compare_leg(self, leg: Leg) -> Iterator[AttemptChanged]:
        if leg.brief_at_ms and not leg.key and not leg.completed_at_ms and self._is_new(leg, "listening"):
            yield AttemptChanged(self._request_id, "listening", leg.person)
        if leg.key == PASSES and self._is_new(leg, "passed"):
            yield AttemptChanged(self._request_id, "passed", leg.person)

    def _is_new(self, leg: Leg, what: str) -> bool:
        fact = leg.leg_sid, what
        new = fact not in self._told
        self._told.add(fact)
        return new

    def _find_end(self, attempt: Attempt, legs: dict[str, Leg]) -> AttemptChanged | None:
        """How the ringing ended; None: it goes on."""
        match attempt.status:
            case "failed":
                return AttemptChanged(self._request_id, "failed")
            case status if status in NOBODY:
                return AttemptChanged(self._request_id, "nobody")
            case status if status in CALLED_OFF:
                return AttemptChanged(self._request_id, "failed", note="it was called off")
            case "answered_through":
                said = next((leg for leg in legs.values() if leg.note), Leg("", self._request_id))
                return AttemptChanged(self._request_id, "answered_through", said.person, said.note)
            case _ if attempt.accepted_by:
                who = legs.get(attempt.accepted_by)
                return AttemptChanged(self._request_id, "accepted", who.person if who else "")
            case _:  # claimed, ringing
                return None
