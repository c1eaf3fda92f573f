"""The Twilio account's own numbers. A transfer to one of them would come back here as a new call.

https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource. If Twilio cannot
be asked, the deploy does not fail: the numbers are unknown, the log says why, and `make doctor` asks again.
"""

import base64
import json
import logging
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import Request as HttpRequest
from urllib.request import urlopen

from botocore.exceptions import BotoCoreError, ClientError

from custom_resource import FailedError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

API = "https://api.twilio.com"
# The account's credentials go there, so no other host will do. A region's name needs an edge before it:
# https://www.twilio.com/docs/global-infrastructure/using-the-twilio-rest-api-in-a-non-us-region
API_URL = re.compile(r"https://api(\.[a-z0-9-]+\.[a-z]{2}[0-9]+)?\.twilio\.com")
TIMEOUT_S = 5
PAGE, PAGES = 1000, 5  # of the largest size; no account has more

logger = logging.getLogger(__name__)


def read_api_url(properties: Mapping[str, object]) -> str:
    """The property `TwilioApiUrl`; without it, that of the default region. Raises `FailedError`."""
    url = properties.get("TwilioApiUrl", API)
    if not isinstance(url, str) or not API_URL.fullmatch(url):
        raise FailedError(f"Property TwilioApiUrl: expected {API} or https://api.EDGE.REGION.twilio.com, got {url!r}.")
    return url


def list_twilio_numbers(secrets: "SecretsManagerClient", secret_id: object, api: str = API) -> list[str]:
    """In E.164; empty if they cannot be read."""
    if not isinstance(secret_id, str) or not secret_id:
        return []
    try:
        return _list_numbers(json.loads(secrets.get_secret_value(SecretId=secret_id)["SecretString"]), api)
    except (BotoCoreError, ClientError, URLError, TimeoutError, OSError, ValueError, KeyError, TypeError) as error:
        # Only its kind: its message may quote the answer.
        logger.warning("The account's own numbers are not known: %s", type(error).__name__)
        return []


def _list_numbers(secret: dict[str, str], api: str) -> list[str]:
    account = secret["TWILIO_ACCOUNT_SID"]
    key = secret.get("TWILIO_API_KEY_SID"), secret.get("TWILIO_API_KEY_SECRET")
    username, password = key if all(key) else (account, secret["TWILIO_AUTH_TOKEN"])
    authorization = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()
    following = f"/2010-04-01/Accounts/{account}/IncomingPhoneNumbers.json?PageSize={PAGE}"
    numbers: list[str] = []
    for _ in range(PAGES):
        request = HttpRequest(api + following, headers={"Authorization": authorization})  # noqa: S310 (Twilio, over https)
        with urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 (Twilio, over https)
            page = json.load(answer)
        numbers += [each["phone_number"] for each in page["incoming_phone_numbers"]]
        following = page.get("next_page_uri")
        if not following:
            break
        if not (isinstance(following, str) and following.startswith("/")):  # else the credentials go to another host
            raise ValueError("the next page is no path")
    return numbers
