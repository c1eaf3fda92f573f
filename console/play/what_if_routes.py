"""The buttons of `what_if.py` for a page: what there is, and to press one."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.play.what_if import FAULTS, UnknownFaultError, WhatIf
from console.web.api import respond_json
from sandbox.program import ProgramError


def make_routes(what_if: WhatIf) -> tuple[Route, Route]:
    """GET and POST under /api/what-if. One button is carried out at a time."""
    turn = asyncio.Lock()

    async def show(_: Request) -> Response:
        return _respond(what_if)

    async def press(request: Request) -> Response:
        try:
            async with turn:
                await what_if.press(request.path_params["name"])
        except UnknownFaultError as error:
            raise HTTPException(404, str(error)) from None
        except ProgramError as error:
            raise HTTPException(503, f"No container came up: {error}") from None
        return _respond(what_if)

    return Route("/api/what-if", show), Route("/api/what-if/{name}", press, methods=["POST"])


def _respond(what_if: WhatIf) -> Response:
    return respond_json(
        {
            "faults": [
                {
                    "name": each.name,
                    "title": each.title,
                    "expected": each.expected,
                    "lasts": each.lasts,
                    "on": each.name in what_if.lasting,
                }
                for each in FAULTS
            ]
        }
    )
