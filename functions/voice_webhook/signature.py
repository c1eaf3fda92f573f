"""Checks whether Twilio posted a request: its signature must fit the URL that Twilio requested and the whole form.

https://www.twilio.com/docs/usage/security#validating-requests. The URL is built from API Gateway's own data (payload
format 2.0), never from headers that a client can choose. The form is read with its blank values and its duplicates,
because Twilio signs those too. Anything that is not a valid form is refused.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from twilio.request_validator import (
    HMAC_SHA1,
    HMAC_SHA256,
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from routes import ASK_AGAIN
from signing_keys import SigningKeys
from webhook import CALL_SID

FORM = "application/x-www-form-urlencoded"
# Twilio sends some forty parameters; the limit keeps a bad body from costing much.
MAX_FIELDS = 500

SIGNATURE = re.compile("[A-Za-z0-9+/]{27}=|[A-Za-z0-9+/]{43}=")  # SHA-1 or SHA-256 in base64
ALGORITHMS = (HMAC_SHA1, HMAC_SHA256)

DOMAIN = re.compile(r"[A-Za-z0-9.-]+(:\d+)?", re.ASCII)

type Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PostedForm:
    """A posted form, not verified yet."""

    url: str
    """The URL that Twilio requested and signed."""
    path: str
    """The route: the part of the URL after `base_url`."""
    base_url: str
    """The beginning of every URL in an answer: the origin, and the path before the route."""
    pairs: Pairs
    signature: str
    algorithm: str = HMAC_SHA1
    is_by_shared_key: bool = False
    """Twilio says that it signed with a shared key, and not with the auth token."""


def parse_form(event: Mapping[str, object], voice_url: str | None) -> PostedForm | None:
    """The form that the event holds; None: it holds none.

    `voice_url` replaces the origin and the path before the route, if a proxy or a domain stands before API Gateway.
    """
    headers = as_mapping(event.get("headers"))
    context = as_mapping(event.get("requestContext"))
    raw_path, query = event.get("rawPath"), event.get("rawQueryString")
    if not isinstance(raw_path, str):
        return None
    prefix = _find_prefix(event, raw_path, str(context.get("stage")), urlsplit(voice_url or "").path)
    domain = str(context.get("domainName", ""))
    pairs = _decode_form(event, str(headers.get("content-type", "")))
    if pairs is None or not DOMAIN.fullmatch(domain):
        return None
    base_url = voice_url or f"https://{domain}{prefix}"
    path = raw_path.removeprefix(prefix)
    url = base_url + path + (f"?{query}" if query else "")
    if not url.isascii():  # no URL on the wire is
        return None
    signature, how = (str(headers.get(name.lower(), "")) for name in (SIGNATURE_HEADER, SIGNATURE_SETTINGS_HEADER))
    return PostedForm(url, path, base_url, pairs, signature, get_signature_algorithm(how), bool(how))


def _find_prefix(event: Mapping[str, object], raw_path: str, stage: str, base_path: str) -> str:
    """The part of `rawPath` before the route: a stage other than `$default`, or a key of a domain that maps here.

    API Gateway says which route it is. Without a route ("$default"), the known part may be removed.
    """
    route = str(event.get("routeKey", "")).partition(" ")[2]
    if route and raw_path.endswith(route):
        return raw_path.removesuffix(route)
    known = (base_path, f"/{stage}")
    return next((each for each in known if each and raw_path.startswith(f"{each}/")), "")


def may_be_signed(posted: PostedForm) -> bool:
    """Whether the text has the form of a signature."""
    return SIGNATURE.fullmatch(posted.signature) is not None


def is_signed(posted: PostedForm, keys: SigningKeys) -> bool:
    """Whether Twilio signed it with one of the account's keys."""
    form = _Form(posted.pairs)
    if posted.algorithm not in ALGORITHMS:
        return False
    given = posted.signature.encode("utf-8", "replace")
    # The signed URL has the port sometimes, and sometimes not. Twilio's own validator tries both too.
    expected = [
        str(RequestValidator(key).compute_signature(url, form, posted.algorithm)).encode()
        for key in (keys.shared_keys if posted.is_by_shared_key else keys.auth_tokens)
        for url in _list_spellings(posted.url)
    ]
    matches = [hmac.compare_digest(each, given) for each in expected]  # all of them, whichever fits
    return any(matches)


def _decode_form(event: Mapping[str, object], content_type: str) -> Pairs | None:
    body = event.get("body") or ""
    if content_type.partition(";")[0].strip().lower() != FORM or not isinstance(body, str):
        return None
    try:
        data = base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
        text = data.decode()
        return tuple(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS))
    except (binascii.Error, ValueError):  # no base64, no UTF-8, or too many fields
        return None


def _list_spellings(url: str) -> Iterable[str]:
    parts = urlsplit(url)
    host, _, port = parts.netloc.partition(":")
    spelled = [url, parts._replace(netloc=host if port else f"{host}:443").geturl()]
    # By all reports Twilio does not sign what it does not send. If it did, its requests would still be accepted.
    return [*spelled, *(each + ASK_AGAIN for each in spelled)]


def as_mapping(value: object) -> Mapping[str, object]:
    """The value, if it is a mapping; otherwise an empty one."""
    return value if isinstance(value, dict) else {}


class _Form:
    """The form as Twilio's validator needs it: a name may occur twice."""

    def __init__(self, pairs: Pairs) -> None:
        self._pairs = pairs

    def __len__(self) -> int:
        return len(self._pairs)

    def __iter__(self) -> Iterable[str]:
        return iter([name for name, _ in self._pairs])

    def getlist(self, name: str) -> list[str]:
        return [value for each, value in self._pairs if each == name]


def names_call_of(account_sid: str, form: PostedForm) -> bool:
    """Whether Twilio may have posted it for this account, and signed it in a way that we do not know.

    Strangers, who scan the internet, know neither the form nor the account.
    """
    parts = dict(form.pairs)
    is_call = CALL_SID.fullmatch(parts.get("CallSid", "")) and parts.get("AccountSid") == account_sid
    return bool(is_call and account_sid) and may_be_signed(form)
