"""Twilio's REST side: give a live call new TwiML, and find out what happened when Twilio did not say.

https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource. An update is never just repeated:
a second one would hang up on whoever the first one is ringing. Only 20429 is tried again, because Twilio
promises that a request refused for its concurrency was not processed.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from requests import RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from transfer_settings import Credentials

# To connect, and then for each answer: far longer than Twilio usually takes, and short enough for an update
# and two look-ups within the 12 s that the container waits for this function.
TIMEOUT_S = 3.0
BACKOFF_S = (0.2, 0.4, 0.8)

GONE_CODES = (21220, 20404)  # "Call is not in-progress. Cannot redirect."; no such call
BUSY_CODE = 20429
FAULTS = (TwilioException, RequestException, ValueError)
ENDED = ("completed", "busy", "failed", "no-answer", "canceled")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request to move a call."""

    status: Literal["moved", "caller_gone", "failed"]
    detail: str = ""
    """For people; never a number, because Twilio's own messages may quote one and are left out."""


class TwilioCalls:
    """The calls of one account."""

    def __init__(
        self,
        credentials: Credentials,
        api_url: str,
        *,
        timeout_s: float = TIMEOUT_S,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = Client(
            credentials.username,
            credentials.password,
            credentials.account_sid,
            http_client=TwilioHttpClient(timeout=timeout_s),
            # The client would otherwise read TWILIO_REGION and TWILIO_EDGE behind our back.
            environment={"TWILIO_REGION": "", "TWILIO_EDGE": ""},
        )
        self._client.api.base_url = api_url
        self._calls_url = f"{api_url}/2010-04-01/Accounts/{credentials.account_sid}/Calls"
        self._sleep = sleep

    def described_move(self, call_sid: str, twiml: str) -> dict[str, object]:
        """The request that `move` would make."""
        return {"method": "POST", "url": f"{self._calls_url}/{call_sid}.json", "form": {"Twiml": twiml}}

    def move(self, call_sid: str, twiml: str) -> Outcome:
        """Replace the TwiML of the live call; its media stream ends by that."""
        for pause_s in (*BACKOFF_S, None):
            try:
                self._client.calls(call_sid).update(twiml=twiml)
            except (TwilioRestException, TwilioServiceException) as error:
                if error.code == BUSY_CODE or error.status == 429:
                    if pause_s is not None:
                        self._sleep(pause_s)
                    continue
                if error.code in GONE_CODES or error.status == 404:
                    return Outcome("caller_gone", f"Twilio: {error.code}")
                if error.status < 500:
                    return Outcome("failed", f"Twilio refused with HTTP {error.status}, code {error.code}")
                return self._look(call_sid, f"HTTP {error.status}")
            except (RequestException, ValueError) as error:  # ValueError: an answer that is no JSON
                return self._look(call_sid, type(error).__name__)
            return Outcome("moved")
        return Outcome("failed", "Twilio was too busy (20429) each of four times")

    def _look(self, call_sid: str, what: str) -> Outcome:
        """Whether an update without a clear answer was applied: then a person is ringing, or talking."""
        try:
            status = self._client.calls(call_sid).fetch().status
        except FAULTS as error:
            if getattr(error, "status", None) == 404:
                return Outcome("caller_gone", f"{what}; there is no such call")
            return Outcome("failed", f"Twilio did not answer ({what}), nor say what happened")
        if status in ENDED:
            return Outcome("caller_gone", f"{what}; the call has ended")
        try:
            legs = self._client.calls.list(parent_call_sid=call_sid, limit=20)
        except FAULTS:
            return Outcome("failed", f"Twilio did not answer ({what}), nor say who is being rung")
        if any(leg.status not in ENDED for leg in legs):
            return Outcome("moved", f"{what}; a person is being rung")
        return Outcome("failed", f"Twilio did not answer ({what}), and nobody is being rung")
