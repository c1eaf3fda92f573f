"""The page with the telephones, for the application of `console/web`."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.play.page_socket import make_route
from console.play.telephones import Telephones
from console.play.what_if import WhatIf
from console.play.what_if_routes import make_routes
from console.web.app_state import Extension, Link
from console.web.pages import render

_HERE = Path(__file__).parent


def make_extension(telephones: Telephones, what_if: WhatIf | None = None) -> Extension:
    """The telephones as the home page. What is shown beside them comes by their WebSocket.

    `what_if`: the buttons beside them; None: there are none, because nothing of Warmline runs.
    """

    async def show(request: Request) -> Response:
        return render(request, "telephones.html", what_if=what_if is not None)

    buttons = make_routes(what_if) if what_if else ()
    return Extension(
        routes=(Route("/", show), make_route(telephones), *buttons),
        templates=_HERE / "templates",
        static=_HERE / "static",
        links=(Link(path="/", title="Telephones"),),
        how_to_call="Press Call on the caller's telephone",
    )
