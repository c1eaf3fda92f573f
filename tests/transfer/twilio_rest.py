"""Twilio's REST API on loopback, as far as a transfer uses it: update, fetch and list of calls.

It refuses what Twilio refuses: wrong credentials, parameters that UpdateCall does not have, `Url` beside
`Twiml`, too much TwiML, relative URLs in it, calls that are unknown or over. An update that is accepted is
remembered. What Twilio does on a bad day is put into `faults`, one for each request to come.
https://www.twilio.com/docs/voice/api/call-resource
"""

import base64
import json
import threading
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree

from sandbox.http_stand_in import HttpStandIn, Request, Response
from tests.bounds import WAIT_S

ACCOUNT = "AC" + "0" * 32
USER, PASSWORD = ACCOUNT, "a" * 32
UPDATE_PARAMETERS = {
    "Url",
    "Method",
    "Status",
    "FallbackUrl",
    "FallbackMethod",
    "StatusCallback",
    "StatusCallbackMethod",
    "Twiml",
    "TimeLimit",
}
LIST_PARAMETERS = {
    "To",
    "From",
    "ParentCallSid",
    "Status",
    "StartTime",
    "EndTime",
    "PageSize",
    "Page",
    "PageToken",
}
URL_ATTRIBUTES = ("action", "url", "statusCallback", "waitUrl", "recordingStatusCallback")


@dataclass(frozen=True)
class Error:
    """An answer that is not a success. `code` None: an HTML page, as a proxy would send."""

    status: int
    code: int | None = None
    applied: bool = False
    """The update takes place all the same."""
    problem: bool = False
    """In the newer form of RFC 9457."""


@dataclass(frozen=True)
class Silence:
    """No answer at all, until the server is closed."""

    applied: bool = False


@dataclass(frozen=True)
class Dropped:
    """The connection is closed in place of an answer."""

    applied: bool = False


@dataclass(frozen=True)
class Odd:
    """A success with this body, which Twilio would never send; the update takes place."""

    body: str
    applied: bool = True


type Fault = Error | Silence | Dropped | Odd


@dataclass
class TwilioRest(HttpStandIn):
    """Has the calls that a test gives it."""

    calls: dict[str, str] = field(default_factory=dict)
    """CallSid -> status."""
    legs: dict[str, list[str]] = field(default_factory=dict)
    """CallSid -> statuses of its child calls."""
    faults: list[Fault | None] = field(default_factory=list)
    """For the requests to come, in order; None: an ordinary answer."""
    requests: list[tuple[str, str]] = field(default_factory=list)
    """Method and path of everything that was asked."""
    updates: list[tuple[str, str]] = field(default_factory=list)
    """CallSid and TwiML of every update that took place."""
    fallbacks: list[str | None] = field(default_factory=list)
    """FallbackUrl of each of them; None: it had none, and the call has no fallback any more."""

    def __enter__(self) -> Self:
        self._closing = threading.Event()
        return super().__enter__()

    def __exit__(self, *error: object) -> None:
        self._closing.set()
        super().__exit__(*error)

    def forget(self) -> None:
        """As new."""
        for kept in (self.calls, self.legs, self.faults, self.requests, self.updates, self.fallbacks):
            kept.clear()

    def response(self, request: Request) -> Response | None:
        url = urlsplit(request.target)
        self.requests.append((request.method, url.path))
        fault = self.faults.pop(0) if self.faults else None
        status, content = self._answer(request, url.path, url.query, fault)
        match fault:
            case Silence():
                self._closing.wait(WAIT_S)
                return None
            case Dropped():
                return None
            case Odd(body):
                return Response(200, body.encode())
            case Error(status, None):
                return Response(status, b"<html>Bad gateway</html>")
            case Error(status, code, problem=True):
                kind = "https://www.twilio.com/docs"
                content = {"type": kind, "title": "No", "status": status, "code": code}
            case Error(status, code):
                content = {"code": code, "message": "Not to +15550109999", "status": status}
        return Response(status, json.dumps(content).encode())

    def _answer(self, request: Request, path: str, query: str, fault: Fault | None) -> tuple[int, object]:
        expected = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if request.headers.get("Authorization") != expected:
            return _error(401, 20003)
        prefix = f"/2010-04-01/Accounts/{ACCOUNT}/Calls"
        if request.method == "GET" and path == prefix + ".json":
            return self._list(dict(parse_qsl(query)))
        call_sid = path.removeprefix(prefix + "/").removesuffix(".json")
        if call_sid not in self.calls:
            return _error(404, 20404)
        if request.method == "POST" and (fault is None or fault.applied):
            return self._update(call_sid, dict(parse_qsl(request.body.decode(), keep_blank_values=True)))
        return 200, {"sid": call_sid, "status": self.calls[call_sid]}

    def _list(self, parameters: dict[str, str]) -> tuple[int, object]:
        assert parameters.keys() <= LIST_PARAMETERS, parameters
        legs = self.legs.get(parameters.get("ParentCallSid", ""), [])
        return 200, {
            "calls": [{"sid": f"CA{n}", "status": status} for n, status in enumerate(legs)],
            "page": 0,
        }

    def _update(self, call_sid: str, parameters: dict[str, str]) -> tuple[int, object]:
        assert parameters.keys() <= UPDATE_PARAMETERS, parameters
        assert not {"Url", "Twiml"} <= parameters.keys()
        if self.calls[call_sid] != "in-progress":
            return _error(400, 21220)
        twiml = parameters["Twiml"]
        assert len(twiml) <= 4000
        for element in ElementTree.fromstring(twiml).iter():  # noqa: S314 (our own)
            for name in URL_ATTRIBUTES:
                assert element.get(name, "https://").startswith("https://"), "error 15004"
        self.updates.append((call_sid, twiml))
        self.fallbacks.append(parameters.get("FallbackUrl"))
        return 200, {"sid": call_sid, "status": "in-progress"}


def _error(status: int, code: int) -> tuple[int, object]:
    return status, {"code": code, "message": "No.", "status": status}
