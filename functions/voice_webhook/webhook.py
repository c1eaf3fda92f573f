"""A verified request of Twilio about a caller, and the record of the call."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from call_record import CallRecord, CallTable
from dial_outcome import ENDED
from twiml import Urls

logger = Logger(service="voice_webhook", child=True)


@dataclass(frozen=True, slots=True)
class Webhook:
    """A verified request of Twilio."""

    form: Mapping[str, str]
    query: Mapping[str, str]
    urls: Urls
    token_secret: str
    until: float = math.inf
    """When the answer must be sent, on the clock of the code that answers."""

    @property
    def call_sid(self) -> str:
        return self.form.get("CallSid", "")

    @property
    def caller_gone(self) -> bool:
        return self.form.get("CallStatus") in ENDED


def read_record(table: CallTable, webhook: Webhook) -> CallRecord | None:
    """None: it could not be read."""
    try:
        return table.read(webhook.call_sid)
    except (BotoCoreError, ClientError):
        logger.exception("The call record could not be read")
        return None


def parse_number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
