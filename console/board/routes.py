"""What the board adds to the pages of a call: its log lines, and two orders, each of which a question came before."""

import re
from pathlib import Path

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.board.actions import ActionError, Actions, Told
from console.board.log_links import LogGroups
from console.call_json import JsonObject, encode
from console.call_source import CallSource
from console.web.api import respond_json
from console.web.app_state import Extension
from console.web.problems import respond_problem

HERE = Path(__file__).parent
CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}")
MAX_BODY_BYTES = 2000


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a POST."""

    request_id: str
    """A new one for each question that was answered."""
    destination: str = ""


def make_extension(source: CallSource, actions: Actions, logs: LogGroups | None) -> Extension:
    """For `make_app`, whose checks of Origin and cookie come before all of this. `logs`: None without CloudWatch."""
    board = _Board(source, actions, logs)
    return Extension(
        routes=(
            Route("/api/board/destinations", board.list_destinations),
            Route("/api/board/calls/{sid}/logs", board.show_logs),
            Route("/api/board/calls/{sid}/transfer", board.put_through, methods=["POST"]),
            Route("/api/board/calls/{sid}/end", board.say_goodbye, methods=["POST"]),
        ),
        templates=HERE / "templates",
        static=HERE / "static",
        call_template="board_call.html",
    )


class _Board:
    def __init__(self, source: CallSource, actions: Actions, logs: LogGroups | None) -> None:
        self._source = source
        self._actions = actions
        self._logs = logs

    async def list_destinations(self, request: Request) -> Response:
        try:
            found = await self._actions.list_destinations()
        except ActionError as error:
            return respond_problem(request, 502, str(error))
        return respond_json({"destinations": [encode(each, show_numbers=False) for each in found]})

    async def show_logs(self, request: Request) -> Response:
        view = await self._source.read_call(_read_sid(request))
        if view is None:
            raise HTTPException(404, "There is no such call.")
        summary = view.summary
        if self._logs is None:
            return respond_json({"url": None})
        link = self._logs.link(summary.sid, summary.began_at_ms, summary.ended_at_ms)
        return respond_json({"url": link})

    async def put_through(self, request: Request) -> Response:
        sid, order = _read_sid(request), await _read_order(request)
        if not order.destination:
            raise HTTPException(400, "Expected a destination, got none.")
        try:
            return respond_json(_encode(await self._actions.put_through(sid, order.destination, order.request_id)))
        except ActionError as error:
            return respond_problem(request, 502, str(error))

    async def say_goodbye(self, request: Request) -> Response:
        sid, order = _read_sid(request), await _read_order(request)
        try:
            return respond_json(_encode(await self._actions.say_goodbye(sid, order.request_id)))
        except ActionError as error:
            return respond_problem(request, 502, str(error))


def _read_sid(request: Request) -> str:
    sid = str(request.path_params["sid"])
    if not CALL_SID.fullmatch(sid):
        raise HTTPException(404, "There is no such call.")
    return sid


async def _read_order(request: Request) -> Order:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY_BYTES:
            raise HTTPException(413, f"Expected at most {MAX_BODY_BYTES} bytes.")
    try:
        return msgspec.json.decode(body, type=Order)
    except msgspec.DecodeError as error:
        raise HTTPException(400, f"Expected JSON with request_id, and perhaps destination: {error}.") from None


def _encode(told: Told) -> JsonObject:
    return {"done": told.done, "sentence": encode(told.sentence, show_numbers=False)}
