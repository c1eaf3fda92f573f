"""A verified request of Twilio about a caller, and the record of the call."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from call_record import About, CallRecord, CallTable
from dial_outcome import ENDED
from twiml import Urls

CALL_SID = re.compile("CA[0-9a-fA-F]{32}")

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


def read_notice_key(query: Mapping[str, str]) -> tuple[str, str, About, str] | None:
    """Which notice an SMS was, by the query of its callback; None: it names none."""
    about: About = "message" if query.get("about") == "message" else "missed"
    key = query.get("call", ""), query.get("attempt", ""), about, query.get("told", "")
    return key if CALL_SID.fullmatch(key[0]) and all(key) else None


def parse_number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
