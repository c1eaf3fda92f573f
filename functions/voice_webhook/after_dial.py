"""Decides what follows a dial or the talk with a person, and records how it ended."""

from dataclasses import dataclass

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

import call_flow
import twiml
from call_flow import NewStream, NextDial, Person
from call_items import DeletedError
from call_record import About, Attempt, AttemptEnd, CallRecord, CallTable, DialFailure
from dial_failure import classify_failure
from dial_outcome import NO_TALK_S, classify_outcome, count_dial_ended, needs_key, talked_s
from documents import Documents
from telemetry import Metrics
from transfer_client import Ring
from webhook import Webhook, parse_number, read_record

# Or they may have talked, and nobody can tell.
TALKED = ("bridged", "unconfirmed")

logger = Logger(service="voice_webhook", child=True)


@dataclass(frozen=True, slots=True)
class EndedDial:
    """A dial that is over."""

    record: CallRecord | None
    """None: it cannot be read."""
    attempt: Attempt | None
    request_id: str
    """The request_id of the attempt, which may never have been written."""
    dial: int
    """Which dial of the attempt it was, from 0."""
    outcome: str
    failure: DialFailure

    @property
    def late(self) -> bool:
        """The attempt has gone on: Twilio asks late, or again."""
        return self.attempt is not None and self.dial < self.attempt.dial


@dataclass(frozen=True, slots=True)
class AfterDial:
    table: CallTable
    documents: Documents
    metrics: Metrics

    def answer(self, webhook: Webhook) -> str:
        if "recorded" in webhook.query:
            return self._store_message(webhook, webhook.query.get("attempt", ""))
        ended = self._classify_dial(webhook)
        if ended.record and ended.record.deleted:
            return twiml.nothing()
        if webhook.caller_gone:
            if not ended.late:
                self._settle(webhook, ended, twiml.nothing())
                self._tell_missed(webhook, ended)
            return twiml.nothing()
        if ended.record is None:
            self._tell_missed(webhook, ended)
            return self._answer_without_record(webhook, ended.outcome)
        return self._follow_up(webhook, ended, ended.record)

    def _classify_dial(self, webhook: Webhook) -> EndedDial:
        request_id = webhook.query.get("attempt", "")
        record = read_record(self.table, webhook)
        attempt = next((each for each in record.attempts if each.request_id == request_id), None) if record else None
        by_key = needs_key(attempt, webhook.query.get("accept", ""))
        outcome = classify_outcome(webhook.form, record, attempt, by_key=by_key)
        if "alone" in webhook.query:  # taken out of the conference, where they waited for a person who had left
            outcome = "failed"
        logger.info("Dialling is over", extra={"attempt": request_id, "outcome": outcome})
        failure = classify_failure(webhook.form, outcome)
        if failure.failure:  # without Twilio's words: they may quote a number
            said = {"kind": failure.failure, "code": failure.error_code, "sip_code": failure.sip_code}
            logger.warning("Dialling failed", extra=said | {"attempt": request_id})
        return EndedDial(record, attempt, request_id, parse_number(webhook.query.get("dial")), outcome, failure)

    def _follow_up(self, webhook: Webhook, ended: EndedDial, record: CallRecord) -> str:
        attempt, request_id = ended.attempt, ended.request_id
        talked = talked_s(ended.outcome, webhook.form, attempt, self.documents.now())
        early = talked is not None and talked < NO_TALK_S
        failure = ended.failure.failure
        step = call_flow.decide_after_dial(record, attempt, ended.outcome, failure, ended.dial, early=early)
        if isinstance(step, NextDial):
            if ringing := self._ring_next(webhook, ended, step.dial):
                return ringing
            if ended.late:  # no failure is known of the people who are rung now
                return self.documents.of(webhook, call_flow.return_to_model(record), request_id)
            step = call_flow.decide_after_nobody(record, attempt, ended.outcome)
        document = self.documents.of(webhook, step, request_id)
        stored = self._settle(webhook, ended, document)
        self._tell_missed(webhook, ended)
        if stored is None and attempt is None and isinstance(step, NewStream | Person):
            return twiml.apology()  # neither this attempt nor the next one is counted: it could become a loop
        return stored or document

    def _ring_next(self, webhook: Webhook, ended: EndedDial, dial: int) -> str | None:
        """The document that rings the next person, or the one that was decided meanwhile; None: nobody can be rung."""
        try:
            attempt = self.table.legs.go_on(webhook.call_sid, ended.request_id, dial, ended.failure)
        except (BotoCoreError, ClientError):
            logger.exception("Who is rung next could not be written; they are rung all the same")
        else:
            if attempt.decision:
                return attempt.decision
        match self.documents.transfer.next_dial(webhook.call_sid, ended.request_id, dial, webhook.until):
            case Ring(document):
                return document
        return None

    def _answer_without_record(self, webhook: Webhook, outcome: str) -> str:
        """Without the record nobody can count the dials, so no further one is begun: it could become a loop."""
        count_dial_ended(self.metrics, outcome, talked_s(outcome, webhook.form, None, self.documents.now()), None)
        match outcome:
            case "bridged":
                return twiml.hang_up()
            case "unconfirmed":
                return twiml.talk_over()
            case _:
                return twiml.apology()

    def _store_message(self, webhook: Webhook, request_id: str) -> str:
        url, seconds = webhook.form.get("RecordingUrl", ""), parse_number(webhook.form.get("RecordingDuration"))
        if not url.strip():
            logger.info("Nothing was recorded")
            return twiml.nothing() if webhook.caller_gone else twiml.no_message()
        said = {"recording": webhook.form.get("RecordingSid", "")[:40], "seconds": seconds}  # its URL may be public
        logger.info("A message was left", extra=said)
        try:
            self.table.add_message(webhook.call_sid, request_id, url, seconds)
        except DeletedError:
            logger.warning("The call was deleted, so nobody is told; the recording is still at Twilio", extra=said)
            return twiml.nothing()
        except (BotoCoreError, ClientError):
            logger.exception("The message could not be recorded", extra=said)
        self._tell(webhook, request_id, "message", message_url=url, message_s=seconds)
        return twiml.nothing() if webhook.caller_gone else twiml.thanks()

    def _tell_missed(self, webhook: Webhook, ended: EndedDial) -> None:
        """Let people be told that nobody took the call, also if this was done before: each is told once."""
        attempt = ended.attempt
        settled = attempt.status if attempt and attempt.decision else ended.outcome
        if settled in TALKED or (attempt and not attempt.tells):
            return
        self._tell(webhook, ended.request_id, "missed")

    def _tell(self, webhook: Webhook, request_id: str, about: About, **more: object) -> None:
        """Nobody waits for it: the transfer function has the people, and time."""
        caller = webhook.form.get("From", "")
        if not self.documents.transfer.notify(
            webhook.call_sid, request_id, about, webhook.until, caller=caller, **more
        ):
            logger.error("Nobody will be told", extra={"attempt": request_id, "about": about})
            self.metrics.count("NotificationsLost")

    def _settle(self, webhook: Webhook, ended: EndedDial, document: str) -> str | None:
        """Returns the document that is stored; None: none could be."""
        talked = talked_s(ended.outcome, webhook.form, ended.attempt, self.documents.now())
        settled: Attempt | None = None
        first = True  # as far as we know
        try:
            settled, first = self.table.settle_attempt(
                webhook.call_sid,
                ended.request_id,
                AttemptEnd(
                    ended.outcome,
                    webhook.form.get("DialCallStatus") or webhook.form.get("QueueResult", ""),
                    document,
                    dial_call_sid=webhook.form.get("DialCallSid", ""),
                    talked_s=talked or 0,
                    failure=ended.failure,
                ),
            )
        except (BotoCoreError, ClientError):
            said = {"attempt": ended.request_id, "outcome": ended.outcome}
            logger.exception("The outcome could not be recorded", extra=said)
        if first:
            count_dial_ended(self.metrics, ended.outcome, talked, settled)
        return (settled.decision or document) if settled else None
