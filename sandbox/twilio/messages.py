"""SMS of Twilio's REST API: one is checked as Twilio checks it, kept, and its delivery reported.

https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource; the errors:
https://www.twilio.com/docs/api/errors/21211 and so on. The callback:
https://www.twilio.com/docs/messaging/guides/track-outbound-message-status. Nothing is sent: a message arrives at once,
unless `Faults.undelivered` names its number. Which of 21606, 21659 and 21660 a bad `From` gets is believed; Twilio says
that it changes these codes. Simpler than Twilio: no sender that is a word.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime

import msgspec

from sandbox.twilio import errors
from sandbox.twilio.errors import RestError, WebhookError
from sandbox.twilio.event_log import TimedEvent
from sandbox.twilio.events import ErrorLogged, Event, MessageSent
from sandbox.twilio.network import Network
from sandbox.twilio.rest_features import read_parameters
from sandbox.twilio.sids import make_sid
from sandbox.twilio.sms import Message

MAX_CHARACTERS = 1600
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")


class Create(msgspec.Struct, frozen=True, rename="pascal"):
    to: str = ""
    from_: str = msgspec.field(default="", name="From")
    body: str = ""
    status_callback: str | None = None


def create_message(network: Network, parameters: Sequence[tuple[str, str]]) -> dict[str, object]:
    """Send an SMS; returns its resource. Raises `RestError`."""
    asked = read_parameters("POST Messages", dict(parameters), Create)
    _check(asked, network)
    message = Message(make_sid("SM"), asked.from_, asked.to, asked.body, asked.status_callback)
    network.messages.append(message)
    _note(network, message, MessageSent(message.sid, message.to, message.body))
    if message.status_callback is not None:
        network.group.create_task(_report(network, message, message.status_callback))
    return _to_resource(network.account_sid, message)


def _check(asked: Create, network: Network) -> None:
    own = dict.fromkeys(network.numbers, True) | {each.phone_number: each.sms for each in network.account.numbers}
    to, from_ = asked.to, asked.from_
    faults = (
        (not to, errors.NO_MESSAGE_TO, "A 'To' phone number is required."),
        (not from_, errors.NO_MESSAGE_FROM, "A 'From' phone number is required."),
        (not asked.body.strip(), errors.NO_BODY, "Message body is required."),
        (len(asked.body) > MAX_CHARACTERS, errors.BODY_TOO_LONG, "The message body exceeds the 1600 character limit."),
        (not _NUMBER.fullmatch(to), errors.TO_REFUSED, f"Invalid 'To' Phone Number: {to}"),
        (not _NUMBER.fullmatch(from_), errors.FROM_REFUSED, f"Invalid From Number: {from_}"),
        (to == from_, errors.TO_IS_FROM, "'To' and 'From' number cannot be the same."),
        (from_ not in own, errors.FROM_OF_OTHERS, f"'{from_}' is not a Twilio phone number"),
        (
            not own.get(from_, True),
            errors.FROM_WITHOUT_SMS,
            f"The 'From' phone number provided ({from_}) is not a valid message-capable Twilio phone number.",
        ),
        (
            network.account.type == "Trial" and to not in network.account.verified,
            errors.TO_UNVERIFIED,
            f"The number {to} is unverified. Trial accounts cannot send messages to unverified numbers.",
        ),
    )
    for wrong, code, detail in faults:
        if wrong:
            raise RestError(400, code, detail)


async def _report(network: Network, message: Message, url: str) -> None:
    """What became of it, in the order of Twilio's statuses."""
    code = network.faults.undelivered.get(message.to)
    for status in ("sent", "delivered" if code is None else "undelivered"):
        form = _make_form(network.account_sid, message, status)
        if code is not None and status == "undelivered":
            form |= {"ErrorCode": str(code)}
        try:
            await network.webhooks.request("POST", url, form, lambda event: _note(network, message, event))
        except WebhookError as error:
            _note(network, message, ErrorLogged(error.code, error.detail))


def _make_form(account_sid: str, message: Message, status: str) -> dict[str, str]:
    return {
        "AccountSid": account_sid,
        "ApiVersion": "2010-04-01",
        "From": message.from_,
        "To": message.to,
        "MessageSid": message.sid,
        "MessageStatus": status,
        "SmsSid": message.sid,
        "SmsStatus": status,
    }


def _note(network: Network, message: Message, what: Event) -> None:
    now_ms = network.clock.now_ms
    network.events.append(TimedEvent(now_ms, now_ms, message.sid, what))


def _to_resource(account_sid: str, message: Message) -> dict[str, object]:
    now = format_datetime(datetime.now(UTC))
    uri = f"/2010-04-01/Accounts/{account_sid}/Messages/{message.sid}"
    return {
        "sid": message.sid,
        "account_sid": account_sid,
        "api_version": "2010-04-01",
        "messaging_service_sid": None,
        "from": message.from_,
        "to": message.to,
        "body": message.body,
        "num_segments": str(message.segments),
        "num_media": "0",
        "direction": "outbound-api",
        "status": "queued",
        "error_code": None,
        "error_message": None,
        "price": None,
        "price_unit": "USD",
        "date_created": now,
        "date_updated": now,
        "date_sent": None,
        "uri": f"{uri}.json",
        "subresource_uris": {"media": f"{uri}/Media.json"},
    }
