"""Twilio's REST API: gives a live call new TwiML, and finds out what happened if Twilio gave no clear answer.

https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource. An update is never just repeated:
a second one would hang up on the person whom the first one rings. Only 20429 is tried again, because Twilio
promises that a request refused for its concurrency was not processed.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from aws_lambda_powertools import Logger
from requests import RequestException

from transfer_settings import Credentials
from twilio_legs import TwilioLegs
from twilio_rest import FAULTS, TIMEOUT_S, RefusedError, TwilioRest

BACKOFF_S = (0.2, 0.4, 0.8)

GONE_CODE = 21220  # "Call is not in-progress. Cannot redirect."
ENDED = ("completed", "busy", "failed", "no-answer", "canceled")

logger = Logger(service="transfer", child=True)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a request to move a call."""

    status: Literal["moved", "caller_gone", "failed", "in_progress"]
    """`in_progress`: the result is not known yet. The webhook after the dial will know it."""
    detail: str = ""
    """A message for people. It has no number: Twilio's own messages may quote one, so they are left out."""


class TwilioCalls:
    """The calls of one account."""

    def __init__(
        self,
        credentials: Credentials,
        api_url: str,
        *,
        fallback_url: str | None = None,
        timeout_s: float = TIMEOUT_S,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rest = TwilioRest(credentials, api_url, timeout_s)
        # What Twilio asks when a later document of the moved call cannot be had: without it, a single 5xx of
        # /voice/after-dial is "an application error has occurred", and the call is over.
        self._net = {"FallbackUrl": fallback_url, "FallbackMethod": "POST"} if fallback_url else {}
        self._sleep = sleep
        self.legs = TwilioLegs(self._rest, sleep)

    def describe_move(self, call_sid: str, twiml: str) -> dict[str, object]:
        """The request that `move` would make."""
        return {
            "method": "POST",
            "url": f"{self._rest.account_url}/Calls/{call_sid}.json",
            "form": {"Twiml": twiml} | self._net,
        }

    def move(self, call_sid: str, twiml: str, *, rings_at_once: bool = True, until: float = math.inf) -> Outcome:
        """Replace the TwiML of the live call, which ends its media stream.

        `rings_at_once`: the TwiML begins with the ringing. After `until`, on the monotonic clock, no request is sent.
        """
        self._rest.limit(until)
        for pause_s in (*BACKOFF_S, None):
            try:
                self._update(call_sid, twiml)
            except RefusedError as error:
                if error.busy:
                    if pause_s is not None:
                        self._sleep(pause_s)
                    continue
                if error.code == GONE_CODE:
                    return Outcome("caller_gone", f"Twilio: {error.code}")
                if error.status == 404:
                    return self._check_unknown_call(call_sid)
                if error.status < 500:
                    return Outcome("failed", f"Twilio refused with HTTP {error.status}, code {error.code}")
                return self._check_update(call_sid, f"HTTP {error.status}", rings_at_once=rings_at_once)
            except (RequestException, ValueError) as error:  # ValueError: no JSON object
                return self._check_update(call_sid, type(error).__name__, rings_at_once=rings_at_once)
            return Outcome("moved")
        return Outcome("failed", "Twilio was too busy (20429) each of four times")

    def end(self, call_sid: str, twiml: str, until: float = math.inf) -> Outcome:
        """Replace the TwiML of the live call by words and a hang-up.

        Nobody is rung, so an update without a clear answer is repeated: at worst the words begin again.
        """
        self._rest.limit(until)
        detail = ""
        for pause_s in (*BACKOFF_S, 0):
            try:
                self._update(call_sid, twiml)
            except RefusedError as error:
                if error.code == GONE_CODE:
                    return Outcome("caller_gone", f"Twilio: {error.code}")
                if error.status == 404:
                    return self._check_unknown_call(call_sid)
                if error.status < 500 and not error.busy:
                    return Outcome("failed", f"Twilio refused with HTTP {error.status}, code {error.code}")
                detail = f"HTTP {error.status}"
            except (RequestException, ValueError) as error:  # ValueError: no JSON object
                detail = type(error).__name__
            else:
                return Outcome("moved")
            self._sleep(pause_s)
        return Outcome("failed", f"Twilio did not answer ({detail}), each of four times")

    def _update(self, call_sid: str, twiml: str) -> None:
        """Raises `FAULTS`. If Twilio refuses the fallback, the call is moved without it."""
        path = f"/Calls/{call_sid}.json"
        try:
            self._rest.ask("POST", path, data={"Twiml": twiml} | self._net)
        except RefusedError as error:
            if error.status != 400 or error.code == GONE_CODE or not self._net:
                raise
            # Nothing was done yet. A fallback beside TwiML is documented, but was never tried.
            logger.warning("Refused, perhaps for its fallback; again without it", extra={"code": error.code})
            self._rest.ask("POST", path, data={"Twiml": twiml})

    def _check_unknown_call(self, call_sid: str) -> Outcome:
        """Twilio knows no such call: it ended long ago, or belongs to another account or region."""
        try:
            if self._fetch_status(call_sid) in ENDED:
                return Outcome("caller_gone", "Twilio: the call has ended")
        except FAULTS:
            pass
        return _refuse_unknown_call()

    def _check_update(self, call_sid: str, what: str, *, rings_at_once: bool) -> Outcome:
        """Whether an update without a clear answer was applied: if so, a person's phone is ringing, or they talk."""
        try:
            status = self._fetch_status(call_sid)
        except FAULTS as error:
            if getattr(error, "status", None) == 404:
                return _refuse_unknown_call()
            return Outcome("failed", f"Twilio did not answer ({what}), nor say what happened")
        if status in ENDED:
            return Outcome("caller_gone", f"{what}; the call has ended")
        try:
            legs = self._fetch_leg_statuses(call_sid)
        except FAULTS:
            return Outcome("failed", f"Twilio did not answer ({what}), nor say who is being rung")
        if any(status not in ENDED for status in legs):
            return Outcome("moved", f"{what}; a person is being rung")
        if not rings_at_once:
            return Outcome("in_progress", f"Twilio did not answer ({what}); the caller may be hearing our words")
        return Outcome("failed", f"Twilio did not answer ({what}), and nobody is being rung")

    def _fetch_status(self, call_sid: str) -> object:
        return self._rest.ask("GET", f"/Calls/{call_sid}.json").get("status")

    def _fetch_leg_statuses(self, call_sid: str) -> list[object]:
        """The statuses of all legs that were rung in this call."""
        legs = self._rest.ask("GET", "/Calls.json", params={"ParentCallSid": call_sid, "PageSize": "20"}).get("calls")
        if not isinstance(legs, list):
            raise ValueError("expected a list of calls")
        return [leg.get("status") for leg in legs if isinstance(leg, dict)]


def _refuse_unknown_call() -> Outcome:
    logger.error("Twilio knows no such call: are the account, its region and the key the right ones?")
    return Outcome("failed", "Twilio knows no such call")
