"""A browser without a browser: requests to the application, with its cookie, and nothing between."""

import httpx

from console.web.app import make_app
from console.web.app_state import Extension
from console.web.security import ProtectedApp
from tests.console.calls_in_memory import CallsInMemory
from tests.console.example_call import VIEW

ORIGIN = "http://127.0.0.1:5055"


def make_client(app: ProtectedApp | None = None, *, cookie: bool = True) -> httpx.AsyncClient:
    """A client of the pages; without `app`, of pages over the example call."""
    app = app or make_app(CallsInMemory(VIEW))
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False),
        base_url=ORIGIN,
        cookies={"warmline_5055": app.cookie} if cookie else None,
    )


def make_source_client(source: CallsInMemory, extension: Extension | None = None) -> httpx.AsyncClient:
    return make_client(make_app(source, extension))
