"""Whether the container opens the door to Twilio, and to nobody else.

The stream is closed before it has begun: no call is named, so nothing is recorded and nothing rings. A container opens
its line to the model with the door; it closes it unused.
"""

import contextlib
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from twilio.request_validator import RequestValidator
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus
from websockets.frames import CloseCode
from websockets.protocol import State
from websockets.uri import parse_uri

from doctor.context import Context
from doctor.errors import DoctorError
from doctor.facts import Stack, TwilioSecret
from doctor.findings import Finding, fail, ok
from doctor.network import explain_network_error

ACCEPTED = 101


def unsigned(context: Context) -> Iterator[Finding]:
    status = _shaken(context, {})
    if status == ACCEPTED:
        message = "StreamUrl accepts a stream without a signature: anybody could talk at your expense"
        yield fail(message, "deploy the shipped container; see who changed it")
    elif status != 403:
        yield _unexpected(status, context.facts.get(Stack))
    else:
        yield ok("StreamUrl refuses a stream without Twilio's signature (403)")


def signed(context: Context) -> Iterator[Finding]:
    stack, secret = context.facts.get(Stack), context.facts.get(TwilioSecret)
    signature = RequestValidator(secret.auth_token).compute_signature(stack.stream_url, {})
    status = _shaken(context, {"X-Twilio-Signature": str(signature)})
    if status == 403:
        message = "StreamUrl refuses a stream that is signed with the secret's auth token (403)"
        remedy = f"wait a minute and try again; else see the log of {stack.name}'s container: can it read the secret?"
        yield fail(message, remedy)
    elif status != ACCEPTED:
        yield _unexpected(status, stack)
    else:
        yield ok("StreamUrl accepts a stream with Twilio's signature; it was closed before it began")


def _shaken(context: Context, headers: Mapping[str, str]) -> int:
    """The status of the handshake's answer. The stream, if there is one, is closed at once.

    The messages are the library's, the socket is read here, within the network's limit for each step. Its own threaded
    client joins a thread without a limit, and that thread may be reading from a file descriptor that was closed and
    given to another socket meanwhile.
    """
    url = context.facts.get(Stack).stream_url
    host = urlsplit(url).hostname or ""
    if not url.startswith("wss://") or not host:
        raise DoctorError(f"StreamUrl is {url!r}, and expected was wss://HOST/media-stream")
    uri = parse_uri(url)
    stream = ClientProtocol(uri)  # without extensions: Twilio offers none
    request = stream.connect()
    request.headers["User-Agent"] = "warmline-doctor"
    request.headers.update(headers)
    stream.send_request(request)
    with contextlib.closing(context.network.secure(uri.host, uri.port)) as connection:
        try:
            connection.sendall(b"".join(stream.data_to_send()))
            while not stream.handshake_exc and not stream.events_received():
                stream.receive_data(received) if (received := connection.recv(4096)) else stream.receive_eof()
        except OSError as error:
            raise explain_network_error(error, host) from None
        if isinstance(stream.handshake_exc, InvalidStatus):
            return int(stream.handshake_exc.response.status_code)
        if stream.handshake_exc:
            raise DoctorError(f"StreamUrl: {host} does not speak WebSocket ({type(stream.handshake_exc).__name__})")
        if stream.state is State.OPEN:  # else it was closed with the answer
            stream.send_close(CloseCode.NORMAL_CLOSURE)
        with contextlib.suppress(OSError):
            connection.sendall(b"".join(stream.data_to_send()))
    return ACCEPTED


def _unexpected(status: int, stack: Stack) -> Finding:
    match status:
        case 503:
            why = "no container takes streams: all are full, draining, or none is healthy"
        case 502 | 504:
            why = "CloudFront or the load balancer does not reach a container"
        case 404:
            why = "nothing is there under this path"
        case _:
            why = "neither the container nor a refusal of its own"
    remedy = f"see the line `service` below, and the log of {stack.name}'s container in CloudWatch"
    return fail(f"StreamUrl answers a handshake with HTTP {status}: {why}", remedy)
