"""What REST parameters ask of a call, checked as Twilio checks them.

Create: https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource, update:
.../call-resource#update-a-call-resource, delete: .../call-resource#delete-a-call-resource.

A FallbackUrl is asked when the document that a call was sent to, or one that follows it, cannot be had or executed,
with the standard parameters, ErrorCode and ErrorUrl
(https://www.twilio.com/docs/usage/security/availability-reliability): that is documented for Url. Believed: that it
counts beside Twiml too (`Faults.fallback_with_twiml`), that it also stands behind the documents that follow, and that
an update takes the place of the fallback that the call had before, so that one without FallbackUrl has none.
"""

import re
from collections.abc import Collection, Sequence
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from sandbox.twilio import errors
from sandbox.twilio.call_limits import find_limit_error
from sandbox.twilio.call_state import Parties
from sandbox.twilio.calls import Call
from sandbox.twilio.commands import Callback, Fallback, Program
from sandbox.twilio.elements import CALL_EVENTS, Count, Method
from sandbox.twilio.errors import RestError, TwimlError
from sandbox.twilio.events import HangUpBy
from sandbox.twilio.interpreter import Fetch, make_fetch, make_inline_fetch, run
from sandbox.twilio.machine_detection import SILENCE_MS, detect, detect_and_tell
from sandbox.twilio.network import Network
from sandbox.twilio.rest_features import read_parameters
from sandbox.twilio.twiml import parse_inline

MAX_INLINE_CHARACTERS = 4000
_DEFAULT_RING_S = 60
_NUMBER = r"\+[1-9]\d{6,14}"
_FINAL = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


class _Request(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    """What create and update have in common."""

    url: str | None = None
    method: Method = "POST"
    twiml: str | None = None
    fallback_url: str | None = None
    fallback_method: Method = "POST"
    time_limit: Count | None = None


class Create(_Request, frozen=True, kw_only=True):
    to: str = ""
    from_: str = msgspec.field(default="", name="From")
    call_token: str | None = None
    status_callback: str | None = None
    status_callback_method: Method = "POST"
    status_callback_event: tuple[str, ...] = ("completed",)
    timeout: Annotated[int, msgspec.Meta(ge=0, le=600)] = _DEFAULT_RING_S
    machine_detection: Literal["Enable"] | None = None
    machine_detection_timeout: Annotated[int, msgspec.Meta(ge=3, le=60)] = 30
    machine_detection_speech_threshold: Annotated[int, msgspec.Meta(ge=1000, le=6000)] = 2400
    machine_detection_speech_end_threshold: Annotated[int, msgspec.Meta(ge=500, le=5000)] = 1200
    machine_detection_silence_timeout: Annotated[int, msgspec.Meta(ge=2000, le=10_000)] = SILENCE_MS
    async_amd: bool = False
    async_amd_status_callback: str | None = None
    async_amd_status_callback_method: Method = "POST"


class Update(_Request, frozen=True, kw_only=True):
    status: Literal["canceled", "completed"] | None = None


def create_call(network: Network, calls: dict[str, Call], parameters: Sequence[tuple[str, str]]) -> Call:
    """Rings somebody; raises `RestError`."""
    request = read_parameters("POST Calls", _gather(parameters), Create)
    _check_parties(request, {*network.numbers, *network.account.verified, *_read_token(network, calls, request)})
    fetch = _read_document(request)
    if fetch is None:
        raise RestError(400, errors.URL_REFUSED, "Url parameter is required")
    if request.async_amd_status_callback is not None:
        _check_url(request.async_amd_status_callback)
    parties = Parties(request.from_, request.to, "outbound-api")
    callback, fallback = _read_callback(request), _read_fallback(request)
    over_limit = find_limit_error(calls.values(), network.account.concurrent_calls, more=1)
    if over_limit is not None and network.faults.over_limit_status is not None:
        raise RestError(network.faults.over_limit_status, over_limit.code, over_limit.detail)
    call = Call(network, calls, parties, callback=callback, fallback=fallback)
    call.outcome.error = over_limit
    call.times.queue_ms = network.call_turns.take(network.clock.now_ms, network.account.calls_per_second)
    call.limit(request.time_limit)
    call.ring(_make_program(call, request, fetch), request.timeout * 1000 + network.faults.extra_ring_ms)
    return call


def _make_program(call: Call, request: Create, fetch: Fetch) -> Program:
    """What the call runs when it is answered: its document, before or after the verdict on who answered."""

    async def program() -> HangUpBy:
        if request.machine_detection is not None and request.async_amd:
            tell = request.async_amd_status_callback, request.async_amd_status_callback_method
            call.start(None, detect_and_tell(call, *tell, request.machine_detection_silence_timeout))
        elif request.machine_detection is not None:
            await detect(call, request.machine_detection_silence_timeout)
        return await run(call, fetch)

    return program


def _read_token(network: Network, calls: dict[str, Call], request: Create) -> list[str]:
    """The number that the request's CallToken allows to show, if it does."""
    call = calls.get(network.call_tokens.get(request.call_token or "", ""))
    return [] if call is None or call.signals.gone.is_set() else [call.from_]


def _check_parties(request: Create, numbers: Collection[str]) -> None:
    if not request.to:
        raise RestError(400, errors.NO_TO, "No 'To' number is specified")
    if not request.from_:
        raise RestError(400, errors.NO_FROM, "No 'From' number is specified")
    if not re.fullmatch(rf"{_NUMBER}|sip:\S+|client:\S+", request.to):
        raise RestError(
            400,
            errors.TO_REFUSED,
            f"The phone number you are attempting to call, {request.to}, is not valid.",
        )
    if request.from_.startswith("client:"):
        return
    if not re.fullmatch(_NUMBER, request.from_):
        raise RestError(400, errors.FROM_REFUSED, f"Invalid From Number (caller ID): {request.from_}")
    if request.from_ not in numbers:
        raise RestError(
            400,
            errors.FROM_UNVERIFIED,
            f"The source phone number provided, {request.from_}, is not yet verified for your account.",
        )


def _read_callback(request: Create) -> Callback | None:
    if request.status_callback is None:
        return None
    if unknown := set(request.status_callback_event) - set(CALL_EVENTS):
        raise RestError(400, errors.BAD_PARAMETER, f"Invalid StatusCallbackEvent {min(unknown)!r}")
    _check_url(request.status_callback)
    return Callback(request.status_callback, request.status_callback_method, frozenset(request.status_callback_event))


def update_call(call: Call, parameters: Sequence[tuple[str, str]]) -> None:
    """Redirects or ends a live call; raises `RestError`."""
    request = read_parameters("POST Calls/*", _gather(parameters), Update)
    if request.url is not None and request.twiml is not None:
        raise RestError(400, errors.BAD_PARAMETER, "Url and Twiml are mutually exclusive")
    fetch = _read_document(request)
    if request.status == "canceled" and call.status not in ("queued", "ringing", *_FINAL):
        raise RestError(400, errors.NOT_IN_PROGRESS, "Call is not queued or ringing. Cannot cancel.")
    if call.status in _FINAL or (fetch is not None and call.status != "in-progress"):
        raise RestError(400, errors.NOT_IN_PROGRESS, "Call is not in-progress. Cannot redirect.")
    if request.status is not None:
        call.hang_up("api")
        return
    if request.time_limit is not None:
        call.limit(request.time_limit)
    if fetch is not None:
        heeded = request.twiml is None or call.network.faults.fallback_with_twiml
        call.twiml.fallback = _read_fallback(request) if heeded else None
        call.redirect(lambda: run(call, fetch))


def delete_call(call: Call, calls: dict[str, Call]) -> None:
    """Forget a call that has ended; raises `RestError`, whose status is believed: the page of 20009 names none."""
    if call.status not in _FINAL:
        raise RestError(409, errors.NOT_COMPLETE, "Cannot delete this resource before it is complete")
    del calls[call.sid]


def _gather(parameters: Sequence[tuple[str, str]]) -> dict[str, object]:
    """One value a name, but for the events, which are a parameter each. Of several in one, separated by spaces as in
    TwiML, only the first counts: believed, as public reports have calls that "stay initiated" (vellum-assistant 6044).
    """
    fields: dict[str, object] = dict(parameters)
    events = tuple(value for name, value in parameters if name == "StatusCallbackEvent")
    if events:
        fields["StatusCallbackEvent"] = tuple(value.split(" ")[0] for value in events)
    return fields


def _read_document(request: _Request) -> Fetch | None:
    """Where the document comes from that the call is to run: None if nothing was asked. A Url comes before Twiml."""
    if request.url is not None:
        _check_url(request.url)
        return make_fetch(request.url, request.method)
    if request.twiml is None:
        return None
    if len(request.twiml) > MAX_INLINE_CHARACTERS:
        detail = f"Twiml size exceeded maximum allowed value of {MAX_INLINE_CHARACTERS} characters"
        raise RestError(400, errors.INLINE_TOO_LONG, detail)
    try:
        return make_inline_fetch(parse_inline(request.twiml))
    except TwimlError as error:
        raise RestError(400, error.code, error.detail) from error


def _read_fallback(request: _Request) -> Fallback | None:
    if request.fallback_url is None:
        return None
    _check_url(request.fallback_url)
    return Fallback(request.fallback_url, request.fallback_method)


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise RestError(400, errors.URL_REFUSED, f"Url is not a valid URL: {url}")
