"""A verified request of Twilio about the leg of somebody who is rung, and the words for those who are too late."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import twiml
from call_record import Attempt
from twiml import Urls
from webhook import CALL_SID, parse_number

REQUEST_ID = re.compile("[!-~]{1,128}")


@dataclass(frozen=True, slots=True)
class LegWebhook:
    """A verified request of Twilio about a leg."""

    form: Mapping[str, str]
    call_sid: str
    """Of the caller."""
    request_id: str
    """Of the attempt."""
    urls: Urls
    dial: int = 0
    """Which dial of the attempt."""
    until: float = math.inf
    """When the answer must be sent, on the clock of `LegWebhooks`."""
    again: int = 0
    """How often the brief was heard before."""
    waits: int = 0
    """How often the leg was told to wait."""

    @classmethod
    def read(
        cls, form: Mapping[str, str], query: Mapping[str, str], urls: Urls, until: float = math.inf
    ) -> "LegWebhook | None":
        """None: it names no caller and no attempt; none of our URLs is like that."""
        call_sid, request_id = query.get("call", ""), query.get("attempt", "")
        if not CALL_SID.fullmatch(call_sid) or not REQUEST_ID.fullmatch(request_id):
            return None
        return cls(
            form,
            call_sid,
            request_id,
            urls,
            parse_number(query.get("dial")),
            until,
            parse_number(query.get("again")),
            parse_number(query.get("waits")),
        )

    @property
    def leg_sid(self) -> str:
        return self.form.get("CallSid", "")

    @property
    def beside_talk(self) -> bool:
        """The leg is a call by REST, made while the caller talks on with the model, and no part of a `<Dial>`."""
        return self.form.get("Direction") == "outbound-api"

    def make_url(self, route: str, **more: str) -> str:
        """The URL of a webhook about the same leg."""
        of = {"call": self.call_sid, "attempt": self.request_id}
        return self.urls.webhook(route, **of, **({"dial": str(self.dial)} if self.dial else {}), **more)


def explain_too_late(attempt: Attempt, webhook: LegWebhook) -> str | None:
    """The words for this leg if the call can no longer be taken; None: it can, or this leg has it."""
    if attempt.accepted_by == webhook.leg_sid:
        return None
    if attempt.accepted_by and (attempt.dial >= webhook.dial or webhook.beside_talk):
        return twiml.taken_by_another()
    if webhook.beside_talk:  # targets that are rung later keep nobody from it
        return twiml.caller_left() if attempt.decision or attempt.settled_at_ms else None
    return twiml.caller_left() if attempt.decision or attempt.dial > webhook.dial else None
