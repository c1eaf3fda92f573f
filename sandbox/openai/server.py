"""The model: a WebSocket server on loopback that speaks the Realtime protocol, played by a behaviour.

`behaviour` decides what is said: `Scripted` for tests, `ScriptedVoice` for the demo. The server refuses what the
service refuses in the handshake: no bearer token (401), no model or another path, the retired beta header (an
error event, then close code 4000). What the service serves and this one does not gets 501 (`not_simulated.py`). It also
says which models there are (`models.py`).
"""

import asyncio
import http
import itertools
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from sandbox.loopback import shrink_buffers
from sandbox.not_simulated import NotSimulatedError, check_simulated
from sandbox.openai.faults import Faults
from sandbox.openai.models import MODELS, SERVED, Served, describe_model
from sandbox.openai.not_simulated import HANDSHAKES
from sandbox.openai.output_items import Pace
from sandbox.openai.received_events import WAIT_TIMEOUT_S
from sandbox.openai.session import Session
from sandbox.openai.wire import Wire

_LARGEST_FRAME_BYTES = 16 * 1024 * 1024  # an append may carry 15 MiB of base64


class Behaviour(Protocol):
    """Who plays the sessions."""

    async def converse(self, session: Session) -> None:
        """Play this session; cancelled when the socket closes."""


class ModelServer:
    """The service. Use it as an async context; `url` is what a client's REALTIME_URL is set to.

    With `narrow` little can be on its way to it, see `loopback.py`. What a behaviour or a session raises is
    raised again when the context ends: a test cannot miss it.
    """

    def __init__(
        self,
        behaviour: Behaviour,
        *,
        api_key: str | None = None,
        beta_names: bool = False,
        faults: Faults | None = None,
        pace: Pace | None = None,
        narrow: bool = False,
    ) -> None:
        self.behaviour = behaviour
        self.api_key = api_key  # None: any will do
        self.beta_names = beta_names
        self.faults = faults or Faults()
        self.pace = pace or Pace()
        self.models: dict[str, Served] = dict.fromkeys(SERVED)
        self.sessions: list[Session] = []  # every session ever opened
        self._asked: asyncio.Queue[Headers] = asyncio.Queue()
        self._opened: asyncio.Queue[Session] = asyncio.Queue()
        self._failures: list[Exception] = []
        self._numbers = itertools.count(1)
        self._narrow = narrow
        self._server: Server | None = None

    @property
    def url(self) -> str:
        """Where the model listens."""
        assert self._server is not None, "the server has not been started"
        port = next(iter(self._server.sockets)).getsockname()[1]
        return f"ws://127.0.0.1:{port}/v1/realtime"

    async def wait_for_session(self) -> Session:
        """Wait for the next session that a client opens; each is returned once."""
        return await _wait_for_next(self._opened, "session was opened")

    async def wait_for_handshake(self) -> Headers:
        """Wait for the next handshake and return its headers; it may be refused or held back later."""
        return await _wait_for_next(self._asked, "handshake was begun")

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._serve,
            "127.0.0.1",
            0,
            process_request=self._answer_handshake,
            compression=None,
            max_size=_LARGEST_FRAME_BYTES,
            ping_interval=None,
            close_timeout=1,
        )
        if self._narrow:
            for each in self._server.sockets:
                shrink_buffers(each)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()
        if self._failures and error is None:
            raise ExceptionGroup("sessions of the sandbox's model failed", self._failures)

    async def _answer_handshake(self, connection: ServerConnection, request: Request) -> Response | None:
        self._asked.put_nowait(request.headers)
        faults = self.faults
        if faults.accept_when is not None:
            await faults.accept_when.wait()
        if faults.handshake_status is not None:
            refusal = connection.respond(http.HTTPStatus(faults.handshake_status), "The sandbox refuses.\n")
            if faults.retry_after is not None:
                refusal.headers["Retry-After"] = faults.retry_after
            return refusal
        return self._check_request(connection, request)

    def _check_request(self, connection: ServerConnection, request: Request) -> Response | None:
        target = urlsplit(request.path)
        query = [(f"GET {target.path}?{name}", value) for name, value in parse_qsl(target.query)]
        try:
            check_simulated([(f"GET {target.path}", ""), *query], HANDSHAKES)
        except NotSimulatedError as error:
            return connection.respond(http.HTTPStatus.NOT_IMPLEMENTED, f"{error}\n")
        if target.path != "/v1/realtime" and not target.path.startswith(MODELS):
            return connection.respond(http.HTTPStatus.NOT_FOUND, "Unknown path.\n")
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not key or self.api_key not in (None, key):
            return connection.respond(http.HTTPStatus.UNAUTHORIZED, "Missing or wrong bearer token.\n")
        if target.path.startswith(MODELS):
            return describe_model(connection, self.models, unquote(target.path.removeprefix(MODELS)))
        if not parse_qs(target.query).get("model"):
            return connection.respond(http.HTTPStatus.BAD_REQUEST, "You must provide a model parameter.\n")
        return None

    async def _serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None, "websockets sets the request before it calls the handler"
        model = parse_qs(urlsplit(connection.request.path).query)["model"][0]
        wire = Wire(connection, next(self._numbers), beta_names=self.beta_names)
        session = Session(wire, model, faults=self.faults, pace=self.pace)
        if refusal := _check_after_upgrade(connection.request, model):
            code, message = refusal
            await session.fail(code, message, kind="invalid_request_error")
            await session.close(4000, f"invalid_request_error.{code}")
            return
        self.sessions.append(session)
        self._opened.put_nowait(session)
        await self._play(session)

    async def _play(self, session: Session) -> None:
        """Run the socket and the behaviour together; the behaviour ends when the socket does."""
        try:
            async with asyncio.TaskGroup() as group:
                behaviour = group.create_task(self.behaviour.converse(session))
                await session.run()
                behaviour.cancel()
        except* Exception as failed:  # kept for whoever started the server; other sessions go on
            self._failures.append(failed)
            await session.close(1011)


async def _wait_for_next[T](queue: asyncio.Queue[T], what: str) -> T:
    try:
        return await asyncio.wait_for(queue.get(), WAIT_TIMEOUT_S)
    except TimeoutError:
        raise AssertionError(f"no {what} within {WAIT_TIMEOUT_S} s") from None


def _check_after_upgrade(request: Request, model: str) -> tuple[str, str] | None:
    """Return code and text of what the service refuses only after the upgrade."""
    if "OpenAI-Beta" in request.headers:
        message = "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API."
        return "beta_api_shape_disabled", message
    if not model.startswith("gpt-realtime"):
        return "model_not_found", f"The model '{model}' does not exist or you do not have access to it."
    return None
