"""Twilio's REST API, as far as calls and messages go, with Twilio's own errors.

https://www.twilio.com/docs/voice/api/call-resource. `messages` has what can be done with an SMS. What Twilio answers
and this carrier does not simulate gets the sandbox's own 501, without a code of Twilio's.
"""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.not_simulated import NotSimulatedError
from sandbox.twilio import account_rest, errors
from sandbox.twilio.call_lists import list_calls
from sandbox.twilio.call_requests import create_call, delete_call, update_call
from sandbox.twilio.calls import Call
from sandbox.twilio.credentials import authenticate
from sandbox.twilio.errors import RestError
from sandbox.twilio.event_log import TimedEvent
from sandbox.twilio.events import Operation, RestRequest
from sandbox.twilio.faults import RestFault
from sandbox.twilio.messages import create_message
from sandbox.twilio.network import Network
from sandbox.twilio.resources import refuse, to_call_resource
from sandbox.twilio.rest_faults import answer_with_fault, seen_status
from sandbox.twilio.rest_features import check_resource

Parameters = Sequence[tuple[str, str]]
Body = dict[str, object]


def make_rest_app(network: Network, calls: dict[str, Call], credentials: Mapping[str, str]) -> Starlette:
    """`credentials`: user names (account sid or API key sid) and their secrets."""
    api, of_account = _Api(network, calls, credentials), account_rest.make_routes(network, credentials)
    account = "/2010-04-01/Accounts/{account}"
    return Starlette(
        routes=[
            Route(f"{account}/Calls.json", api.create, methods=["POST"]),
            Route(f"{account}/Calls.json", api.list, methods=["GET"]),
            Route(f"{account}/Calls/{{sid}}.json", api.fetch, methods=["GET"]),
            Route(f"{account}/Calls/{{sid}}.json", api.update, methods=["POST"]),
            Route(f"{account}/Calls/{{sid}}.json", api.delete, methods=["DELETE"]),
            Route(f"{account}/Messages.json", api.send, methods=["POST"]),
            *of_account,
            Route("/{path:path}", api.refuse_unknown, methods=["GET", "POST", "PUT", "DELETE"]),
        ]
    )


class _Api:
    def __init__(self, network: Network, calls: dict[str, Call], credentials: Mapping[str, str]) -> None:
        self._network = network
        self._calls = calls
        self._credentials = credentials

    async def create(self, request: Request) -> Response:
        def act(parameters: Parameters) -> Body:
            return to_call_resource(create_call(self._network, self._calls, parameters))

        return await self._answer(request, "create", act, success=201)

    async def list(self, request: Request) -> Response:
        def act(parameters: Parameters) -> Body:
            return list_calls(self._network.account_sid, self._calls, parameters)

        return await self._answer(request, "list", act)

    async def fetch(self, request: Request) -> Response:
        def act(_: Parameters) -> Body:
            return to_call_resource(self._call(request))

        return await self._answer(request, "fetch", act)

    async def update(self, request: Request) -> Response:
        def act(parameters: Parameters) -> Body:
            call = self._call(request)
            update_call(call, parameters)
            return to_call_resource(call)

        return await self._answer(request, "update", act)

    async def delete(self, request: Request) -> Response:
        def act(_: Parameters) -> Body:
            delete_call(self._call(request), self._calls)
            return {}

        return await self._answer(request, "delete", act, success=204)

    async def send(self, request: Request) -> Response:
        def act(parameters: Parameters) -> Body:
            return create_message(self._network, parameters)

        return await self._answer(request, "send", act, success=201)

    async def refuse_unknown(self, request: Request) -> Response:
        try:
            check_resource(request.method, request.url.path)
        except NotSimulatedError as error:
            return refuse(error)
        return refuse(RestError(404, errors.NOT_FOUND, f"The requested resource {request.url.path} was not found"))

    async def _answer(
        self,
        request: Request,
        operation: Operation,
        act: Callable[[Parameters], Body],
        success: int = 200,
    ) -> Response:
        """Authenticate, act unless a fault that is due keeps from it, and note what was asked and answered."""
        given = request.url.query.encode() if request.method == "GET" else await request.body()
        parameters = tuple(parse_qsl(given.decode(errors="replace"), keep_blank_values=True))
        sid = request.path_params.get("sid") or dict(parameters).get("ParentCallSid", "")
        fault = self._take_fault(operation)
        body: Body = {}
        try:
            authenticate(request, self._network.account_sid, self._credentials)
            if fault is None or fault.applied:
                body = act(parameters)
        except (RestError, NotSimulatedError) as error:
            refusal, code = refuse(error), error.code if isinstance(error, RestError) else None
            self._note(sid, RestRequest(operation, parameters, refusal.status_code, code, applied=False))
            return refusal
        sid = str(body.get("sid", sid))
        if fault is None:
            self._note(sid, RestRequest(operation, parameters, success, None))
            return JSONResponse(body, success) if body else Response(status_code=success)
        self._note(sid, RestRequest(operation, parameters, *seen_status(fault), applied=fault.applied))
        return await answer_with_fault(fault, request)

    def _take_fault(self, operation: Operation) -> RestFault | None:
        faults = self._network.faults.rest
        if faults and faults[0].operation in (None, operation):
            return faults.popleft()
        return None

    def _call(self, request: Request) -> Call:
        call = self._calls.get(request.path_params["sid"])
        if call is None:
            raise RestError(404, errors.NOT_FOUND, f"The requested resource {request.url.path} was not found")
        return call

    def _note(self, sid: str, what: RestRequest) -> None:
        call = self._calls.get(sid)
        if call is not None:
            call.note(what)
        else:
            now_ms = self._network.clock.now_ms
            self._network.events.append(TimedEvent(now_ms, now_ms, sid, what))
