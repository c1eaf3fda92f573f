"""Sends an SMS by Twilio's REST API, once.

https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource. A request without a clear answer
is not repeated: the message may have been sent.
"""

from requests import ConnectionError as NoConnectionError
from requests import ConnectTimeout, RequestException
from urllib3.exceptions import NewConnectionError

from delivery import Delivery
from transfer_settings import Credentials
from twilio_rest import TIMEOUT_S, RefusedError, TwilioRest


class TwilioMessages:
    """The messages of one account. To be made for each invocation: connections that slept may be dead."""

    def __init__(self, credentials: Credentials, api_url: str, timeout_s: float = TIMEOUT_S) -> None:
        self._rest = TwilioRest(credentials, api_url, timeout_s)

    def limit(self, until: float) -> None:
        """After `until`, on the monotonic clock, nothing is sent."""
        self._rest.limit(until)

    def describe(self, form: dict[str, str]) -> dict[str, object]:
        """The request that `send` would make."""
        return {"method": "POST", "url": f"{self._rest.account_url}/Messages.json", "form": form}

    def send(self, form: dict[str, str]) -> Delivery:
        try:
            said = self._rest.ask("POST", "/Messages.json", data=form)
        except RefusedError as error:
            if error.busy:
                return Delivery("later", f"HTTP {error.status}, code {error.code}")
            return Delivery("unclear" if error.status >= 500 else "lost", f"HTTP {error.status}, code {error.code}")
        except (RequestException, ValueError) as error:
            if _never_connected(error):
                return Delivery("later", type(error).__name__)
            return Delivery("unclear", type(error).__name__)
        return Delivery("sent", str(said.get("sid")))


def _never_connected(error: Exception) -> bool:
    if isinstance(error, ConnectTimeout):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, NoConnectionError) and isinstance(reason, NewConnectionError)
