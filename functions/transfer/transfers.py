"""The actions of the transfer function: list who can be reached, move a live call, find the next person.

An attempt is claimed in the call record before any request to Twilio. That makes a repeated request harmless. Answers
contain no number. Only the TwiML of a dry run and of `next` does: it is for Twilio, not for a model.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

import openings
import ringing_numbers
import routing
from attempts import answer_with_twiml, find_attempt, make_attempt, repeat_answer
from attended_ringing import Rung
from attended_transfers import AttendedTransfers
from call_record import Attempt, CallRecord, CallTable, Dial
from caller_id import choose_caller_id
from destination import Destination
from dial import MAX_CHARACTERS, NOBODY_THERE, SORRY, compose_announcement, render_dial, render_say
from directory import Directory
from goodbye import say_goodbye
from notifier import Notifier
from secret_cache import SecretError
from transfer_request import Request

if TYPE_CHECKING:  # Twilio's library is not imported before it is needed
    from twilio_calls import TwilioCalls

type Answer = dict[str, object]

# A client waits 8 s for a transfer, and 4 s for `next`. A write takes WRITE_S at most.
NEXT_SOONER_S = 3.2
WRITE_S = 1.7

logger = Logger(service="transfer", child=True)


@dataclass(frozen=True, slots=True)
class Transfers:
    """Everything an action needs."""

    directory: Directory
    table: CallTable
    voice_url: str
    calls: "Callable[[], TwilioCalls]"
    """Makes Twilio's REST client when it is needed. Raises `SecretError`."""
    now: Callable[[], datetime]
    """The time, with a zone."""
    notifier: Notifier
    attended: AttendedTransfers

    def answer(self, request: Request, until: float = math.inf) -> Answer:
        """Do what is asked. After `until`, on the monotonic clock, nothing is begun that can be left out."""
        match request.action:
            case "destinations":
                described = [openings.describe(each, self.now()) for each in self.directory.destinations]
                names = self.directory.rings(request.own_numbers)
                return {"destinations": described} | ({"rings_own": names} if request.own_numbers else {})
            case "transfer":
                return self._transfer(request, until)
            case "next":
                return self._ring_next(request, until - NEXT_SOONER_S)
            case "notify":
                return self.notifier.notify(request, until)
            case "end":
                return self._ask_twilio(lambda calls: say_goodbye(request, self.table, calls, until))
        return self._ask_twilio(lambda calls: self.attended.answer(request, calls, until))

    def _transfer(self, request: Request, until: float) -> Answer:
        wanted = routing.list_candidates(self.directory, request.destination)
        if not wanted:
            names = [each.name for each in self.directory.destinations]
            return {"status": "unknown_destination", "destinations": names}
        record = self._read_record(request.call_sid)
        if record.deleted:
            return {"status": "caller_gone"}
        if not request.dry_run and (before := find_attempt(request.request_id, record)):
            return repeat_answer(before)
        destination = routing.choose(self.directory, request.destination, record.attempts, self.now())
        if destination is None:
            now = self.now()
            return {"status": "closed"} | openings.describe_tried(wanted, now) | openings.describe_first(wanted, now)
        return self._ask_twilio(lambda calls: self._ring(request, destination, record, calls, until))

    def _ask_twilio(self, act: "Callable[[TwilioCalls], Answer]") -> Answer:
        try:
            return act(self.calls())
        except SecretError as error:
            logger.exception("The credentials could not be read")
            return {"status": "failed", "error": f"the secret could not be read: {error}"}

    def _ring(
        self, request: Request, destination: Destination, record: CallRecord, calls: "TwilioCalls", until: float
    ) -> Answer:
        shown = choose_caller_id(self.directory, record)
        words = self.table.keeps_transcripts
        attended = request.attended and destination.rings_by_rest
        status = "ringing" if attended else "claimed"
        attempt = make_attempt(request, self.directory, destination, status, shown, words=words, attended=attended)
        if attended:
            rung = Rung(request.call_sid, attempt, record, destination, calls.legs, until)
            return self._ring_beside_talk(request, rung)
        said = compose_announcement(destination) if request.announce else ""
        twiml = self._render_dial(request.call_sid, destination, attempt, shown, said)
        answer: Answer = {"destination": destination.name}
        if request.dry_run:
            rest = [calls.describe_move(request.call_sid, twiml)]
            return answer | {"status": "moved", "dry_run": True, "twiml": twiml, "rest": rest}
        if refused := self._claim(request.call_sid, attempt, record):
            return refused
        noted = self._make_dial(request.call_sid, destination, attempt, twiml, shown or record.caller)
        return answer | self._move(request.call_sid, attempt, calls, twiml, noted, until)

    def _ring_beside_talk(self, request: Request, rung: Rung) -> Answer:
        """Ring people by calls of their own: the caller's call stays as it is."""
        answer: Answer = {"destination": rung.destination.name}
        if request.dry_run:
            return answer | self.attended.describe(rung)
        return self._claim(request.call_sid, rung.attempt, rung.record) or answer | self.attended.begin(rung)

    def _claim(self, call_sid: str, attempt: Attempt, record: CallRecord) -> Answer | None:
        """None: the attempt is ours, and people may be rung. Otherwise the answer."""
        if other := routing.find_under_way(record.attempts, attempt.request_id, self.now()):
            return {"destination": other.destination, "status": "in_progress"}
        try:
            before = self.table.claim_attempt(call_sid, attempt)
        except (BotoCoreError, ClientError) as error:
            # Without a claim, a repeated request would ring people twice. So nobody is rung at all.
            logger.exception("The attempt could not be claimed")
            reason = f"the call record could not be written: {type(error).__name__}"
            return {"destination": attempt.destination, "status": "failed", "error": reason}
        return repeat_answer(before) if before else None

    def _move(
        self, call_sid: str, attempt: Attempt, calls: "TwilioCalls", twiml: str, noted: Dial | None, until: float
    ) -> Answer:
        """Move the call and write what came of it."""
        # The first telephone may ring before Twilio's answer is here.
        with ringing_numbers.run_beside(lambda: ringing_numbers.note(self.table, noted, until - WRITE_S)):
            outcome = calls.move(call_sid, twiml, rings_at_once="<Response><Dial" in twiml, until=until)
        said = {"destination": attempt.destination, "status": outcome.status, "detail": outcome.detail}
        logger.info("Twilio was asked to move the call", extra=said)
        if outcome.status == "in_progress":
            # The row stays claimed: after-dial ends it, or the waiting of after-stream.
            return {"status": "in_progress"}
        try:
            self.table.update_attempt(call_sid, attempt.request_id, outcome.status, outcome.detail)
        except (BotoCoreError, ClientError):
            logger.exception("The outcome of the attempt could not be written")
        answer: Answer = {"status": outcome.status}
        return answer | {"error": outcome.detail} if outcome.status == "failed" else answer

    def _render_dial(
        self, call_sid: str, destination: Destination, attempt: Attempt, shown: str | None, said: str, number: int = 0
    ) -> str:
        twiml = render_dial(
            destination,
            voice_url=self.voice_url,
            call_sid=call_sid,
            attempt=attempt.request_id,
            caller_id=shown,
            words=said,
            number=number,
        )
        assert len(twiml) <= MAX_CHARACTERS, "the directory was checked with the longest document"
        return twiml

    def _make_dial(
        self, call_sid: str, destination: Destination, attempt: Attempt, twiml: str, shown: str, number: int = 0
    ) -> Dial | None:
        return ringing_numbers.make_dial(
            destination, number, twiml, call_sid=call_sid, request_id=attempt.request_id, shown=shown, now=self.now()
        )

    def _read_record(self, call_sid: str) -> CallRecord:
        try:
            return self.table.read(call_sid)
        except (BotoCoreError, ClientError):
            logger.exception("The call record could not be read; going on without it")
            return CallRecord()

    def _ring_next(self, request: Request, until: float) -> Answer:
        record = self._read_record(request.call_sid)
        if record.deleted:
            return {"status": "caller_gone"}
        if request.dial and not request.again:
            return self._ring_next_target(request, record, until)
        asked = find_attempt(request.request_id, record)
        # A repeat gets the same document.
        destination = self.directory.get(asked.destination) if asked else self._choose(request, record)
        if isinstance(destination, str):
            return {"status": "closed", "then": destination}
        if destination is None:
            return answer_with_twiml(request, self._render_sorry()) | {"nobody": True}
        # No request goes to Twilio here, so the attempt is under way as soon as it is written.
        shown = choose_caller_id(self.directory, record, refused=bool(request.again))
        attempt = make_attempt(request, self.directory, destination, "moved", shown, words=self.table.keeps_transcripts)
        if refused := find_attempt(request.again, record):
            attempt = replace(attempt, reason=refused.reason, summary=refused.summary)
        sorry = NOBODY_THERE if request.destination else SORRY
        said = "" if refused else f"{sorry} {compose_announcement(destination)}"  # no telephone has rung yet
        twiml = self._render_dial(request.call_sid, destination, attempt, shown, said, request.dial)
        if not asked and not request.dry_run:
            try:
                self.table.claim_attempt(request.call_sid, attempt)
            except (BotoCoreError, ClientError):
                logger.exception("The attempt could not be written; a person is rung all the same")
            else:
                shows = shown or record.caller
                noted = self._make_dial(request.call_sid, destination, attempt, twiml, shows, request.dial)
                ringing_numbers.note(self.table, noted, until)
        return answer_with_twiml(request, twiml)

    def _ring_next_target(self, request: Request, record: CallRecord, until: float) -> Answer:
        """Ring the next target of the same destination: nobody has taken the call yet."""
        asked = find_attempt(request.request_id, record)
        destination = self.directory.get(asked.destination) if asked else None
        if asked is None or destination is None or request.dial >= len(destination.dials):
            return {"status": "closed", "then": "continue"}  # the directory was changed during the call
        shown = choose_caller_id(self.directory, record)
        twiml = self._render_dial(request.call_sid, destination, asked, shown, "", request.dial)
        if not request.dry_run:
            noted = self._make_dial(request.call_sid, destination, asked, twiml, shown or record.caller, request.dial)
            ringing_numbers.note(self.table, noted, until)
        return answer_with_twiml(request, twiml)

    def _choose(self, request: Request, record: CallRecord) -> Destination | str | None:
        """Whom to ring next. A string: what comes in place of ringing. None: nobody is left."""
        now = self.now()
        if request.again:
            refused = find_attempt(request.again, record)
            found = self.directory.get(refused.destination) if refused and self.directory.business_number else None
            return found if found and request.dial < len(found.dials) else "continue"
        if request.destination:
            return routing.follow_fallback(self.directory, request.destination, record.attempts, now)
        found = routing.choose(self.directory, None, record.attempts, now)
        return "message" if found is None and routing.takes_messages(self.directory, now) else found

    def _render_sorry(self) -> str:
        opens = openings.describe_first(self.directory.destinations, self.now())["opens"]
        when = f"We open {opens}. Please call again then." if opens else "Please call again later."
        return render_say(f"I am sorry, nobody can take your call right now. {when} Goodbye.")
