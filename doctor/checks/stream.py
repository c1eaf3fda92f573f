"""Whether the container opens the door to Twilio, and to nobody else.

The stream is closed before it has begun: no call is named, so nothing is recorded and nothing rings. A container opens
its line to the model with the door; it closes it unused.
"""

import contextlib
from collections.abc import Iterator
from urllib.parse import urlsplit

from twilio.request_validator import RequestValidator
from websockets.exceptions import InvalidHandshake, InvalidStatus, WebSocketException
from websockets.sync.client import connect

from doctor.errors import DoctorError
from doctor.facts import Stack, TwilioSecret
from doctor.findings import Finding, ok, wrong
from doctor.network import STEP_S, network_error
from doctor.patient import Patient

ACCEPTED = 101


def unsigned(patient: Patient) -> Iterator[Finding]:
    status = _shaken(patient, {})
    if status == ACCEPTED:
        says = "StreamUrl accepts a stream without a signature: anybody could talk at your expense"
        yield wrong(says, "deploy the shipped container; see who changed it")
    elif status != 403:
        yield _unexpected(status, patient.chart.get(Stack))
    else:
        yield ok("StreamUrl refuses a stream without Twilio's signature (403)")


def signed(patient: Patient) -> Iterator[Finding]:
    stack, secret = patient.chart.get(Stack), patient.chart.get(TwilioSecret)
    signature = RequestValidator(secret.auth_token).compute_signature(stack.stream_url, {})
    status = _shaken(patient, {"X-Twilio-Signature": str(signature)})
    if status == 403:
        says = "StreamUrl refuses a stream that is signed with the secret's auth token (403)"
        cure = f"wait a minute and try again; else see the log of {stack.name}'s container: can it read the secret?"
        yield wrong(says, cure)
    elif status != ACCEPTED:
        yield _unexpected(status, stack)
    else:
        yield ok("StreamUrl accepts a stream with Twilio's signature; it was closed before it began")


def _shaken(patient: Patient, headers: dict[str, str]) -> int:
    """The status of the handshake's answer. The stream, if there is one, is closed at once."""
    url = patient.chart.get(Stack).stream_url
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        with (
            contextlib.closing(patient.network.open(host, parts.port or 443)) as connection,
            connect(
                url,
                sock=connection,
                ssl=patient.network.trust,
                server_hostname=host,
                additional_headers=headers,
                user_agent_header="warmline-doctor",
                compression=None,  # Twilio offers none
                proxy=None,
                open_timeout=STEP_S,
                close_timeout=1,
                ping_interval=None,
            ),
        ):
            return ACCEPTED
    except InvalidStatus as refusal:
        return int(refusal.response.status_code)
    except (InvalidHandshake, WebSocketException) as error:
        raise DoctorError(f"StreamUrl: {host} does not speak WebSocket ({type(error).__name__})") from None
    except OSError as error:
        raise network_error(error, host) from None


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
    cure = f"see the line `service` below, and the log of {stack.name}'s container in CloudWatch"
    return wrong(f"StreamUrl answers a handshake with HTTP {status}: {why}", cure)
