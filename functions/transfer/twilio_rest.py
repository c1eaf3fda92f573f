"""Requests to Twilio's REST API, and what may come in place of an answer.

The library's client makes the requests, and knows the account. Its classes for resources are not used: `client.calls`
imports a hundred modules, and the caller of a cold start would wait for that.
"""

import json
from collections.abc import Mapping

from requests import RequestException
from twilio.rest import Client

from transfer_settings import Credentials
from twilio_http import BoundedHttpClient

# For each request as a whole: far longer than Twilio usually takes. Enough of `transfer.TWILIO_S` is left to fetch the
# call afterwards.
TIMEOUT_S = 3.0

BUSY_CODE = 20429


class RefusedError(Exception):
    """Twilio answered with an error."""

    def __init__(self, status: int, code: object) -> None:
        super().__init__(f"HTTP {status}, code {code}")
        self.status = status
        self.code = code
        """Twilio's own; None: there is none in the answer."""

    @property
    def busy(self) -> bool:
        """Refused for its concurrency: Twilio promises that such a request was not processed."""
        return self.code == BUSY_CODE or self.status == 429


FAULTS = (RefusedError, RequestException, ValueError)  # ValueError: a success that is not what Twilio sends


class TwilioRest:
    """The resources of one account."""

    def __init__(self, credentials: Credentials, api_url: str, timeout_s: float = TIMEOUT_S) -> None:
        self._http = BoundedHttpClient(timeout_s)
        self._credentials = credentials
        self._password, self._other = credentials.password, credentials.next_password
        self._client = self._make_client()
        self.account_url = f"{api_url}/2010-04-01/Accounts/{credentials.account_sid}"

    def limit(self, until: float) -> None:
        """After `until`, on the monotonic clock, no request is sent."""
        self._http.until = until

    def ask(self, method: str, path: str, **content: Mapping[str, str | list[str]]) -> dict[str, object]:
        """Twilio's answer about a resource of the account. Raises `FAULTS`."""
        url = self.account_url + path
        response = self._client.request(method, url, **content)
        if response.status_code == 401 and self._other:  # nothing was done; the next token may be the current one now
            self._password, self._other = self._other, self._password
            self._client = self._make_client()
            response = self._client.request(method, url, **content)
        try:
            said = json.loads(response.text)
        except ValueError:  # an error: no success gets here without an object
            said = None
        parts: dict[str, object] = said if isinstance(said, dict) else {}
        if response.status_code >= 300:
            raise RefusedError(response.status_code, parts.get("code"))
        return parts

    def _make_client(self) -> Client:
        return Client(
            self._credentials.username,
            self._password,
            self._credentials.account_sid,
            http_client=self._http,
            # The client would otherwise read TWILIO_REGION and TWILIO_EDGE behind our back.
            environment={"TWILIO_REGION": "", "TWILIO_EDGE": ""},
        )
