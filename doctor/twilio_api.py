"""A client for the parts of Twilio's REST API that the doctor reads. The doctor changes only a number's URLs.

https://www.twilio.com/docs/iam/api/account, .../phone-numbers/api/incomingphonenumber-resource,
.../voice/api/outgoing-caller-ids, .../voice/api/dialingpermissions-country-resource. For the deletion of a caller's
data: .../voice/api/call-resource, .../voice/api/recording.
"""

import base64
import re
from urllib.parse import urlencode, urlsplit

import msgspec

from doctor.errors import DoctorError
from doctor.network import Network, Response

API = "https://api.twilio.com"
# A region's host needs an edge before it, because api.ie1.twilio.com leads to the United States:
# https://www.twilio.com/docs/global-infrastructure/using-the-twilio-rest-api-in-a-non-us-region
API_URL = re.compile(r"https://api(\.[a-z0-9-]+\.[a-z]{2}[0-9]+)?\.twilio\.com")
_PAGE_SIZE = 1000  # Twilio's maximum
_MAX_PAGES = 10


def check_api_url(url: str) -> str:
    """The URL, which gets the account's credentials. Raises `DoctorError` if it is not Twilio's."""
    if API_URL.fullmatch(url):
        return url
    example = "such as https://api.dublin.ie1.twilio.com"
    raise DoctorError(f"TWILIO_API_URL: expected {API} or https://api.EDGE.REGION.twilio.com, {example}, got {url!r}")


class AccountResource(msgspec.Struct):
    status: str
    type: str = ""


class Webhooks(msgspec.Struct, frozen=True):
    """What is asked when somebody dials a number. An empty URL asks nobody."""

    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"


class Number(msgspec.Struct, frozen=True):
    sid: str
    phone_number: str
    voice_url: str | None = None
    voice_method: str | None = None
    voice_fallback_url: str | None = None
    voice_fallback_method: str | None = None
    trunk_sid: str | None = None
    voice_application_sid: str | None = None
    capabilities: dict[str, bool | None] = {}

    @property
    def webhooks(self) -> Webhooks:
        return Webhooks(
            self.voice_url or "",
            self.voice_method or "POST",
            self.voice_fallback_url or "",
            self.voice_fallback_method or "POST",
        )

    @property
    def can_take_calls(self) -> bool:
        return self.capabilities.get("voice") is not False

    @property
    def can_send_sms(self) -> bool:
        return self.capabilities.get("sms") is not False


class Country(msgspec.Struct, frozen=True):
    iso_code: str
    name: str | None = None
    country_codes: list[str] = []
    low_risk_numbers_enabled: bool | None = None
    high_risk_special_numbers_enabled: bool | None = None

    def find_code(self, number: str) -> str:
        """The longest of the country's codes that the number begins with; "" if none. The number is in E.164."""
        codes = ["+" + "".join(filter(str.isdecimal, code)) for code in self.country_codes]
        return max((code for code in codes if number.startswith(code) and code != "+"), key=len, default="")


class CallResource(msgspec.Struct, frozen=True):
    status: str
    end_time: str | None = None
    """As in RFC 2822; None: the call has not ended, or was never answered."""


class Recording(msgspec.Struct, frozen=True):
    sid: str


class _Verified(msgspec.Struct):
    phone_number: str


class _Prefix(msgspec.Struct):
    prefix: str = ""


class _Meta(msgspec.Struct):
    next_page_url: str | None = None


class _Page(msgspec.Struct):
    """One page of a list. The fields are those of both generations of Twilio's API."""

    incoming_phone_numbers: list[Number] = []
    outgoing_caller_ids: list[_Verified] = []
    recordings: list[Recording] = []
    content: list[msgspec.Raw] = []
    next_page_uri: str | None = None
    meta: _Meta = msgspec.field(default_factory=_Meta)


class _ErrorBody(msgspec.Struct):
    code: int | None = None
    message: str = ""


class NotFoundError(DoctorError):
    """Twilio does not have it, or not any more."""


class TwilioClient:
    """One account. Every method raises `DoctorError`."""

    def __init__(self, network: Network, account_sid: str, username: str, password: str, api: str = API) -> None:
        self.api = api
        self.account_sid = account_sid
        self._network = network
        self._account = f"{api}/2010-04-01/Accounts/{account_sid}"
        self._permissions = f"{api.replace('//api.', '//voice.', 1)}/v1/DialingPermissions/Countries"
        self._authorization = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()

    def fetch_account(self) -> AccountResource:
        return _decode(self._get(f"{self._account}.json"), AccountResource)

    def check_call_access(self) -> None:
        """Read one call, to see whether the credentials may read calls."""
        self._get(f"{self._account}/Calls.json?PageSize=1")

    def fetch_call(self, call_sid: str) -> CallResource:
        """Raises also `NotFoundError`."""
        return _decode(self._get(f"{self._account}/Calls/{call_sid}.json"), CallResource)

    def list_recordings(self, call_sid: str) -> tuple[str, ...]:
        """The sids of what was recorded of this call."""
        pages = self._list_pages(f"{self._account}/Recordings.json?CallSid={call_sid}&PageSize={_PAGE_SIZE}")
        return tuple(each.sid for page in pages for each in page.recordings)

    def delete_recording(self, sid: str) -> None:
        """Raises also `NotFoundError`."""
        self._request("DELETE", f"{self._account}/Recordings/{sid}.json", {}, None)

    def list_numbers(self) -> tuple[Number, ...]:
        pages = self._list_pages(f"{self._account}/IncomingPhoneNumbers.json?PageSize={_PAGE_SIZE}")
        return tuple(number for page in pages for number in page.incoming_phone_numbers)

    def list_verified_numbers(self) -> frozenset[str]:
        """Verified numbers of others: usable as caller IDs, and the only numbers that a trial account may ring."""
        pages = self._list_pages(f"{self._account}/OutgoingCallerIds.json?PageSize={_PAGE_SIZE}")
        return frozenset(each.phone_number for page in pages for each in page.outgoing_caller_ids)

    def list_countries(self) -> tuple[Country, ...]:
        return tuple(self._list_content(f"{self._permissions}?PageSize={_PAGE_SIZE}", Country))

    def list_special_prefixes(self, country: Country) -> list[str]:
        """Prefixes of premium and other special numbers, which need a separate permission."""
        url = f"{self._permissions}/{country.iso_code}/HighRiskSpecialPrefixes?PageSize={_PAGE_SIZE}"
        return [each.prefix for each in self._list_content(url, _Prefix) if each.prefix]

    def set_webhooks(self, sid: str, webhooks: Webhooks) -> None:
        """What a number's calls ask first, and what they ask when that fails."""
        form = {
            "VoiceUrl": webhooks.voice_url,
            "VoiceMethod": webhooks.voice_method,
            "VoiceFallbackUrl": webhooks.voice_fallback_url,
            "VoiceFallbackMethod": webhooks.voice_fallback_method,
        }
        url = f"{self._account}/IncomingPhoneNumbers/{sid}.json"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self._request("POST", url, headers, urlencode(form).encode())

    def _list_content[T](self, url: str, kind: type[T]) -> list[T]:
        try:
            return [msgspec.json.decode(each, type=kind) for page in self._list_pages(url) for each in page.content]
        except msgspec.MsgspecError as error:
            raise _explain_bad_json(url, error) from None

    def _list_pages(self, url: str) -> list[_Page]:
        pages: list[_Page] = []
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        next_url: str | None = url
        while next_url and len(pages) < _MAX_PAGES:
            page = _decode(self._get(next_url), _Page)
            pages.append(page)
            next_url = f"{origin}{page.next_page_uri}" if page.next_page_uri else page.meta.next_page_url
            if next_url and not next_url.startswith(f"{origin}/"):  # the credentials are sent along
                raise DoctorError(f"the next page of Twilio's list is on another server: {next_url}")
        return pages

    def _get(self, url: str) -> tuple[str, Response]:
        return url, self._request("GET", url, {}, None)

    def _request(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> Response:
        all_headers = headers | {"Authorization": self._authorization}
        response = self._network.request(method, url, headers=all_headers, body=body)
        if response.status not in (200, 201, 204):
            raise _explain_refusal(url, response)
        return response


def _decode[T](request_and_response: tuple[str, Response], kind: type[T]) -> T:
    url, response = request_and_response
    try:
        return msgspec.json.decode(response.body, type=kind)
    except msgspec.MsgspecError as error:
        raise _explain_bad_json(url, error) from None


def _explain_bad_json(url: str, error: Exception) -> DoctorError:
    host = urlsplit(url).hostname
    return DoctorError(f"{host} did not answer as Twilio does: {error}", "check for a proxy in between; try again")


def _explain_refusal(url: str, response: Response) -> DoctorError:
    try:
        error_body = msgspec.json.decode(response.body, type=_ErrorBody)
    except msgspec.MsgspecError:
        error_body = _ErrorBody()
    resource = urlsplit(url).path.rpartition("/")[2].removesuffix(".json")
    what = f"HTTP {response.status}" + (f", code {error_body.code}: {error_body.message}" if error_body.code else "")
    if response.status in (401, 403):
        return DoctorError(f"Twilio refuses {resource} to these credentials ({what})")
    if response.status == 404:
        return NotFoundError(f"Twilio answered {resource} with {what}")
    remedy = "see https://status.twilio.com" if response.status >= 500 else ""
    return DoctorError(f"Twilio answered {resource} with {what}", remedy)
