"""API Gateway of the sandbox's cloud: requests become events (payload format 2.0), results responses.

A request for no route gets 404; a function that fails, is throttled or answers nonsense gives 500; one that
takes longer than 30 s gives 503. No stages, authorisers, CORS, or limits on the rate. Behind a domain with an API
mapping paths begin with its key, which is no part of the route but, as others report, of `rawPath`.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import asyncio
import base64
import binascii
import time
import urllib.parse
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from sandbox.aws.functions import RunningFunction, TooManyRequestsError

_LIMIT_S = 30.0
_BODY_BYTES = 10 * 1024 * 1024
_TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml")


class _Answer(msgspec.Struct):
    """The response that a function describes. Keys as on the wire."""

    statusCode: int  # noqa: N815 - as on the wire
    headers: dict[str, str | int | float | bool] = {}
    cookies: list[str] = []
    body: str | None = None
    isBase64Encoded: bool = False  # noqa: N815 - as on the wire


class Gateway:
    """One HTTP API. Routes are "METHOD /path", as in "POST /voice/incoming", or "$default".

    `mapping` is "", or a slash and the key by which a domain leads here.
    """

    def __init__(self, routes: Mapping[str, RunningFunction], account_id: str, mapping: str = "") -> None:
        self._routes = routes
        self._mapping = mapping
        self._account_id = account_id

    async def answer(self, request: Request) -> Response:
        """What the route's function answers over HTTP."""
        if not request.url.path.startswith(f"{self._mapping}/"):
            return _make_message(404, "Not Found")
        route = f"{request.method} {request.url.path.removeprefix(self._mapping)}"
        if route not in self._routes:
            route = "$default"
        if route not in self._routes:
            return _make_message(404, "Not Found")
        body = await request.body()
        if len(body) > _BODY_BYTES:
            return _make_message(413, "Request Entity Too Large")
        event = make_event(request, body, route, self._account_id)
        try:
            async with asyncio.timeout(_LIMIT_S):
                invocation = await self._routes[route].invoke(msgspec.json.encode(event).decode())
        except TimeoutError:
            return _make_message(503, "Service Unavailable")
        except TooManyRequestsError:
            return _make_message(500, "Internal Server Error")
        if invocation.outcome.failed:
            return _make_message(500, "Internal Server Error")
        return make_response(invocation.outcome.payload)


def make_event(request: Request, body: bytes, route: str, account_id: str) -> dict[str, object]:
    """The event that the function gets for this request."""
    headers, cookies = _join_headers(request)
    query = request.scope["query_string"].decode("ascii")
    event: dict[str, object] = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": request.url.path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": _make_context(request, headers, route, account_id),
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = cookies
    if query:
        event["queryStringParameters"] = _join(urllib.parse.parse_qsl(query, keep_blank_values=True))
    if body:
        event["body"], event["isBase64Encoded"] = _encode_body(body, headers.get("content-type", ""))
    return event


def make_response(payload: str) -> Response:
    """The HTTP response that the function's result describes."""
    try:
        answer = msgspec.json.decode(payload, type=_Answer)
    except msgspec.ValidationError:
        return _make_unformatted_response(payload)
    body = (answer.body or "").encode()
    if answer.isBase64Encoded:
        try:
            body = base64.b64decode(body, validate=True)
        except binascii.Error:
            return _make_message(500, "Internal Server Error")
    response = Response(body, answer.statusCode)
    for name, value in answer.headers.items():
        response.headers[name] = str(value).lower() if isinstance(value, bool) else str(value)
    response.headers.setdefault("content-type", "text/plain;charset=UTF-8")
    for cookie in answer.cookies:
        response.headers.append("set-cookie", cookie)
    return response


def _make_context(request: Request, headers: Mapping[str, str], route: str, account_id: str) -> dict[str, object]:
    host = headers.get("host", "").partition(":")[0]
    now = datetime.now(UTC)
    return {
        "accountId": account_id,
        "apiId": "sandbox",
        "domainName": host,
        "domainPrefix": host.partition(".")[0],
        "http": {
            "method": request.method,
            "path": request.url.path,
            "protocol": "HTTP/1.1",
            "sourceIp": request.client.host if request.client else "",
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": base64.b64encode(uuid.uuid4().bytes).decode(),
        "routeKey": route,
        "stage": "$default",
        "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(now.timestamp() * 1000),
    }


def _make_unformatted_response(payload: str) -> Response:
    """A result without statusCode is the body, as JSON; one with a statusCode is malformed."""
    result = msgspec.json.decode(payload)
    if isinstance(result, dict) and "statusCode" in result:
        return _make_message(500, "Internal Server Error")
    text = result if isinstance(result, str) else payload
    return Response(text, media_type="application/json")


def _join_headers(request: Request) -> tuple[dict[str, str], list[str]]:
    """Headers in lower case, values of one name joined; cookies apart."""
    pairs = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in request.headers.raw]
    cookies = [cookie for name, value in pairs if name == "cookie" for cookie in value.split("; ")]
    headers = _join([pair for pair in pairs if pair[0] != "cookie"])
    source = request.client.host if request.client else ""
    headers["x-forwarded-for"] = ", ".join(filter(None, (headers.get("x-forwarded-for"), source)))
    headers["x-forwarded-port"] = "443"
    headers["x-forwarded-proto"] = "https"
    headers["x-amzn-trace-id"] = f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]}"
    return headers, cookies


def _join(pairs: list[tuple[str, str]]) -> dict[str, str]:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return {name: ",".join(several) for name, several in values.items()}


def _encode_body(body: bytes, content_type: str) -> tuple[str, bool]:
    """Only types known as text come as text: a form, which is what Twilio posts, comes in base64."""
    if content_type.lower().startswith(_TEXT_TYPES):
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode(), True


def _make_message(status: int, message: str) -> Response:
    return Response(msgspec.json.encode({"message": message}), status, media_type="application/json")
