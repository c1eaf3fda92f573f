"""What each of Twilio's requests is answered with: the call record is read, a step is decided, a document is made.

Nothing here lets a caller down because a database is slow or away: without the record a call still opens a
stream, and one that had a stream is put through to a person.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

import answers
import next_step
import stream_token
from answers import Urls
from call_record import Attempt, CallRecord, CallTable
from dial_failure import dial_failure
from dial_outcome import ENDED, dial_ended, dial_outcome, talked_s
from next_step import HangUp, NewStream, NextDial, Person, Repeat, Step, TakeMessage, Wait
from people import Closed, Nobody, People, Ring
from stream_error import CLOSED_BY_US, closed_on_purpose, error_code
from telemetry import Metrics

logger = Logger(service="voice_webhook", child=True)


@dataclass(frozen=True, slots=True)
class Webhook:
    """A request of Twilio's, verified."""

    form: Mapping[str, str]
    query: Mapping[str, str]
    urls: Urls
    token_secret: str
    until: float = math.inf
    """When the answer must be on its way, on the clock of `Webhooks`."""

    @property
    def call_sid(self) -> str:
        return self.form.get("CallSid", "")

    @property
    def caller_gone(self) -> bool:
        return self.form.get("CallStatus") in ENDED


@dataclass(frozen=True, slots=True)
class Webhooks:
    table: CallTable
    people: People
    metrics: Metrics
    now: Callable[[], float]
    """Seconds since 1970."""
    clock: Callable[[], float] = time.monotonic

    def incoming(self, webhook: Webhook) -> str:
        """Talk to the model. A repeat gets the same document: the first answer may have been lost on its way."""
        document = self._new_stream(webhook, again=False)
        caller, called = webhook.form.get("From", ""), webhook.form.get("To", "")
        loop = None
        try:
            if loop := self.table.find_loop(webhook.call_sid, caller, webhook.form.get("ForwardedFrom", "")):
                document = answers.busy()
            stored = self.table.open_call(webhook.call_sid, caller, called, document)
        except (BotoCoreError, ClientError):
            logger.exception("The call could not be recorded; answering without the record")
            stored = document
        if loop:
            said = {"put_through": loop.call_sid, "attempt": loop.request_id}
            logger.warning("A line that is rung forwards to us: the transfer came back, and is refused", extra=said)
            self.metrics.count("ForwardingLoops")
        elif stored == document:  # its token was made just now: no repeat
            self.metrics.count("Calls")
        return stored

    def after_stream(self, webhook: Webhook) -> str:
        jti = webhook.query.get("stream", "")
        if webhook.caller_gone:
            return answers.nothing()
        record = self._record(webhook)
        if record is None:
            return self._person(webhook, Person("record_unavailable"), jti)
        waits = _number(webhook.query.get("waits"))
        step = next_step.after_stream(record, jti, waits)
        logger.info("The stream is over", extra={"stream": jti, "step": type(step).__name__})
        document = self._document(webhook, step, jti)
        if isinstance(step, Repeat | Wait):
            return document
        try:
            if (lost := next_step.given_up(record, jti)) and self.clock() < webhook.until:
                self.table.give_up_attempt(webhook.call_sid, lost.request_id, "waited for in vain")
            return self.table.decide(webhook.call_sid, jti, document)
        except (BotoCoreError, ClientError):
            logger.exception("The decision could not be recorded")
        if isinstance(step, NewStream) or (isinstance(step, Person) and step.otherwise):
            # A stream that is not recorded is not counted either: another one could be the first of a circle.
            return self._person(webhook, Person("record_unavailable"), jti)
        return document

    def after_dial(self, webhook: Webhook) -> str:
        request_id = webhook.query.get("attempt", "")
        if "recorded" in webhook.query:
            return self._recorded(webhook, request_id)
        record = self._record(webhook)
        attempt = next((each for each in record.attempts if each.request_id == request_id), None) if record else None
        by_key = webhook.query.get("accept") != "answer"
        outcome = dial_outcome(webhook.form, record, attempt, by_key=by_key)
        logger.info("Dialling is over", extra={"attempt": request_id, "outcome": outcome})
        if webhook.caller_gone:
            self._settle(webhook, attempt, request_id, outcome, answers.nothing())
            return answers.nothing()
        if record is None:
            return self._without_record(webhook, outcome)
        failure, dial = dial_failure(webhook.form, outcome).failure, _number(webhook.query.get("dial"))
        step = next_step.after_dial(record, attempt, outcome, failure, dial)
        if isinstance(step, NextDial):
            match self.people.next_dial(webhook.call_sid, request_id, step.dial, webhook.until):
                case Ring(document):
                    return document
            step = next_step.nobody_came(record, attempt, outcome)
        document = self._document(webhook, step, request_id)
        stored = self._settle(webhook, attempt, request_id, outcome, document)
        if stored is None and attempt is None and isinstance(step, NewStream | Person):
            return answers.apology()  # neither this attempt nor the next one is counted: a circle
        return stored or document

    def _without_record(self, webhook: Webhook, outcome: str) -> str:
        """Without the record nobody can count how often a dialling was followed by another: no circle is begun."""
        dial_ended(self.metrics, outcome, talked_s(outcome, webhook.form, None, self.now()), None)
        match outcome:
            case "bridged":
                return answers.hang_up()
            case "unconfirmed":
                return answers.talk_over()
            case _:
                return answers.apology()

    def queue_wait(self, webhook: Webhook) -> str:
        """What a caller in a queue hears, for as long as the directory lets people be rung."""
        return answers.queue_wait(_number(webhook.query.get("seconds")))

    def stream_status(self, webhook: Webhook) -> None:
        """Tell what became of the stream: a handshake that failed shows nowhere else."""
        form = webhook.form
        said = {name: form.get(name, "")[:200] for name in ("StreamSid", "StreamEvent", "StreamError", "Timestamp")}
        if form.get("StreamEvent") != "stream-error":
            logger.info("Stream", extra=said)
            return
        code = error_code(form.get("StreamError", ""))
        if code == CLOSED_BY_US and closed_on_purpose(self._record(webhook), form.get("StreamSid", "")):
            logger.info("The stream was closed, as it is recorded", extra=said)
            return
        logger.error("The stream failed", extra=said | {"code": code})
        self.metrics.count("StreamErrors")
        self.metrics.count("StreamErrorsByCode", code=code)

    def _recorded(self, webhook: Webhook, request_id: str) -> str:
        url, seconds = webhook.form.get("RecordingUrl", ""), _number(webhook.form.get("RecordingDuration"))
        said = {"recording": webhook.form.get("RecordingSid", "")[:40], "seconds": seconds}  # its URL may be public
        logger.info("A message was left", extra=said)
        try:
            self.table.add_message(webhook.call_sid, request_id, url, seconds)
        except (BotoCoreError, ClientError):
            logger.exception("The message could not be recorded", extra=said)
        return answers.nothing() if webhook.caller_gone else answers.thanks()

    def _document(self, webhook: Webhook, step: Step, ended: str) -> str:
        """The step as TwiML. `ended`: the stream, or the attempt, that is over."""
        match step:
            case HangUp(say_goodbye):
                return answers.goodbye() if say_goodbye else answers.hang_up()
            case NewStream(pause):
                return self._new_stream(webhook, pause=pause)
            case Person():
                return self._person(webhook, step, ended)
            case TakeMessage():
                return self._take_message(webhook, ended)
            case Wait(waits):
                return answers.wait(webhook.urls.webhook("after-stream", stream=ended, waits=str(waits)), waits)
            case Repeat(document):
                return document

    def _new_stream(self, webhook: Webhook, *, again: bool = True, pause: bool = False) -> str:
        token = stream_token.mint(webhook.call_sid, webhook.token_secret, self.now(), again=again)
        return answers.stream(webhook.urls, token, pause=pause)

    def _person(self, webhook: Webhook, person: Person, ended: str) -> str:
        request_id = next_step.attempt_after(ended)
        cause, destination = person.cause, person.destination
        match self.people.next(webhook.call_sid, cause, destination, request_id, webhook.until, person.again):
            case Ring(document):
                return document
            case Closed("message"):
                return self._take_message(webhook, ended if person.destination else request_id)
            case Closed() if person.destination and not person.otherwise:
                # Nobody is left where the directory led, but elsewhere perhaps.
                return self._person(webhook, Person("too_many_streams"), ended)
            case Nobody(document):
                farewell = document
            case _:
                farewell = answers.apology()
        if person.otherwise:
            logger.info("Nobody can be rung: back to the model", extra={"cause": person.cause})
            return self._new_stream(webhook, pause=person.otherwise.pause)
        return farewell

    def _take_message(self, webhook: Webhook, request_id: str) -> str:
        return answers.take_message(webhook.urls.webhook("after-dial", attempt=request_id, recorded="yes"))

    def _record(self, webhook: Webhook) -> CallRecord | None:
        try:
            return self.table.read(webhook.call_sid)
        except (BotoCoreError, ClientError):
            logger.exception("The call record could not be read")
            return None

    def _settle(
        self, webhook: Webhook, attempt: Attempt | None, request_id: str, outcome: str, document: str
    ) -> str | None:
        """Returns the document that is stored; None: none could be."""
        talked = talked_s(outcome, webhook.form, attempt, self.now())
        settled: Attempt | None = None
        first = True  # as far as anybody can tell
        failure = dial_failure(webhook.form, outcome)
        if failure.failure:  # without Twilio's words: they may quote a number
            said = {"kind": failure.failure, "code": failure.error_code, "sip_code": failure.sip_code}
            logger.warning("Dialling failed", extra=said | {"attempt": request_id})
        try:
            settled, first = self.table.settle_attempt(
                webhook.call_sid,
                request_id,
                outcome,
                webhook.form.get("DialCallStatus") or webhook.form.get("QueueResult", ""),
                document,
                dial_call_sid=webhook.form.get("DialCallSid", ""),
                talked_s=talked or 0,
                failure=failure,
            )
        except (BotoCoreError, ClientError):
            logger.exception("The outcome could not be recorded", extra={"attempt": request_id, "outcome": outcome})
        if first:
            dial_ended(self.metrics, outcome, talked, settled)
        return (settled.decision or document) if settled else None


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
