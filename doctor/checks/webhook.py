"""Whether the webhook answers Twilio's requests, refuses all others, and records the call.

The call does not exist. It leaves one row in the table, which expires like every other row, and counts as one call in
the metrics. No phone rings.
"""

from collections.abc import Iterator
from urllib.parse import urlencode
from xml.etree import ElementTree

import jwt
from twilio.request_validator import RequestValidator

from call_record import CallTable
from doctor.context import TEST_CALLER, Context
from doctor.errors import DoctorError
from doctor.facts import Stack, TwilioSecret
from doctor.findings import Finding, fail, ok
from doctor.network import Response
from doctor.twiml import parse_response

_LOG = "see the log of {} in CloudWatch, and the secret that it reads"


def check_signed_request(context: Context) -> Iterator[Finding]:
    """The request that Twilio sends when somebody calls."""
    stack, secret = context.facts.get(Stack), context.facts.get(TwilioSecret)
    form = _make_form(context, secret)
    signature = RequestValidator(secret.auth_token).compute_signature(stack.voice_url, form)
    response = _post(context, form, {"X-Twilio-Signature": str(signature)})
    function = stack.outputs["VoiceWebhookFunction"]
    if response.status == 403:
        remedy = f"after `make secrets`, wait a minute and try again; else {_LOG.format(function)}"
        yield fail("VoiceUrl refuses a request that is signed with the secret's auth token (403)", remedy)
        return
    if response.status != 200:
        yield fail(f"VoiceUrl answered a signed request with HTTP {response.status}", _LOG.format(function))
        return
    root = parse_response(response, "VoiceUrl")
    if root.find("Connect/Stream") is None:
        spoken = " ".join(each.text or "" for each in root.iter("Say"))
        message = f"VoiceUrl opens no stream; the caller hears: {spoken or 'nothing'}"
        yield fail(message, _LOG.format(function))
        return
    if faults := list(_list_faults(root, stack, secret, context.call_sid)):
        yield fail(f"VoiceUrl's TwiML cannot work: {'; '.join(faults)}", "deploy again")
        return
    message = f"VoiceUrl answers a signed request of a test call, {context.call_sid}, with TwiML that opens the stream"
    yield ok(message)


def check_unsigned_request(context: Context) -> Iterator[Finding]:
    """The same request without a signature, as anybody could send it."""
    secret = context.facts.get(TwilioSecret)
    response = _post(context, _make_form(context, secret), {})
    if response.status != 403:
        message = f"VoiceUrl answered a request without a signature with HTTP {response.status}, and not with 403"
        yield fail(message, "anybody could open calls at your expense: deploy the shipped functions")
        return
    yield ok("VoiceUrl refuses a request without Twilio's signature (403)")


def check_record(context: Context) -> Iterator[Finding]:
    """Look into the table, because the webhook answers even when it could not write."""
    table = context.facts.get(Stack).outputs["CallsTable"]
    found = CallTable(context.aws.dynamodb, table).read(context.call_sid)
    if found.call is None:
        message = f"the call of the signed request is not in the table {table}: calls would not be recorded"
        yield fail(message, _LOG.format("the voice webhook"))
        return
    yield ok(f"the test call is recorded in {table}; its row expires by itself, like every other")


def _make_form(context: Context, secret: TwilioSecret) -> dict[str, str]:
    return {
        "AccountSid": secret.account_sid,
        "ApiVersion": "2010-04-01",
        "CallSid": context.call_sid,
        "CallStatus": "ringing",
        "CallerName": "",  # blank parameters are signed too
        "Direction": "inbound",
        "From": TEST_CALLER,
        "To": TEST_CALLER,
    }


def _post(context: Context, form: dict[str, str], headers: dict[str, str]) -> Response:
    headers |= {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    url = context.facts.get(Stack).voice_url
    try:
        return context.network.request("POST", url, headers=headers, body=urlencode(form).encode())
    except DoctorError as error:
        raise DoctorError(f"VoiceUrl: {error.message}", error.remedy) from None


def _list_faults(root: ElementTree.Element, stack: Stack, secret: TwilioSecret, call_sid: str) -> Iterator[str]:
    stream = root.find("Connect/Stream")
    assert stream is not None, "the caller has checked this"
    if stream.get("url") != stack.stream_url:
        yield f"the stream goes to {stream.get('url')}, not to {stack.stream_url}"
    token = stream.find("Parameter[@name='token']")
    text = "" if token is None else token.get("value", "")
    read = [_read_claims(text, each) for each in secret.stream_token_secrets]
    claims = next((each for each in read if isinstance(each, dict)), None)
    if claims is None:
        yield f"the container will refuse its token ({read[0]})"
    elif claims.get("sub") != call_sid:
        yield "its token is for another call"


def _read_claims(token: str, secret: str) -> dict[str, object] | str:
    """The token's claims, or the name of the error."""
    try:
        claims: dict[str, object] = jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            audience="media-stream",
            options={"verify_iat": False},  # the clock of this machine may be slow
        )
    except jwt.PyJWTError as error:
        return type(error).__name__
    return claims
