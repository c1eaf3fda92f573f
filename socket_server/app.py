"""The ASGI application: a health check, and the WebSocket that Twilio dials."""

import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import boto3
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from call_record import CallTable
from socket_server import call_log, transfer_function
from socket_server.admission import Signatures
from socket_server.agent import Agent
from socket_server.call import Call, Services
from socket_server.call_log import CallLog
from socket_server.errors import SettingError
from socket_server.settings import Settings
from socket_server.threads import Threads
from socket_server.transfer_function import TransferFunction

log = logging.getLogger(__name__)


def make_app(settings: Settings, agent: Agent) -> Starlette:
    """The application; all that its calls share is made here."""
    services = Services(settings, agent, *_clients(settings), ssl.create_default_context())
    doors = _Doors(services)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        # The first caller does not wait for the function to start.
        await services.transfer_function.destinations()
        yield

    routes = [Route("/healthz", healthz), WebSocketRoute("/media-stream", doors.media_stream)]
    return Starlette(routes=routes, lifespan=lifespan)


def _clients(settings: Settings) -> tuple[TransferFunction, CallLog]:
    """The clients of AWS, on threads of their own each: a table that hangs does not keep callers from a person."""
    region = settings.aws_region or boto3.session.Session().region_name  # the SDK's own configuration files
    if not region:
        raise SettingError("AWS_REGION is missing")
    functions = boto3.client("lambda", region_name=region, config=transfer_function.CLIENT)
    tables = boto3.client("dynamodb", region_name=region, config=call_log.CLIENT)
    return (
        TransferFunction(settings.transfer_function, Threads("transfer"), functions),
        CallLog(CallTable(tables, settings.calls_table), Threads("record")),
    )


async def healthz(_: Request) -> Response:
    """200 while the process lives, draining or not: whoever fails it loses all its calls at once."""
    return PlainTextResponse("ok")


class _Doors:
    """Lets streams in: signed by Twilio, as many as the process can serve."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._signatures = Signatures(services.settings.twilio_auth_token, services.settings.stream_url)
        self._calls = 0

    async def media_stream(self, websocket: WebSocket) -> None:
        if not self._signatures.valid(websocket.headers.get("x-twilio-signature")):
            log.warning("handshake refused: no valid signature for STREAM_URL")
            await websocket.send_denial_response(Response(status_code=403))
            return
        if self._calls >= self._services.settings.max_calls:
            log.warning("handshake refused: %d calls are in progress", self._calls)
            await websocket.send_denial_response(Response(status_code=503))
            return
        self._calls += 1
        log.info("calls in progress: %d", self._calls)
        try:
            await Call(websocket, self._services).run()
        finally:
            self._calls -= 1
            log.info("calls in progress: %d", self._calls)
