"""Calls as JSON, once or as they change. Its addresses begin with /api/."""

from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from console.call_json import JsonObject, dump_json, encode_list, encode_messages, encode_view
from console.call_patch import make_patch
from console.call_source import CallList
from console.call_view import CallView
from console.wav import encode_wav
from console.web.app_state import get_state
from console.web.byte_ranges import respond_in_range
from console.web.calls import read_call
from console.web.event_stream import EventStream, encode_event
from console.web.queries import read_query, read_shows_numbers, shorten


def respond_json(data: JsonObject) -> Response:
    """Any JSON."""
    return Response(dump_json(data), media_type="application/json")


async def list_calls(request: Request) -> Response:
    """The calls of a query."""
    source = get_state(request).source
    query, shows_numbers = read_query(request.query_params), read_shows_numbers(request.query_params)
    found = await source.list_calls(query)
    return respond_json(encode_list(found, source.name, show_numbers=shows_numbers))


async def watch_list(request: Request) -> Response:
    """The calls of a query, again whenever they change."""
    state = get_state(request)
    query, shows_numbers = read_query(request.query_params), read_shows_numbers(request.query_params)
    encode = partial(_encode_list, name=state.source.name, show_numbers=shows_numbers)
    return EventStream(state.source.watch_list(query), encode, stopping=state.stopping, pace=state.pace)


async def get_call(request: Request) -> Response:
    """One call."""
    shows_numbers = read_shows_numbers(request.query_params)
    return respond_json(encode_view(await read_call(request), show_numbers=shows_numbers))


async def watch_call(request: Request) -> Response:
    """One call, then what is new in it, to its end."""
    state = get_state(request)
    shows_numbers = read_shows_numbers(request.query_params)
    sid = (await read_call(request)).summary.sid
    encode = partial(_encode_call, show_numbers=shows_numbers)
    return EventStream(state.source.watch_call(sid), encode, stopping=state.stopping, pace=state.pace)


async def get_messages(request: Request) -> Response:
    """The exact messages of one entry."""
    shows_numbers = read_shows_numbers(request.query_params)
    view, number = await read_call(request), request.path_params["number"]
    for entry in view.entries:
        if str(entry.number) == number:
            return respond_json(encode_messages(entry, show_numbers=shows_numbers))
    raise HTTPException(404, f"This call has no entry {shorten(number)}.")


async def get_recording(request: Request) -> Response:
    """One recording as a WAV file."""
    view, index = await read_call(request), request.path_params["index"]
    for number, recording in enumerate(view.recordings):
        if str(number) == index:
            return respond_in_range(request, encode_wav(recording.audio), "audio/wav")
    raise HTTPException(404, f"This call has {len(view.recordings)} recordings; {shorten(index)} is none of them.")


def _encode_list(before: CallList | None, after: CallList, *, name: str, show_numbers: bool) -> bytes:
    same = before is not None and (before.calls, before.more) == (after.calls, after.more)
    return b"" if same else encode_event("calls", encode_list(after, name, show_numbers=show_numbers))


def _encode_call(before: CallView | None, after: CallView, *, show_numbers: bool) -> bytes:
    patch = None if before is None else make_patch(before, after, show_numbers=show_numbers)
    if patch is None:
        return encode_event("snapshot", encode_view(after, show_numbers=show_numbers))
    return encode_event("patch", patch) if patch else b""
