"""What Twilio signs, by the vectors of its own package: both programs that check must take it, and nothing else.

twilio 9.13.0, `RequestValidator.compute_signature`; the second vector is the example of
https://www.twilio.com/docs/usage/webhooks/webhooks-security. What a live account signs needs a public webhook.
"""

import pytest
from twilio.request_validator import RequestValidator

from signature import PostedForm, is_signed
from signing_keys import SigningKeys
from socket_server.twilio.stream_auth import Signatures

TOKEN = "12345"
STREAM_URL, STREAM_SIGNATURE = "wss://example.com/media", "7PR3qMkpDyEJtMrVOY/LDyNq8J8="
WEBHOOK_URL, WEBHOOK_SIGNATURE = "https://mycompany.com/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8="
FORM = (
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
)


def test_twilio_s_own_package_signs_as_it_did() -> None:
    sign = RequestValidator(TOKEN).compute_signature

    assert (sign(STREAM_URL, {}), sign(WEBHOOK_URL, dict(FORM))) == (STREAM_SIGNATURE, WEBHOOK_SIGNATURE)


def test_a_stream_is_taken_by_its_signature_with_and_without_a_slash() -> None:
    signatures = Signatures([TOKEN], STREAM_URL)

    assert signatures.verify(STREAM_SIGNATURE)
    assert signatures.verify(RequestValidator(TOKEN).compute_signature(f"{STREAM_URL}/", {}))


@pytest.mark.parametrize("url", ["https://example.com/media", "wss://example.com/media?a=1", "wss://example.com"])
def test_a_stream_that_was_signed_by_another_url_is_not_taken(url: str) -> None:
    assert not Signatures([TOKEN], STREAM_URL).verify(RequestValidator(TOKEN).compute_signature(url, {}))


@pytest.mark.parametrize("form", [FORM, (*FORM, ("CallerName", "")), FORM[::-1]], ids=["as given", "blank", "order"])
def test_a_webhook_is_taken_by_its_signature(form: tuple[tuple[str, str], ...]) -> None:
    signature = RequestValidator(TOKEN).compute_signature(WEBHOOK_URL, dict(form))

    assert is_signed(make_posted(form, signature), SigningKeys((TOKEN,), ("s" * 32,)))


def test_a_webhook_with_another_form_or_token_is_not_taken() -> None:
    assert not is_signed(make_posted(FORM[1:], WEBHOOK_SIGNATURE), SigningKeys((TOKEN,), ("s" * 32,)))
    assert not is_signed(make_posted(FORM, WEBHOOK_SIGNATURE), SigningKeys(("another",), ("s" * 32,)))


def make_posted(form: tuple[tuple[str, str], ...], signature: str) -> PostedForm:
    return PostedForm(WEBHOOK_URL, "/myapp.php", "https://mycompany.com", form, signature)
