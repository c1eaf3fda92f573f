"""Calls of their own to the people who are rung while the caller talks on: begin one, end one.

https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource. A call is never just created again: the
person would be rung twice. A call without a clear answer reports itself to `/voice/agent-status` if it exists.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from aws_lambda_powertools import Logger
from requests import RequestException

from twilio_rest import BUSY_CODE, FAULTS, RefusedError, TwilioRest

BACKOFF_S = (0.2, 0.4, 0.8)
# "From" is not verified for the account, or is no number: https://www.twilio.com/docs/api/errors/21210 and /21212.
CALLER_ID_CODES = (21210, 21212)

type Form = dict[str, str | list[str]]

logger = Logger(service="transfer", child=True)


@dataclass(frozen=True, slots=True)
class Begun:
    """What came of a request to ring somebody."""

    status: Literal["rings", "refused", "unclear"]
    sid: str = ""
    code: str = ""
    """Why it was refused; Twilio's message is left out, because it may quote a number."""


class TwilioLegs:
    """The legs of one account."""

    def __init__(self, rest: TwilioRest, sleep: Callable[[float], None] = time.sleep) -> None:
        self._rest = rest
        self._sleep = sleep

    def describe(self, form: Form) -> dict[str, object]:
        """The request that `begin` would make."""
        return {"method": "POST", "url": f"{self._rest.account_url}/Calls.json", "form": form}

    def begin(self, forms: Sequence[Form], until: float) -> Begun:
        """Ring somebody. Each further form has another caller ID, for the case that Twilio refuses the one before."""
        self._rest.limit(until)
        begun = Begun("refused", code="no caller ID")
        for form in forms:
            begun = self._create(form)
            if begun.code not in map(str, CALLER_ID_CODES):
                break
        return begun

    def end(self, leg_sid: str, twiml: str, until: float) -> bool:
        """End the leg, with words if somebody is there. It may be repeated: False, it may not have ended."""
        self._rest.limit(until)
        changes = ({"Twiml": twiml}, {"Status": "completed"}) if twiml else ({"Status": "completed"},)
        for change in changes:
            if self._update(leg_sid, change):
                return True
        return self._update(leg_sid, changes[-1])

    def _update(self, leg_sid: str, change: dict[str, str]) -> bool:
        """False: it did not happen, as far as we know."""
        for pause_s in BACKOFF_S:
            try:
                self._rest.ask("POST", f"/Calls/{leg_sid}.json", data=change)
            except RefusedError as error:
                if error.status < 500 and not error.busy:
                    # The call has ended, or nobody has picked up who could hear words.
                    return error.status == 404 or "Status" in change
            except (RequestException, ValueError) as error:
                logger.warning("A leg could not be ended so far", extra={"reason": type(error).__name__})
            else:
                return True
            self._sleep(pause_s)
        return False

    def _create(self, form: Form) -> Begun:
        for pause_s in (*BACKOFF_S, None):
            try:
                answer = self._rest.ask("POST", "/Calls.json", data=form)
            except RefusedError as error:
                if error.code == BUSY_CODE and pause_s is not None:  # it was not processed, as Twilio promises
                    self._sleep(pause_s)
                    continue
                if error.status >= 500:
                    return Begun("unclear", code=f"HTTP {error.status}")
                return Begun("refused", code=str(error.code or f"HTTP {error.status}"))
            except FAULTS as error:
                return Begun("unclear", code=type(error).__name__)
            sid = answer.get("sid")
            return Begun("rings", sid) if isinstance(sid, str) else Begun("unclear", code="no sid")
        raise AssertionError("the last round returns")
