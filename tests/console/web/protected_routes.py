"""Addresses of every kind, and routes of a program, one of which has a defect."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from tests.console.example_call import SID

EVERYWHERE = [
    "/",
    "/calls",
    "/calls?day=foo",
    f"/calls/{SID}",
    "/calls/no-such-call",
    "/api/calls",
    "/api/calls?day=foo",
    "/api/calls.csv",
    f"/api/calls/{SID}",
    f"/api/calls/{SID}/events",
    f"/api/calls/{SID}/recordings/0.wav",
    "/static/call-list.js",
    "/static/no-such-file.js",
    "/no-such-page",
    "/defect",
]


async def _act(_request: Request) -> Response:
    return PlainTextResponse("done")


async def _fail(_request: Request) -> Response:
    raise RuntimeError("a secret of ours")


async def _echo(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())
    await websocket.close()


ROUTES = (Route("/act", _act, methods=["POST"]), Route("/defect", _fail), WebSocketRoute("/echo", _echo))
