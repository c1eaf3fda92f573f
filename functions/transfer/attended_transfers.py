"""People ring while the caller talks on with the model: begin, ring on, connect, cancel.

`attended` (call_record) has the steps of an attempt. Whoever makes a step by its conditional write also carries it
out. Everything here may be asked again, late, or twice at the same moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

import attended_legs
from attempts import find_attempt
from attended_ringing import PACE_S, AttendedRinging, Rung
from bridge import render_bridge
from call_record import Attempt, CallTable, Leg
from dial import compose_announcement
from directory import Directory
from transfer_request import Request

if TYPE_CHECKING:
    from twilio_calls import TwilioCalls

type Answer = dict[str, object]

# After an update of their call the caller is in the conference within this time: our words to them, and Twilio's way.
MEET_MS = 10_000
CANCEL_REASONS = ("cancelled_by_caller", "caller_gone", "failed")

logger = Logger(service="transfer", child=True)


@dataclass(frozen=True, slots=True)
class AttendedTransfers:
    directory: Directory
    table: CallTable
    voice_url: str
    ringing: AttendedRinging

    def describe(self, rung: Rung) -> Answer:
        """What `begin` would answer and ask of Twilio."""
        rest = [rung.legs.describe(form) for form in self.ringing.list_forms(rung)]
        return {"status": "ringing", "people": rung.people, "dry_run": True, "rest": rest}

    def begin(self, rung: Rung) -> Answer:
        """Ring the people of an attempt that was claimed just now."""
        if not self.ringing.begin(rung):
            return {"status": "failed", "error": "nobody could be rung"}
        return {"status": "ringing", "people": rung.people}

    def answer(self, request: Request, calls: "TwilioCalls", until: float) -> Answer:
        """Carry out one of the actions about an attempt that exists."""
        if request.dry_run:
            twiml = render_bridge(self.voice_url, request.call_sid, request.attempt)
            rest = [calls.describe_move(request.call_sid, twiml)] if request.action == "connect" else []
            return {"status": "moved" if rest else "ringing", "dry_run": True, "rest": rest}
        try:
            match request.action:
                case "connect":
                    return self._connect(request, calls, until)
                case "cancel":
                    return self._cancel(request, calls, until)
            return self._ring_on(request, calls, until)
        except (BotoCoreError, ClientError) as error:
            logger.exception("The call record could not be read or written")
            return {"status": "failed", "error": f"the call record: {type(error).__name__}"}

    def _ring_on(self, request: Request, calls: "TwilioCalls", until: float) -> Answer:
        """Do what the rows say is to be done: ring who is next, end legs that are left over, settle."""
        record = self.table.read(request.call_sid)
        attempt = find_attempt(request.attempt, record)
        if attempt is None or attempt.mode != "attended":
            return {"status": "failed", "error": "there is no such attended attempt"}
        legs = [leg for leg in record.legs if leg.request_id == request.attempt]
        if attempt.status == "ringing":
            destination = self.directory.get(attempt.destination)
            if destination is None:  # the directory was changed during the call
                attempt = self.ringing.settle(request.call_sid, attempt)
            else:
                rung = Rung(request.call_sid, attempt, record, destination, calls.legs, until)
                attempt = self.ringing.ring_on(rung, legs)
        if attempt.status != "ringing":
            attended_legs.end_left_over(attempt, legs, calls.legs, until)
            self._fetch_back(request.call_sid, attempt, legs, calls, until)
        return {"status": attempt.status}

    def _connect(self, request: Request, calls: "TwilioCalls", until: float) -> Answer:
        """Send the caller to the person who waits. If that fails, the person is told, and their leg ends."""
        key = (request.call_sid, request.attempt)
        attempt, now = self.table.attended.connect(*key)
        if not now:
            if attempt.status == "moved" or attempt.decision:
                return {"status": "moved"}
            gone = attempt.status == "caller_gone"
            return {"status": "caller_gone"} if gone else {"status": "failed", "error": "nobody waits for the caller"}
        destination = self.directory.get(attempt.destination)
        words = compose_announcement(destination) if request.announce and destination else ""
        twiml = render_bridge(self.voice_url, *key, words)
        # An update without a clear answer is not repeated: a second one would take the caller out of the conference.
        outcome = calls.move(request.call_sid, twiml, rings_at_once=False, until=until)
        said = {"status": outcome.status, "detail": outcome.detail}
        logger.info("Twilio was asked to bring the caller to the person", extra=said)
        if outcome.status in ("failed", "caller_gone"):
            attempt, _ = self.table.attended.end(*key, outcome.status, outcome.detail, only=("moved",))
            attended_legs.end_all(attempt, self.table.legs.list_of(*key), calls.legs, until)
        return {"status": outcome.status} | ({"error": outcome.detail} if outcome.status == "failed" else {})

    def _cancel(self, request: Request, calls: "TwilioCalls", until: float) -> Answer:
        """Ring nobody any more, unless caller and person are brought together already."""
        key, reason = (request.call_sid, request.attempt), CANCEL_REASONS[0]
        reason = request.reason if request.reason in CANCEL_REASONS else reason
        attempt, _ = self.table.attended.end(*key, reason)
        if not attempt.claimed_at_ms:
            # The request that lets people ring was lost, or is late: it finds this, and rings nobody.
            self.table.claim_attempt(request.call_sid, Attempt(request.attempt, status=reason, mode="attended"))
            return {"status": reason}
        if attempt.status == "moved" or attempt.decision or attempt.mode != "attended":
            return {"status": attempt.status}
        attended_legs.end_all(attempt, self.table.legs.list_of(*key), calls.legs, until)
        logger.info("Nobody is rung any more", extra={"attempt": request.attempt, "status": attempt.status})
        return {"status": attempt.status}

    def _fetch_back(
        self, call_sid: str, attempt: Attempt, legs: Sequence[Leg], calls: "TwilioCalls", until: float
    ) -> None:
        """If the person left before the caller came, the caller waits alone: ask the webhook what comes next."""
        winner = next((leg for leg in legs if leg.leg_sid == attempt.accepted_by), None)
        if attempt.status != "moved" or winner is None or not winner.completed_at_ms:
            return
        if winner.completed_at_ms - attempt.connected_at_ms > MEET_MS:
            return  # they were together, and whoever leaves a conference ends it
        self.ringing.sleep(PACE_S)  # if they were together, the webhook about the caller comes now
        if self.table.legs.read_attempt(call_sid, attempt.request_id).decision is None:
            logger.warning("The person has left, and the caller waits alone")
            twiml = attended_legs.render_way_back(self.voice_url, attempt.request_id)
            calls.move(call_sid, twiml, rings_at_once=False, until=until)
