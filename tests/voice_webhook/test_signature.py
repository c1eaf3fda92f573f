"""Twilio's signature: whatever Twilio's own library signs is genuine, and nothing else is."""

import base64
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from signature import Pairs, is_signed, may_be_signed, parse_form
from signing_keys import SigningKeys

TOKEN = "0123456789abcdef0123456789abcdef"
HOSTS = st.sampled_from(["abc.execute-api.us-east-1.amazonaws.com", "voice.example.com"])
STAGES = st.sampled_from(["$default", "prod", "v1"])
QUERIES = st.sampled_from(["", "stream=0123abcd", "attempt=call_%2F1&waits=3", "a=1&a=2&b=", "x=%C3%A9+%20"])
# What UTF-8 can hold: a form is nothing else.
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
PAIRS = st.lists(st.tuples(WORDS.filter(bool), WORDS), max_size=8)
JSON = st.none() | st.integers() | st.text(max_size=8) | st.lists(st.integers(), max_size=2)


class Form:
    """A form with duplicates, as web frameworks give it to Twilio's validator."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self.pairs = pairs

    def __len__(self) -> int:
        return len(self.pairs)

    def __iter__(self) -> Any:
        return iter(name for name, _ in self.pairs)

    def getlist(self, name: str) -> list[str]:
        return [value for each, value in self.pairs if each == name]


def event(host: str, stage: str, query: str, pairs: list[tuple[str, str]], signature: str) -> dict[str, Any]:
    prefix = "" if stage == "$default" else f"/{stage}"
    return {
        "rawPath": f"{prefix}/voice/incoming",
        "rawQueryString": query,
        "headers": {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature},
        "requestContext": {"domainName": host, "stage": stage},
        "body": base64.b64encode(urlencode(pairs).encode()).decode(),
        "isBase64Encoded": True,
    }


def keys(*auth_tokens: str, shared: tuple[str, ...] = ()) -> SigningKeys:
    return SigningKeys(auth_tokens, ("s" * 32,), shared_keys=shared)


def sign(url: str, form: dict[str, str]) -> str:
    return str(RequestValidator(TOKEN).compute_signature(url, form))


def signed_url(host: str, stage: str, query: str) -> str:
    prefix = "" if stage == "$default" else f"/{stage}"
    return f"https://{host}{prefix}/voice/incoming" + (f"?{query}" if query else "")


@given(HOSTS, STAGES, QUERIES, PAIRS)
def test_what_twilio_signs_is_genuine(host: str, stage: str, query: str, pairs: list[tuple[str, str]]) -> None:
    url = signed_url(host, stage, query)
    signature = RequestValidator(TOKEN).compute_signature(url, Form(pairs))

    found = parse_form(event(host, stage, query, pairs, signature), None)

    assert found is not None
    assert found.url == url
    assert found.pairs == tuple(pairs)
    assert is_signed(found, keys(TOKEN))
    assert not is_signed(found, keys(TOKEN + "0"))


@given(HOSTS, STAGES, QUERIES, PAIRS, st.tuples(WORDS.filter(bool), WORDS))
def test_a_form_with_one_more_field_is_not(
    host: str, stage: str, query: str, pairs: list[tuple[str, str]], added: tuple[str, str]
) -> None:
    signature = RequestValidator(TOKEN).compute_signature(signed_url(host, stage, query), Form(pairs))

    found = parse_form(event(host, stage, query, [*pairs, added], signature), None)

    assert found is not None
    assert is_signed(found, keys(TOKEN)) is (added in pairs)  # Twilio signs what is twice the same once


def test_blank_values_are_part_of_what_is_signed() -> None:
    url = signed_url("v.example.com", "$default", "")
    form = {"CallerName": "", "CallSid": "CA1"}
    found = parse_form(
        event(
            "v.example.com", "$default", "", list(form.items()), RequestValidator(TOKEN).compute_signature(url, form)
        ),
        None,
    )

    assert found is not None
    assert found.pairs == (("CallerName", ""), ("CallSid", "CA1"))
    assert is_signed(found, keys(TOKEN))


def test_the_vector_of_twilio_s_documentation() -> None:
    pairs: Pairs = (
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675309"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
    )
    found = parse_form(
        event("mycompany.com", "$default", "foo=1&bar=2", list(pairs), "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
        | {"rawPath": "/myapp.php"},
        None,
    )

    assert found is not None
    assert found.url == "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert is_signed(found, keys("12345"))


def test_a_default_port_in_the_signed_url_makes_no_difference() -> None:
    form = {"CallSid": "CA1"}
    for signed in ("https://v.example.com/voice/incoming", "https://v.example.com:443/voice/incoming"):
        signature = RequestValidator(TOKEN).compute_signature(signed, form)
        for voice_url in (None, "https://v.example.com", "https://v.example.com:443"):
            found = parse_form(event("v.example.com", "$default", "", list(form.items()), signature), voice_url)
            assert found is not None
            assert is_signed(found, keys(TOKEN))


def test_another_port_is_another_url() -> None:
    form = {"CallSid": "CA1"}
    signature = RequestValidator(TOKEN).compute_signature("https://v.example.com:8443/voice/incoming", form)

    for voice_url, fits in (("https://v.example.com:8443", True), ("https://v.example.com", False)):
        found = parse_form(event("x", "$default", "", list(form.items()), signature), voice_url)
        assert found is not None
        assert is_signed(found, keys(TOKEN)) is fits


def test_an_origin_of_one_s_own_replaces_domain_and_stage() -> None:
    found = parse_form(event("abc.example.com", "prod", "a=b", [], ""), "https://voice.example.com/phone")

    assert found is not None
    assert found.base_url == "https://voice.example.com/phone"
    assert found.url == "https://voice.example.com/phone/voice/incoming?a=b"


BASES = ["https://api.example.com", "https://api.example.com/twilio", "https://api.example.com/a/b"]


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("before", ["", "/twilio", "/prod", "/prod/twilio", "/a/b"])
@pytest.mark.parametrize("stage", ["$default", "prod"])
@pytest.mark.parametrize("query", ["", "stream=0123abcd"])
def test_the_public_url_is_signed_whatever_of_it_api_gateway_shows(
    base: str, before: str, stage: str, query: str
) -> None:
    """A domain's mapping key and a stage may be in `rawPath` or not: reports differ. The route is named for itself."""
    signed = f"{base}/voice/incoming" + (f"?{query}" if query else "")
    seen = event("api.example.com", stage, query, [("a", "b")], sign(signed, {"a": "b"}))
    found = parse_form(seen | {"rawPath": f"{before}/voice/incoming", "routeKey": "POST /voice/incoming"}, base)

    assert found is not None
    assert (found.url, found.base_url, found.path) == (signed, base, "/voice/incoming")
    assert is_signed(found, keys(TOKEN))


@pytest.mark.parametrize(
    ("raw_path", "stage", "path"),
    [
        ("/twilio/voice/incoming", "$default", "/voice/incoming"),
        ("/prod/voice/incoming", "prod", "/voice/incoming"),
        ("/voice/incoming", "prod", "/voice/incoming"),
        ("/twilio", "$default", "/twilio"),
        ("/twilios/voice/incoming", "$default", "/twilios/voice/incoming"),
    ],
)
@pytest.mark.parametrize("route", [{}, {"routeKey": "$default"}, {"routeKey": 7}, {"routeKey": "POST /elsewhere"}])
def test_without_a_route_what_is_known_to_stand_before_it_is_taken_away(
    raw_path: str, stage: str, path: str, route: dict[str, Any]
) -> None:
    seen = event("api.example.com", stage, "", [("a", "b")], "") | {"rawPath": raw_path} | route
    found = parse_form(seen, "https://api.example.com/twilio")

    assert found is not None
    assert (found.url, found.path) == (f"https://api.example.com/twilio{path}", path)


def test_without_a_setting_a_mapping_key_that_api_gateway_shows_is_part_of_every_url() -> None:
    signed = "https://api.example.com/twilio/voice/incoming"
    seen = event("api.example.com", "$default", "", [("a", "b")], sign(signed, {"a": "b"}))
    found = parse_form(seen | {"rawPath": "/twilio/voice/incoming", "routeKey": "POST /voice/incoming"}, None)

    assert found is not None
    assert (found.base_url, found.path) == ("https://api.example.com/twilio", "/voice/incoming")
    assert is_signed(found, keys(TOKEN))


def test_either_of_two_tokens_makes_a_request_genuine() -> None:
    url = signed_url("v.example.com", "$default", "")
    found = parse_form(event("v.example.com", "$default", "", [("a", "b")], sign(url, {"a": "b"})), None)

    assert found is not None
    assert may_be_signed(found)
    assert is_signed(found, keys("other", TOKEN))
    assert not is_signed(found, keys("other", "another"))
    assert not is_signed(found, keys())


@pytest.mark.parametrize("signature", ["", "x" * 28, "=" * 28, "x" * 26 + "=", "x" * 27 + "=\n", "\u00e9" * 27 + "="])
def test_what_cannot_be_a_signature_is_none(signature: str) -> None:
    found = parse_form(event("v.example.com", "$default", "", [("a", "b")], signature), None)

    assert found is not None
    assert not may_be_signed(found)


@given(
    st.dictionaries(
        st.sampled_from(
            ["rawPath", "routeKey", "rawQueryString", "headers", "requestContext", "body", "isBase64Encoded", "stage"]
        ),
        JSON | st.dictionaries(st.sampled_from(["domainName", "stage", "content-type", "x-twilio-signature"]), JSON),
    )
)
def test_no_event_is_too_strange_to_be_refused(garbage: dict[str, Any]) -> None:
    found = parse_form(event("v.example.com", "$default", "", [("a", "b")], "x") | garbage, None)

    assert found is None or not is_signed(found, keys(TOKEN))


@given(st.binary(max_size=200), st.text(max_size=40))
def test_no_body_is_too_strange_to_be_refused(body: bytes, signature: str) -> None:
    strange = event("v.example.com", "$default", "", [], signature) | {"body": base64.b64encode(body).decode()}

    found = parse_form(strange, None)

    assert found is None or not is_signed(found, keys(TOKEN))


SHARED = "whsec_shared"


@pytest.mark.parametrize(
    ("how", "algorithm", "shared", "fits"),
    [
        ("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256", "HMAC_SHA256", (SHARED,), True),
        ("key=webhooks_sharedkey_1,algorithm=HMAC_SHA1", "HMAC_SHA1", (SHARED,), True),
        ("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256", "HMAC_SHA256", ("old", SHARED), True),
        ("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256", "HMAC_SHA256", (), False),
        ("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256", "HMAC_SHA1", (SHARED,), False),
        ("key=webhooks_sharedkey_1,algorithm=HMAC_SHA512", "HMAC_SHA256", (SHARED,), False),
        ("", "HMAC_SHA1", (SHARED,), False),  # without the header it has to be the auth token
    ],
)
def test_a_webhook_may_be_signed_with_a_shared_key(
    how: str, algorithm: str, shared: tuple[str, ...], fits: bool
) -> None:
    url, pairs = signed_url("abc.execute-api.us-east-1.amazonaws.com", "$default", ""), [("CallSid", "CA1")]
    signature = RequestValidator(SHARED).compute_signature(url, dict(pairs), algorithm)
    posted = event("abc.execute-api.us-east-1.amazonaws.com", "$default", "", pairs, signature)
    posted["headers"] |= {"x-twilio-webhooks-signature-settings": how} if how else {}

    found = parse_form(posted, None)

    assert found is not None
    assert may_be_signed(found)
    assert is_signed(found, keys(TOKEN, shared=shared)) is fits


def test_a_port_of_the_url_may_be_left_out_of_what_is_signed() -> None:
    pairs = [("CallSid", "CA1")]
    signature = sign("https://voice.example.com/voice/incoming", dict(pairs))

    found = parse_form(event("abc.example.com", "$default", "", pairs, signature), "https://voice.example.com:8443")

    assert found is not None
    assert is_signed(found, keys(TOKEN))
