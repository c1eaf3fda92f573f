"""Answers each of Twilio's requests: reads the call record, decides a step, makes a document.

A slow or missing database does not end a call. Without the record, a new call still opens a stream, and a call that had
a stream is put through to a person.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

import call_flow
import forwarding_loops
import twiml
from after_dial import AfterDial
from call_flow import HangUp, Join, NewStream, Person, Repeat, Wait
from call_record import About, CallRecord, CallTable
from documents import Documents
from stream_error import CLOSED_BY_US, closed_on_purpose, parse_error_code
from telemetry import Metrics
from transcripts import WordsLeftError
from transfer_client import TransferClient
from webhook import Webhook, parse_number, read_notice_key, read_record

ERASE_S = 1.0  # some 1000 turns, if a write takes 10 ms
# MessageStatus: https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
SENT, UNDELIVERED = ("sent", "delivered"), ("undelivered", "failed")

logger = Logger(service="voice_webhook", child=True)


@dataclass(frozen=True, slots=True)
class Webhooks:
    table: CallTable
    transfer: TransferClient
    metrics: Metrics
    now: Callable[[], float]
    """Seconds since 1970."""
    clock: Callable[[], float] = time.monotonic

    def incoming(self, webhook: Webhook) -> str:
        """Talk to the model. A repeat gets the same document: the first answer may have been lost on its way."""
        caller, called = webhook.form.get("From", ""), webhook.form.get("To", "")
        loop = forwarding_loops.find_loop(self.table, webhook.form)
        document = twiml.busy() if loop else self._documents.new_stream(webhook, again=False)
        try:
            token = webhook.form.get("CallToken", "")
            stored = self.table.open_call(webhook.call_sid, caller, called, document, token)
        except (BotoCoreError, ClientError):
            logger.exception("The call could not be recorded; answering without the record")
            stored = document
        if stored == document:
            if loop:
                forwarding_loops.count_refusal(self.table, self.metrics, loop)
            else:  # its token was made just now, so it is no repeat
                self.metrics.count("Calls")
        return stored

    def after_stream(self, webhook: Webhook) -> str:
        jti = webhook.query.get("stream", "")
        record = read_record(self.table, webhook)
        if webhook.caller_gone:
            self._call_off(webhook, record, "caller_gone")
            return twiml.nothing()
        if record is None:
            return self._documents.person(webhook, Person("record_unavailable"), jti)
        if record.deleted:
            return twiml.nothing()
        waits = parse_number(webhook.query.get("waits"))
        step = call_flow.decide_after_stream(record, jti, waits)
        logger.info("The stream is over", extra={"stream": jti, "step": type(step).__name__})
        if isinstance(step, Join) and not self._connect(webhook, step):
            step = call_flow.return_to_model(record, jti)
        if isinstance(step, HangUp):
            self._call_off(webhook, record, "cancelled_by_caller")
        document = self._documents.of(webhook, step, jti)
        if isinstance(step, Repeat | Wait):
            return document
        try:
            if (lost := call_flow.find_given_up(record, jti)) and self.clock() < webhook.until:
                self.table.give_up_attempt(webhook.call_sid, lost.request_id, "waited for in vain")
            return self.table.decide(webhook.call_sid, jti, document)
        except (BotoCoreError, ClientError):
            logger.exception("The decision could not be recorded")
        if isinstance(step, NewStream) or (isinstance(step, Person) and step.otherwise):
            # A stream that is not recorded is not counted either: another one could begin a loop.
            return self._documents.person(webhook, Person("record_unavailable"), jti)
        return document

    def _connect(self, webhook: Webhook, step: Join) -> bool:
        """Write that the caller is sent to the person who waits. False: nobody waits any more, or it is unknown."""
        try:
            return self.table.attended.connect(webhook.call_sid, step.request_id)[0].status == "moved"
        except (BotoCoreError, ClientError):
            logger.exception("Whether a person still waits could not be told")
            return False

    def _call_off(self, webhook: Webhook, record: CallRecord | None, reason: str) -> None:
        """Let nobody ring any more for a call that ends."""
        for attempt in record.attempts if record else ():
            if attempt.beside_the_talk and not self.transfer.cancel(
                webhook.call_sid, attempt.request_id, reason, webhook.until
            ):
                logger.error("People are rung although the call ends", extra={"attempt": attempt.request_id})

    def after_dial(self, webhook: Webhook) -> str:
        return AfterDial(self.table, self._documents, self.metrics).answer(webhook)

    def queue_wait(self, webhook: Webhook) -> str:
        """What a caller in a queue hears, as long as the directory lets people ring."""
        return twiml.queue_wait(parse_number(webhook.query.get("seconds")))

    def stream_status(self, webhook: Webhook) -> None:
        """Log what became of the stream: a failed handshake is seen nowhere else."""
        form = webhook.form
        said = {name: form.get(name, "")[:200] for name in ("StreamSid", "StreamEvent", "StreamError", "Timestamp")}
        if form.get("StreamEvent") != "stream-error":
            logger.info("Stream", extra=said)
            return
        code = parse_error_code(form.get("StreamError", ""))
        if code == CLOSED_BY_US and closed_on_purpose(read_record(self.table, webhook), form.get("StreamSid", "")):
            logger.info("The stream was closed, as it is recorded", extra=said)
            return
        logger.error("The stream failed", extra=said | {"code": code})
        self.metrics.count("StreamErrors")
        self.metrics.count("StreamErrorsByCode", code=code)

    def message_status(self, webhook: Webhook) -> None:
        """Write that an SMS was sent; count one that did not arrive, once: Twilio had accepted it."""
        notice = read_notice_key(webhook.query)
        status, code = webhook.form.get("MessageStatus", "")[:20], webhook.form.get("ErrorCode", "")[:10]
        if notice is None or status not in UNDELIVERED:
            logger.info("SMS", extra={"status": status})
            if notice and status in SENT:
                self._note_sent(notice)
            return
        said = {"call_sid": notice[0], "attempt": notice[1], "about": notice[2], "status": status, "code": code}
        logger.error("An SMS did not arrive", extra=said)
        try:
            first = self.table.notices.report_undelivered(*notice)
        except (BotoCoreError, ClientError):
            logger.exception("That an SMS did not arrive could not be recorded", extra=said)
            first = True  # as far as we know
        if first:
            self.metrics.count("NotificationsLost")

    def _note_sent(self, notice: tuple[str, str, About, str]) -> None:
        try:
            self.table.notices.report_sent(*notice)
        except (BotoCoreError, ClientError):
            logger.warning("That an SMS was sent could not be recorded", exc_info=True)

    def end_call(self, webhook: Webhook, document: str) -> None:
        """Erase what was said if this answer ends the call, and the words of calls are not kept."""
        if not (webhook.caller_gone or twiml.hangs_up(document)):
            return
        # A caller who is still there hears nothing until they get the document.
        until = webhook.until if webhook.caller_gone else min(webhook.until, self.clock() + ERASE_S)
        try:
            self.table.end_call(webhook.call_sid, until)
        except (BotoCoreError, ClientError, WordsLeftError):
            logger.exception("What was said could not be erased; it expires by itself")

    @property
    def _documents(self) -> Documents:
        return Documents(self.transfer, self.now)
