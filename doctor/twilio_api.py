"""Twilio's REST API, as far as the doctor reads it, and the one thing that it may change: the URLs of a number.

https://www.twilio.com/docs/iam/api/account, .../phone-numbers/api/incomingphonenumber-resource,
.../voice/api/outgoing-caller-ids, .../voice/api/dialingpermissions-country-resource.
"""

import base64
from urllib.parse import urlencode, urlsplit

import msgspec

from doctor.errors import DoctorError
from doctor.network import Answer, Network

API, VOICE = "https://api.twilio.com", "https://voice.twilio.com"
_PAGE = 1000  # the most that Twilio gives at a time
_MOST_PAGES = 10


class AccountResource(msgspec.Struct):
    status: str
    type: str = ""


class Number(msgspec.Struct, frozen=True):
    sid: str
    phone_number: str
    voice_url: str | None = None
    voice_method: str | None = None
    voice_fallback_url: str | None = None
    trunk_sid: str | None = None
    voice_application_sid: str | None = None
    capabilities: dict[str, bool | None] = {}

    @property
    def takes_calls(self) -> bool:
        return self.capabilities.get("voice") is not False


class Country(msgspec.Struct, frozen=True):
    iso_code: str
    name: str | None = None
    country_codes: list[str] = []
    low_risk_numbers_enabled: bool | None = None
    high_risk_special_numbers_enabled: bool | None = None

    def error_code(self, number: str) -> str:
        """The longest of its codes that the number, in E.164, begins with; "" if none."""
        codes = ["+" + "".join(filter(str.isdecimal, code)) for code in self.country_codes]
        return max((code for code in codes if number.startswith(code) and code != "+"), key=len, default="")


class _Verified(msgspec.Struct):
    phone_number: str


class _Prefix(msgspec.Struct):
    prefix: str = ""


class _Meta(msgspec.Struct):
    next_page_url: str | None = None


class _Page(msgspec.Struct):
    """One page of a list; the names of both generations of Twilio's API."""

    incoming_phone_numbers: list[Number] = []
    outgoing_caller_ids: list[_Verified] = []
    content: list[msgspec.Raw] = []
    next_page_uri: str | None = None
    meta: _Meta = msgspec.field(default_factory=_Meta)


class _Refusal(msgspec.Struct):
    code: int | None = None
    message: str = ""


class Twilio:
    """One account. Every method raises `DoctorError`."""

    def __init__(self, network: Network, account_sid: str, username: str, password: str) -> None:
        self._network = network
        self._account = f"{API}/2010-04-01/Accounts/{account_sid}"
        self._authorization = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()

    def account(self) -> AccountResource:
        return _decoded(self._get(f"{self._account}.json"), AccountResource)

    def read_calls(self) -> None:
        """Whether the credentials may see calls; what is answered is of no interest."""
        self._get(f"{self._account}/Calls.json?PageSize=1")

    def numbers(self) -> tuple[Number, ...]:
        pages = self._pages(f"{self._account}/IncomingPhoneNumbers.json?PageSize={_PAGE}")
        return tuple(number for page in pages for number in page.incoming_phone_numbers)

    def verified_numbers(self) -> frozenset[str]:
        """Numbers of others whose owner has agreed: caller IDs, and all that a trial account may ring."""
        pages = self._pages(f"{self._account}/OutgoingCallerIds.json?PageSize={_PAGE}")
        return frozenset(each.phone_number for page in pages for each in page.outgoing_caller_ids)

    def countries(self) -> tuple[Country, ...]:
        return tuple(self._content(f"{VOICE}/v1/DialingPermissions/Countries?PageSize={_PAGE}", Country))

    def special_prefixes(self, country: Country) -> list[str]:
        """Prefixes of premium and other special numbers, which have a permission of their own."""
        url = f"{VOICE}/v1/DialingPermissions/Countries/{country.iso_code}/HighRiskSpecialPrefixes?PageSize={_PAGE}"
        return [each.prefix for each in self._content(url, _Prefix) if each.prefix]

    def set_urls(self, number: Number, voice_url: str, fallback_url: str) -> None:
        form = {
            "VoiceUrl": voice_url,
            "VoiceMethod": "POST",
            "VoiceFallbackUrl": fallback_url,
            "VoiceFallbackMethod": "POST",
        }
        url = f"{self._account}/IncomingPhoneNumbers/{number.sid}.json"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self._ask("POST", url, headers, urlencode(form).encode())

    def _content[T](self, url: str, kind: type[T]) -> list[T]:
        try:
            return [msgspec.json.decode(each, type=kind) for page in self._pages(url) for each in page.content]
        except msgspec.MsgspecError as error:
            raise _nonsense(url, error) from None

    def _pages(self, url: str) -> list[_Page]:
        pages: list[_Page] = []
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        following: str | None = url
        while following and len(pages) < _MOST_PAGES:
            page = _decoded(self._get(following), _Page)
            pages.append(page)
            following = f"{origin}{page.next_page_uri}" if page.next_page_uri else page.meta.next_page_url
            if following and not following.startswith(f"{origin}/"):  # the password goes along
                raise DoctorError(f"Twilio's list goes on at another server: {following}")
        return pages

    def _get(self, url: str) -> tuple[str, Answer]:
        return url, self._ask("GET", url, {}, None)

    def _ask(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> Answer:
        answer = self._network.request(method, url, headers=headers | {"Authorization": self._authorization}, body=body)
        if answer.status not in (200, 201):
            raise _refusal(url, answer)
        return answer


def _decoded[T](asked: tuple[str, Answer], kind: type[T]) -> T:
    url, answer = asked
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except msgspec.MsgspecError as error:
        raise _nonsense(url, error) from None


def _nonsense(url: str, error: Exception) -> DoctorError:
    host = urlsplit(url).hostname
    return DoctorError(f"{host} did not answer as Twilio does: {error}", "check for a proxy in between; try again")


def _refusal(url: str, answer: Answer) -> DoctorError:
    try:
        refusal = msgspec.json.decode(answer.body, type=_Refusal)
    except msgspec.MsgspecError:
        refusal = _Refusal()
    resource = urlsplit(url).path.rpartition("/")[2].removesuffix(".json")
    what = f"HTTP {answer.status}" + (f", code {refusal.code}: {refusal.message}" if refusal.code else "")
    if answer.status in (401, 403):
        return DoctorError(f"Twilio refuses {resource} to these credentials ({what})")
    remedy = "see https://status.twilio.com" if answer.status >= 500 else ""
    return DoctorError(f"Twilio answered {resource} with {what}", remedy)
