"""How a call went as the carrier saw it: what became of each leg, and, where no record says more, of the call. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from console.call_view import AttemptView, LegView, Outcome
from sandbox.twilio import events


@dataclass(slots=True)
class LegTimes:
    """One leg. Times are since the call began; None until it has happened."""

    to: str
    rung_at_ms: int | None = None
    answered_at_ms: int | None = None
    ended_at_ms: int | None = None


class CarrierOutcome:
    """Of one call and its legs."""

    def __init__(self, call_sid: str) -> None:
        self.legs: dict[str, LegTimes] = {}
        """By CallSid, the call itself too."""
        self._call_sid = call_sid
        self._bridged_ms: int | None = None
        self._talked_with = ""
        self._broken = False
        self._failed = False
        self._logged_code: int | None = None

    @property
    def over(self) -> bool:
        """The call and its legs have ended."""
        return bool(self.legs) and all(leg.ended_at_ms is not None for leg in self.legs.values())

    @property
    def ended_at_ms(self) -> int | None:
        """When the caller's line was closed; None: it is open."""
        call = self.legs.get(self._call_sid)
        return None if call is None else call.ended_at_ms

    def take(self, sid: str, what: events.Event, at_ms: int) -> None:
        """An event of the call, or of one of its legs."""
        leg = self.legs.get(sid)
        match what:
            case events.CallStarted(to=to):
                self.legs[sid] = LegTimes(to)
            case events.Ringing() if leg is not None:
                leg.rung_at_ms = at_ms
            case events.Answered() if leg is not None:
                leg.answered_at_ms = at_ms
            case events.CallEnded() if leg is not None:
                leg.ended_at_ms = at_ms
            case events.CallBroke() if sid == self._call_sid:
                self._broken = True
            case events.ErrorLogged(code=code) if sid == self._call_sid:
                self._logged_code = code
            case events.HungUp(by="failure") if sid == self._call_sid:
                self._failed = True
            case events.Bridged(to=to):
                self._bridged_ms, self._talked_with = at_ms, to

    def correct(self, attempts: tuple[AttemptView, ...]) -> tuple[AttemptView, ...]:
        """The same attempts with the telephones that were rung, and when: the record has when it was told of it."""
        return tuple(replace(each, legs=tuple(map(self._correct_leg, each.legs))) for each in attempts)

    def describe(self, names: Mapping[str, str]) -> tuple[Outcome, str]:
        """How a call ended of which there is no record. `names`: people by the address that is rung for them."""
        call = self.legs[self._call_sid]
        if self._broken:
            return "failed", "broke off, because the sandbox could not go on"
        if self._bridged_ms is not None:
            with_whom = names.get(self._talked_with, self._talked_with)
            return "talked", f"talked with {with_whom}"
        if self._failed:
            why = f": Twilio logged error {self._logged_code}" if self._logged_code else ""
            return "failed", f"broke off{why}"
        if call.answered_at_ms is None:
            return "failed", "was not answered"
        return "answered", f"ended after {((call.ended_at_ms or 0) - call.answered_at_ms) / 1000:.0f} s"

    def _correct_leg(self, leg: LegView) -> LegView:
        seen = self.legs.get(leg.sid)
        if seen is None:
            return leg
        return replace(
            leg,
            to=seen.to,
            rung_at_ms=seen.rung_at_ms,
            answered_at_ms=seen.answered_at_ms,
            ended_at_ms=seen.ended_at_ms,
        )
