"""What every request of one application shares."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import jinja2
from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute

from console.call_source import CallSource
from console.web.event_stream import Pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A place in the header."""

    path: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """What a program adds to the pages. It is protected as they are, and looks like them."""

    routes: Sequence[BaseRoute] = ()
    """Looked at before our own: one for "/" makes another home page; the list stays at "/calls"."""
    templates: Path | None = None
    """Its folder; they extend `base.html`, and are shown with `pages.render`."""
    static: Path | None = None
    """A folder of files under /static/."""
    links: Sequence[Link] = ()
    list_template: str = "calls.html"
    call_template: str = "call.html"
    """Another page of a call; it extends call.html and fills its blocks."""
    how_to_call: str = "Call your number"
    """How the user makes a call appear: the start of a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppState:
    """Reached by `get_state`."""

    source: CallSource
    extension: Extension
    templates: jinja2.Environment
    stopping: asyncio.Event
    pace: Pace = field(default_factory=Pace)


def get_state(request: HTTPConnection) -> AppState:
    """The state of the application that got the request."""
    state = request.app.state.shared
    assert isinstance(state, AppState), "make_app sets it"
    return state
