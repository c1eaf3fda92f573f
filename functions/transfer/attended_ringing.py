"""Rings the targets of an attended attempt, one after the other or together, and settles it when nobody is left.

Whoever claims a target by a conditional write (`attended`) rings it. Whom Twilio refuses to ring does not answer.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

import attended_legs
from call_record import Attempt, CallRecord, CallTable, Leg
from destination import Destination
from directory import Directory
from leg_forms import make_forms

if TYPE_CHECKING:  # Twilio's library is not imported before it is needed
    from twilio_legs import Form, TwilioLegs

# Twilio begins one call by REST a second, and lets the others wait.
PACE_S = 1.0
# A call that was begun without a clear answer reports itself within this time, or is taken for refused.
REPORT_S, LOOK_S = 2.0, 0.25

logger = Logger(service="transfer", child=True)


@dataclass(frozen=True, slots=True)
class Rung:
    """An attempt whose people are rung."""

    call_sid: str
    attempt: Attempt
    record: CallRecord
    destination: Destination
    legs: "TwilioLegs"
    until: float
    """When the function has to answer, on the monotonic clock."""

    @property
    def targets(self) -> int:
        """How many there are: fewer than the attempt says if the directory was changed meanwhile."""
        return min(self.attempt.dials, len(self.destination.targets))

    @property
    def people(self) -> int:
        """How many are rung at a time."""
        return 1 if self.destination.in_turn else self.targets

    @property
    def key(self) -> tuple[str, str]:
        return self.call_sid, self.attempt.request_id


@dataclass(frozen=True, slots=True)
class AttendedRinging:
    directory: Directory
    table: CallTable
    voice_url: str
    invoke: Callable[[dict[str, object]], bool]
    """Gives the transfer function a request without waiting for the answer. False: it could not be given."""
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def list_forms(self, rung: Rung) -> "list[Form]":
        """The requests that ring everybody, each with the best caller ID."""
        return [form for number in range(rung.targets) for form in self._make_forms(rung, number)[:1]]

    def begin(self, rung: Rung) -> bool:
        """Ring the first target, which is claimed with the attempt, and the next if it cannot be rung.

        False: nobody could be rung, and the attempt is over.
        """
        if not self._ring(rung, 0):
            return self._ring_next(rung).status == "ringing"
        if not rung.destination.in_turn and rung.targets > 1:
            self._ask_to_ring_on(rung)
        return True

    def ring_on(self, rung: Rung, legs: Sequence[Leg]) -> Attempt:
        """Ring who is next, if it is their turn. Returns the attempt as it is then."""
        first = rung.attempt.dial if rung.destination.in_turn else 0
        over = all(attended_legs.is_over(legs, target) for target in range(first, rung.attempt.dial + 1))
        if rung.attempt.dial + 1 < rung.targets and (over or not rung.destination.in_turn):
            return self._ring_next(rung)
        return self.settle(rung.call_sid, rung.attempt) if over else rung.attempt

    def settle(self, call_sid: str, attempt: Attempt) -> Attempt:
        """Nobody is left to be rung."""
        legs = self.table.legs.list_of(call_sid, attempt.request_id)
        status = "passed" if any(leg.key == attended_legs.PASSES for leg in legs) else "nobody"
        settled, now = self.table.attended.end(call_sid, attempt.request_id, status, only=("ringing",))
        if now and settled.tells:
            told = {"call_sid": call_sid, "request_id": attempt.request_id, "about": "missed"}
            if not self.invoke({"action": "notify", **told}):
                logger.error("Nobody will be told", extra={"attempt": attempt.request_id})
        return settled

    def _ring_next(self, rung: Rung) -> Attempt:
        """Ring the next target that can be rung; where all are rung together, all that are left."""
        rings = False
        for number in range(rung.attempt.dial + 1, rung.targets):
            if rings and rung.destination.in_turn:
                break
            if self.clock() + PACE_S + REPORT_S > rung.until:
                self._ask_to_ring_on(rung)
                return rung.attempt
            if not rung.destination.in_turn:
                self.sleep(PACE_S)
            if not self.table.attended.claim_target(*rung.key, number):
                return self.table.legs.read_attempt(*rung.key)  # somebody else goes on, or it is over
            rings |= self._ring(rung, number)
        return self._settle_if_over(rung)

    def _settle_if_over(self, rung: Rung) -> Attempt:
        attempt, legs = self.table.legs.read_attempt(*rung.key), self.table.legs.list_of(*rung.key)
        first = attempt.dial if rung.destination.in_turn else 0
        if attempt.dial + 1 >= rung.targets and all(
            attended_legs.is_over(legs, target) for target in range(first, rung.targets)
        ):
            return self.settle(rung.call_sid, attempt)
        return attempt

    def _ring(self, rung: Rung, number: int) -> bool:
        """Whether the target rings now. Its claim is ours."""
        begun = rung.legs.begin(self._make_forms(rung, number), rung.until)
        said = {"attempt": rung.key[1], "target": number, "status": begun.status, "code": begun.code}
        logger.info("Twilio was asked to ring somebody", extra=said)
        rings, person = begun.status == "rings", rung.destination.spoken
        try:
            if rings:
                self.table.attended.begin_leg(*rung.key, begun.sid, number, person)
            elif not (rings := begun.status == "unclear" and self._reports_itself(rung, number)):
                self.table.attended.refuse_leg(*rung.key, number, person, begun.code)
        except (BotoCoreError, ClientError):
            logger.exception("Who is being rung could not be written; Twilio's reports will")
        return rings

    def _make_forms(self, rung: Rung, number: int) -> "list[Form]":
        return make_forms(self.directory, rung.destination, rung.record, self.voice_url, *rung.key, number)

    def _reports_itself(self, rung: Rung, number: int) -> bool:
        """Whether a call exists whose beginning had no clear answer."""
        for _ in range(int(REPORT_S / LOOK_S)):
            if self.clock() + LOOK_S > rung.until:
                break
            self.sleep(LOOK_S)
            if any(leg.target == number for leg in self.table.legs.list_of(*rung.key)):
                return True
        return False

    def _ask_to_ring_on(self, rung: Rung) -> None:
        if not self.invoke({"action": "ring_on", "call_sid": rung.key[0], "attempt": rung.key[1]}):
            logger.error("Who else is to be rung will not be rung", extra={"attempt": rung.key[1]})
