"""Whether the container accepts streams from Twilio, and from nobody else.

The stream is closed before its `start` message. It names no call, so nothing is recorded and nobody is rung. The
container opens a model session with the handshake, and closes it unused.
"""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from twilio.request_validator import RequestValidator

from doctor.context import Context
from doctor.errors import DoctorError
from doctor.facts import Stack, TwilioSecret
from doctor.findings import Finding, fail, ok
from doctor.websocket import ACCEPTED, WebSocket


def check_unsigned_handshake(context: Context) -> Iterator[Finding]:
    status = _open_stream(context, {})
    if status == ACCEPTED:
        message = "StreamUrl accepts a stream without a signature: anybody could talk at your expense"
        yield fail(message, "deploy the shipped container; see who changed it")
    elif status != 403:
        yield _report_status(status, context.facts.get(Stack))
    else:
        yield ok("StreamUrl refuses a stream without Twilio's signature (403)")


def check_signed_handshake(context: Context) -> Iterator[Finding]:
    stack, secret = context.facts.get(Stack), context.facts.get(TwilioSecret)
    signature = RequestValidator(secret.auth_token).compute_signature(stack.stream_url, {})
    status = _open_stream(context, {"X-Twilio-Signature": str(signature)})
    if status == 403:
        message = "StreamUrl refuses a stream that is signed with the secret's auth token (403)"
        remedy = f"wait a minute and try again; else see the log of {stack.name}'s container: can it read the secret?"
        yield fail(message, remedy)
    elif status != ACCEPTED:
        yield _report_status(status, stack)
    else:
        yield ok("StreamUrl accepts a stream with Twilio's signature; it was closed before it began")


def _open_stream(context: Context, headers: Mapping[str, str]) -> int:
    """The HTTP status of the handshake. An accepted stream is closed at once."""
    url = context.facts.get(Stack).stream_url
    host = urlsplit(url).hostname or ""
    if not url.startswith("wss://") or not host:
        raise DoctorError(f"StreamUrl is {url!r}, but expected was wss://HOST/media-stream")
    with WebSocket(context.network, url, headers) as stream:
        return stream.status


def _report_status(status: int, stack: Stack) -> Finding:
    match status:
        case 503:
            why = "no container takes streams: all are full, draining, or none is healthy"
        case 502 | 504:
            why = "CloudFront or the load balancer does not reach a container"
        case 404:
            why = "this path does not exist"
        case _:
            why = "this answer does not come from the container"
    remedy = f"see the line `service` below, and the log of {stack.name}'s container in CloudWatch"
    return fail(f"StreamUrl answers a handshake with HTTP {status}: {why}", remedy)
