"""What a REST request gets on a bad day of Twilio's, or of something that stands in between."""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.twilio import errors
from sandbox.twilio.errors import RestError
from sandbox.twilio.faults import RestFault
from sandbox.twilio.loopback_server import ABORT
from sandbox.twilio.resources import to_error_resource


def seen_status(fault: RestFault) -> tuple[int, int | None]:
    """The HTTP status and Twilio's code that the client gets; 0 and None: no answer."""
    if fault.hang or fault.drop:
        return 0, None
    return fault.status, None if fault.body is not None else _code(fault)


async def answer_with_fault(fault: RestFault, request: Request) -> Response:
    if fault.hang:
        await asyncio.get_running_loop().create_future()
    if fault.drop:
        request.scope["extensions"][ABORT]()
        while (await request.receive())["type"] != "http.disconnect":
            pass
        return Response()  # nobody gets it
    if fault.body is not None:
        return Response(fault.body, fault.status)
    # Twilio's messages quote what was given, numbers too.
    error = RestError(fault.status, _code(fault), "This is a fault of the sandbox's, for +15550109999")
    if fault.problem:
        body = {"type": "https://www.twilio.com/docs/api/errors", "title": error.detail}
        return JSONResponse(body | {"status": error.status, "code": error.code}, error.status)
    return JSONResponse(to_error_resource(error), error.status)


def _code(fault: RestFault) -> int:
    return fault.code or (errors.BUSY if fault.status == 429 else errors.INTERNAL)
