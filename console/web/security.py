"""Who may ask: a browser on this machine that was given the printed address, from our own pages, and nobody else.

- The address has a token; who brings it gets a cookie, which every other request must have.
- `Host` must be ours, so that a foreign name which resolves to 127.0.0.1 reads nothing (DNS rebinding).
- `Origin` must be ours for every request that may change something, and for WebSockets, which no same-origin policy
  protects. Pages post with `fetch`: a plain form of a page with `no-referrer` sends `Origin: null`
  (https://fetch.spec.whatwg.org/#append-a-request-origin-header).
- Every response, refusals too, forbids foreign scripts, frames and copies in a cache.
"""

import asyncio
import secrets
from dataclasses import dataclass, field
from functools import partial

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""A response may say otherwise of itself."""

_READS = {"GET", "HEAD"}
_NO_KEY = "Open the address that the program printed when it started: it has the key to these pages."
_OLD_KEY = "This key is not valid. Every start has a new one: open the address that the program printed last."


_LEAD_ON = '<!doctype html><title>Warmline</title><meta http-equiv="refresh" content="0; url=/">'


def _make_secret() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedApp:
    """An application behind the checks. It tells whoever serves it its token, and hears from them when they stop."""

    app: ASGIApp
    stopping: asyncio.Event
    """Set: streams of events end now."""
    token: str = field(default_factory=_make_secret, repr=False)
    cookie: str = field(default_factory=_make_secret, repr=False)
    """Another secret than the token, which stands in the history of the browser."""

    def make_address(self, port: int) -> str:
        return f"http://127.0.0.1:{port}/?token={self.token}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] in ("http", "websocket"), "served without lifespan"
        answer = self._refuse(HTTPConnection(scope))
        await (answer or self.app)(scope, receive, partial(_send_with_headers, send))

    def _refuse(self, request: HTTPConnection) -> Response | None:
        """What is answered in place of the application; None: it may answer."""
        port = request.scope["server"][1]
        hosts = request.headers.getlist("host")
        if hosts not in ([f"127.0.0.1:{port}"], [f"localhost:{port}"]):
            return _forbid(f"Expected Host 127.0.0.1:{port}, got {_quote(', '.join(hosts))}.")
        websocket = request.scope["type"] == "websocket"
        if websocket or request.scope["method"] not in _READS:
            origins = request.headers.getlist("origin")
            if origins != [f"http://{hosts[0]}"]:
                return _forbid(f"Expected Origin http://{hosts[0]}, got {_quote(', '.join(origins))}.")
        elif request.url.path == "/" and "token" in request.query_params:
            return self._exchange_token(request, port)
        if not _equal(request.cookies.get(_name_cookie(port), ""), self.cookie):
            return _forbid(_NO_KEY)
        return None

    def _exchange_token(self, request: HTTPConnection, port: int) -> Response:
        given = request.query_params.getlist("token")
        if len(given) != 1 or not _equal(given[0], self.token):
            return _forbid(_OLD_KEY)
        # A link of another site, such as a terminal in the browser: where that is redirected, no strict cookie is sent.
        # Where our own page leads, it is.
        linked = request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin")
        answer = HTMLResponse(_LEAD_ON) if linked else RedirectResponse("/", status_code=303)
        answer.set_cookie(_name_cookie(port), self.cookie, httponly=True, samesite="strict")
        return answer


def _name_cookie(port: int) -> str:
    """Browsers send a cookie of 127.0.0.1 to all its ports: two programs must not overwrite each other's."""
    return f"warmline_{port}"


def _equal(given: str, expected: str) -> bool:
    return secrets.compare_digest(given.encode(errors="replace"), expected.encode())


def _quote(text: str) -> str:
    return repr(text[:100]) if text else "none"


def _forbid(sentence: str) -> Response:
    return PlainTextResponse(sentence + "\n", status_code=403)


async def _send_with_headers(send: Send, message: Message) -> None:
    if message["type"] in ("http.response.start", "websocket.http.response.start"):
        headers = MutableHeaders(scope=message)
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
    await send(message)
