"""The page with the telephones, for the application of `console/web`."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.play.page_socket import make_route
from console.play.telephones import Telephones
from console.web.app_state import Extension, Link
from console.web.pages import render

_HERE = Path(__file__).parent


def make_extension(telephones: Telephones) -> Extension:
    """The telephones as the home page. What is shown beside them comes by their WebSocket."""
    return Extension(
        routes=(Route("/", _show), make_route(telephones)),
        templates=_HERE / "templates",
        static=_HERE / "static",
        links=(Link(path="/", title="Telephones"),),
        how_to_call="Press Call on the caller's telephone",
    )


async def _show(request: Request) -> Response:
    return render(request, "telephones.html")
