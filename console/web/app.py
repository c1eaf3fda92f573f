"""The application: pages over one source of calls, behind the checks of `security.py`.

A program adds its own with an `Extension`. `serve.py` runs it.
"""

import asyncio
from pathlib import Path

import jinja2
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from console.call_source import CallSource
from console.web import api, downloads, pages
from console.web.app_state import AppState, Extension
from console.web.event_stream import Pace
from console.web.problems import HANDLERS
from console.web.security import ProtectedApp
from console.web.static_files import TypedStaticFiles

_HERE = Path(__file__).parent
_ROUTES = (
    Route("/", pages.show_list),
    Route("/calls", pages.show_list),
    Route("/calls/{sid}", pages.show_call),
    Route("/api/calls", api.list_calls),
    Route("/api/calls.csv", downloads.download_csv),
    Route("/api/calls.json", downloads.download_json),
    Route("/api/events", api.watch_list),
    Route("/api/calls/{sid}", api.get_call),
    Route("/api/calls/{sid}/events", api.watch_call),
    Route("/api/calls/{sid}/entries/{number}", api.get_messages),
    Route("/api/calls/{sid}/report.html", downloads.download_report),
    Route("/api/calls/{sid}/recordings/{index}.wav", api.get_recording),
)


def make_app(source: CallSource, extension: Extension | None = None, *, pace: Pace | None = None) -> ProtectedApp:
    """The whole application; `extension` is what a program adds."""
    extension = extension or Extension()
    stopping = asyncio.Event()
    static = TypedStaticFiles([folder for folder in (extension.static, _HERE / "static") if folder])
    routes = [*extension.routes, *_ROUTES, Mount("/static", static)]
    app = Starlette(routes=routes, exception_handlers=HANDLERS)
    app.state.shared = AppState(
        source=source,
        extension=extension,
        templates=_make_templates(extension.templates),
        stopping=stopping,
        pace=pace or Pace(),
    )
    return ProtectedApp(app=app, stopping=stopping)


def _make_templates(folder: Path | None) -> jinja2.Environment:
    folders = [each for each in (folder, _HERE / "templates") if each]
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
