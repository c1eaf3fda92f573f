"""The pages: HTML that loads the modules which show calls."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse

from console.call_source import CallQuery
from console.call_view import Outcome
from console.web.app_state import Link, get_state
from console.web.calls import read_call
from console.web.queries import QueryError, read_query, read_shows_numbers, write_query

OUTCOMES: Mapping[Outcome, str] = {
    "running": "Running",
    "talked": "Talked with a person",
    "answered": "Answered by the assistant",
    "message": "Left a message",
    "nobody": "Nobody came",
    "failed": "Failed",
    "unknown": "Unknown",
}
"""As the filter shows them."""
_CALLS = Link(path="/calls", title="Calls")


def render(request: Request, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """A page of the common layout."""
    state = get_state(request)
    common = {
        "source_name": state.source.name,
        "links": [*state.extension.links, _CALLS],
        "path": request.url.path,
    }
    html = state.templates.get_template(template).render(common | values)
    return HTMLResponse(html.encode(errors="replace"), status)


async def show_list(request: Request) -> HTMLResponse:
    """The list of calls. Its module asks for them, so that they are read once and not twice."""
    extension = get_state(request).extension
    given = request.query_params
    problem = ""
    query = CallQuery()
    shows_numbers = False
    try:
        query, shows_numbers = read_query(given), read_shows_numbers(given)
    except QueryError as error:
        problem = str(error)
    return render(
        request,
        extension.list_template,
        status=400 if problem else 200,
        path=_CALLS.path,
        given=given,
        query=query,
        shows_numbers=shows_numbers,
        query_text=write_query(given),
        problem=problem,
        outcomes=OUTCOMES,
        how_to_call=extension.how_to_call,
    )


async def show_call(request: Request) -> HTMLResponse:
    """The page of one call."""
    view = await read_call(request)
    running = view.summary.outcome == "running"
    return render(request, get_state(request).extension.call_template, sid=view.summary.sid, running=running)
