"""The legs of people who are rung while the caller talks on with the model: each is a call of its own.

They hear who calls and about what. A key decides: 1 takes the call, 2 passes, 3 answers without taking it, 9 repeats.
Whoever takes it waits in a conference until the caller comes (`bridge`). Whatever changes here is carried on by the
transfer function (`ring_on`), for which nobody waits.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

import bridge
import leg_rows
import routes
import twiml
from call_record import Attempt, CallTable
from leg_webhook import LegWebhook, explain_too_late
from transfer_client import TransferClient

ANSWER = "3"
MAX_REPEATS = 3
# A round of waiting takes some three and a half seconds: the caller has three quarters of a minute.
MAX_WAITS = 13

logger = Logger(service="voice_webhook", child=True)


@dataclass(frozen=True, slots=True)
class AttendedWebhooks:
    table: CallTable
    transfer: TransferClient
    clock: Callable[[], float] = time.monotonic

    def brief(self, webhook: LegWebhook) -> str:
        """The words for the person who picked up."""
        attempt = leg_rows.read_attempt(self.table, webhook)
        if attempt and (told := explain_too_late(attempt, webhook)):
            self._ring_on(webhook)
            return told
        if attempt and attempt.claimed_at_ms and not attempt.whisper:  # picking up is enough
            return self._take(webhook)
        try:
            self.table.attended.hear_brief(webhook.call_sid, webhook.request_id, webhook.leg_sid, webhook.dial)
        except (BotoCoreError, ClientError):
            logger.exception("That a person hears the brief could not be written")
        whisper = attempt.whisper if attempt and attempt.whisper else twiml.WHISPER
        again = {"again": str(webhook.again + 1)}
        url = webhook.make_url(routes.AGENT_ANSWER, **again) + routes.ASK_AGAIN
        return twiml.brief(whisper, attempt.brief if attempt else "", url)

    def answer(self, webhook: LegWebhook) -> str:
        """A key was pressed."""
        key = webhook.form.get("Digits", "")
        match key:
            case twiml.TAKE:
                return self._take(webhook)
            case "2" | "3":
                leg_rows.write_key(self.table, webhook, key)
                if key == ANSWER:
                    return twiml.ask_for_words(webhook.make_url(routes.AGENT_NOTE) + routes.ASK_AGAIN)
                self._ring_on(webhook)
                return twiml.passed()
        if webhook.again <= MAX_REPEATS:
            return self.brief(webhook)
        return twiml.hang_up()

    def note(self, webhook: LegWebhook) -> str:
        """What the person says for the caller, in place of taking the call."""
        words = webhook.form.get("SpeechResult", "").strip()
        if not words:
            return twiml.nothing_heard()
        key = webhook.call_sid, webhook.request_id
        try:
            self.table.attended.note(*key, webhook.leg_sid, words)
            attempt, _ = self.table.attended.end(*key, "answered_through", only=("ringing",))
        except (BotoCoreError, ClientError):
            logger.exception("What a person said could not be written")
            return twiml.apology()
        self._ring_on(webhook)
        return twiml.relayed() if attempt.status == "answered_through" else twiml.caller_left()

    def wait(self, webhook: LegWebhook) -> str:
        """What is heard in the conference until the other is there: words, for a bounded time."""
        url = webhook.make_url(routes.AGENT_WAIT, waits=str(webhook.waits + 1))
        if webhook.leg_sid == webhook.call_sid or webhook.waits < MAX_WAITS:
            return twiml.wait_for_other(url)
        # Only REST takes somebody out of a conference: the transfer function does.
        self._end(webhook, "failed", "the caller did not come")
        self._ring_on(webhook)
        return twiml.wait_for_other(url)

    def left(self, webhook: LegWebhook) -> str:
        """The person is in the conference no more."""
        attempt = self._end(webhook, "failed", "the person left")
        self._ring_on(webhook)
        came = attempt is None or attempt.connected_at_ms
        return twiml.hang_up() if came else twiml.caller_left()

    def changed(self, webhook: LegWebhook, *, over: bool) -> bool:
        """Twilio has reported about the leg, which is written. False: Twilio must report it again."""
        attempt = leg_rows.read_attempt(self.table, webhook)
        if attempt is None:
            return False
        if over and attempt.accepted_by == webhook.leg_sid:
            self._end(webhook, "failed", "the person left")
        if over or (attempt.status != "ringing" and attempt.accepted_by != webhook.leg_sid):
            return self._ring_on(webhook)
        return True

    def _take(self, webhook: LegWebhook) -> str:
        of = webhook.call_sid, webhook.request_id
        accept = partial(self.table.attended.accept, *of, webhook.leg_sid)
        attempt = leg_rows.accept(webhook, self.clock, accept)
        if attempt is None:
            logger.error("Who took the call could not be recorded, so the caller will not come")
            return twiml.apology()
        if told := explain_too_late(attempt, webhook):
            return told
        if attempt.accepted_by != webhook.leg_sid:
            return twiml.caller_left()
        logger.info("A person has taken the call", extra={"leg": webhook.leg_sid})
        leg_rows.write_key(self.table, webhook, twiml.TAKE)
        self._ring_on(webhook)
        return bridge.render_person(webhook.urls.base_url, *of, attempt.talk_seconds, twiml.TAKEN)

    def _end(self, webhook: LegWebhook, status: str, detail: str) -> Attempt | None:
        """End the attempt whose person waits, if the caller was not sent to them."""
        try:
            only = ("accepted",)
            return self.table.attended.end(webhook.call_sid, webhook.request_id, status, detail, only=only)[0]
        except (BotoCoreError, ClientError):
            logger.exception("The end of the attempt could not be written")
            return None

    def _ring_on(self, webhook: LegWebhook) -> bool:
        if self.transfer.ring_on(webhook.call_sid, webhook.request_id, webhook.until):
            return True
        logger.error("What follows for the people who are rung is not begun", extra={"attempt": webhook.request_id})
        return False
