"""Tells people what they missed: a call that nobody took, a message that a caller left.

Lambda invokes it for a webhook that does not wait. The event may come twice, and it comes again after a failure. So
each recipient is claimed in the call record before anything is sent. What certainly was not sent is left for Lambda's
next try. What is unclear is not sent twice: it is counted under its own name, and an alarm follows.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

import routes
import routing
from attempts import find_attempt
from call_items import DeletedError
from call_record import About, CallRecord, CallTable
from delivery import Delivery
from destination import Destination
from directory import Directory
from notice_text import Notice, compose_notice, find_brief
from notices import digest
from recipients import Recipient
from secret_cache import SecretError
from transfer_request import Request, clean_words

if TYPE_CHECKING:
    from notice_topic import NoticeTopic
    from telemetry import Metrics
    from twilio_messages import TwilioMessages

# The claim (1.7 s), the longest request to Twilio (3 s), and the write of what came of it. If also the read after the
# claim takes its 1.7 s, there may be no time for the write, and what came of it is unclear.
CLAIM_S, SEND_S, WRITE_S = 1.7, 3.0, 1.7

logger = Logger(service="transfer", child=True)


class NotToldYetError(Exception):
    """Somebody could not be told for now. Raised, so that Lambda invokes the function again."""


@dataclass(frozen=True, slots=True)
class Notifier:
    directory: Directory
    table: CallTable
    voice_url: str
    messages: "Callable[[], TwilioMessages]"
    """Raises `SecretError`."""
    topic: "Callable[[], NoticeTopic]"
    metrics: "Callable[[], Metrics]"

    def notify(self, request: Request, until: float) -> dict[str, object]:
        """Tell everybody whom the destination names. Raises `NotToldYetError`."""
        try:
            return self._notify(request, until)
        except (BotoCoreError, ClientError) as error:
            logger.exception("The call record cannot be used, so it is not known who was told")
            raise NotToldYetError("the call record cannot be used") from error

    def _notify(self, request: Request, until: float) -> dict[str, object]:
        record = self.table.read(request.call_sid)
        if (record.deleted or record == CallRecord()) and not request.dry_run:
            # Somebody has deleted what was stored about the caller, or it has expired.
            logger.error("Nothing is stored about this call, so nobody is told")
            self.metrics().count("NotificationsLost")
            return {"status": "unknown_call"}
        destination = self._find_destination(request, record)
        if destination is None or not destination.notify:
            if not request.dry_run and self._is_lost(request, record):
                logger.error("The attempt was never written, so it is not known who is to be told")
                self.metrics().count("NotificationsLost")
            return {"status": "nobody_to_tell"}
        notice = self._compose(request, record, destination)
        answer: dict[str, object] = {"destination": destination.name}
        if request.dry_run:
            rest, topic = self._describe(destination, notice, request)
            return answer | {"status": "notified", "dry_run": True, "rest": rest, "topic": topic}
        outcomes = Counter(self._tell(each, notice, request, destination, until) for each in destination.notify)
        if late := outcomes["later"]:
            raise NotToldYetError(f"{late} of {outcomes.total()} could not be told")
        return answer | {"status": "notified"} | {name: outcomes[name] for name in ("sent", "lost", "unclear")}

    def _find_destination(self, request: Request, record: CallRecord) -> Destination | None:
        attempt = find_attempt(request.request_id, record)
        name = attempt.destination if attempt else request.destination or ""
        if request.about == "message":
            return routing.find_message_taker(self.directory, name)
        if attempt and routing.is_rung_again(attempt, record.attempts):
            return None
        return self.directory.get(name)

    def _is_lost(self, request: Request, record: CallRecord) -> bool:
        """Whether people were rung whom the record does not know, and who may have to be told."""
        known = request.destination or find_attempt(request.request_id, record)
        return request.about != "message" and not known and any(each.notify for each in self.directory.destinations)

    def _compose(self, request: Request, record: CallRecord, destination: Destination) -> Notice:
        attempt = find_attempt(request.request_id, record)
        reason, summary = find_brief(attempt, record.attempts) if attempt else ("", "")
        return compose_notice(
            request.notice,
            destination,
            caller=request.caller or record.caller,
            reason=reason,
            summary=summary,
            message_url=clean_words(request.message_url),
            message_s=request.message_s,
        )

    def _tell(
        self, recipient: Recipient, notice: Notice, request: Request, destination: Destination, until: float
    ) -> str:
        """What came of it; `repeated`: they were told before."""
        try:
            send = self._prepare(recipient, notice, request, destination, until - WRITE_S)
        except SecretError:
            logger.warning("The secret could not be read, so nobody is told for now", exc_info=True)
            return "later"
        if time.monotonic() + CLAIM_S + SEND_S + WRITE_S > until:
            return "later"
        about, told = request.notice, digest(str(recipient))
        key = (request.call_sid, request.request_id or "", about, told)
        claim, delivery = self._claim_and_send(key, send)
        if delivery is None:
            return "repeated"
        said = {"how": recipient.kind, "about": about, "destination": destination.name, "detail": delivery.detail}
        self._count(delivery, said)
        if claim:
            try:
                self.table.notices.finish(*key, claim, delivery.status)
            except (BotoCoreError, ClientError):
                # The claim stays, so that nobody is told twice.
                logger.exception("What came of a notice could not be written", extra=said)
        return delivery.status

    def _claim_and_send(
        self, key: tuple[str, str, About, str], send: Callable[[], Delivery]
    ) -> tuple[str | None, Delivery | None]:
        """The claim, if it is ours, and what came of the notice; None: that was known before."""
        try:
            claim = self.table.notices.claim(*key)
        except DeletedError:
            return None, Delivery("lost", "what was stored about the caller was deleted meanwhile")
        if claim:
            return claim, send()
        if self.table.notices.give_up(*key):
            return None, Delivery("unclear", "what came of an earlier try was not written")
        return None, None

    def _count(self, delivery: Delivery, said: dict[str, str]) -> None:
        match delivery.status:
            case "sent":
                logger.info("Told somebody", extra=said)
                self.metrics().count("NotificationsSent")
            case "lost":
                logger.error("Somebody could not be told", extra=said)
                self.metrics().count("NotificationsLost")
            case "unclear":
                logger.error("It is not known whether somebody was told", extra=said)
                self.metrics().count("NotificationsUnclear")
            case "later":
                logger.warning("Somebody cannot be told for now", extra=said)

    def _prepare(
        self, recipient: Recipient, notice: Notice, request: Request, destination: Destination, until: float
    ) -> Callable[[], Delivery]:
        """What sends it, by `until` at the latest. Raises `SecretError`."""
        if recipient.kind == "sms":
            messages = self.messages()
            messages.limit(until)
            return partial(messages.send, self._make_sms(recipient, notice, request))
        return partial(self.topic().publish, _make_publication(notice, request, destination))

    def _make_sms(self, recipient: Recipient, notice: Notice, request: Request) -> dict[str, str]:
        """With a callback: Twilio accepts an SMS first, and learns later that the networks do not carry it."""
        key = {"call": request.call_sid, "attempt": request.request_id or "", "about": request.notice}
        callback = f"{self.voice_url}{routes.MESSAGE_STATUS}?{urlencode(key | {'told': digest(str(recipient))})}"
        form = {"From": self.directory.sms_from, "To": recipient.address, "Body": notice.sms}
        return form | {"StatusCallback": callback}

    def _describe(
        self, destination: Destination, notice: Notice, request: Request
    ) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
        """The requests to Twilio and to SNS that would be made."""
        numbers = [each for each in destination.notify if each.kind == "sms"]
        rest = [self.messages().describe(self._make_sms(each, notice, request)) for each in numbers]
        if len(numbers) == len(destination.notify):
            return rest, []
        return rest, [self.topic().describe(_make_publication(notice, request, destination))]


def _make_publication(notice: Notice, request: Request, destination: Destination) -> dict[str, object]:
    """With attributes, by which a subscription can choose."""
    attributes = {"destination": destination.name, "about": request.notice}
    return {
        "Subject": notice.subject,
        "Message": f"{notice.text}\n\nCall {request.call_sid}",
        "MessageAttributes": {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()},
    }
