"""Files: the listed calls as CSV for a spreadsheet or JSON for a program; one call as a report."""

import asyncio
import csv
import io
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from console.call_json import Json, dump_json, encode, encode_list
from console.call_source import CallList, CallQuery
from console.call_view import CallSummary
from console.report.write_report import render_report
from console.web.app_state import get_state
from console.web.calls import read_call
from console.web.queries import read_query, read_shows_numbers

_COLUMNS = (
    "sid",
    "began_at_utc",
    "seconds",
    "caller",
    "called",
    "outcome",
    "outcome_text",
    "destination",
    "attempts",
    "errors",
)
# A spreadsheet takes a cell that begins so for a formula, which may send other cells away:
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Without it Excel takes UTF-8 for another code, and shows "…0001" as "â€¦0001".
_BYTE_ORDER_MARK = "\ufeff"


async def download_csv(request: Request) -> Response:
    """RFC 4180, with a header."""
    query, found, shows_numbers = await _find(request)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for each in found.calls:
        row = _make_row(each, show_numbers=shows_numbers)
        writer.writerow([_neutralize(row[column]) for column in _COLUMNS])
    content = (_BYTE_ORDER_MARK + text.getvalue()).encode(errors="replace")
    return _attach(content, "text/csv; charset=utf-8; header=present", query, "csv")


async def download_json(request: Request) -> Response:
    """What /api/calls answers."""
    query, found, shows_numbers = await _find(request)
    data = encode_list(found, get_state(request).source.name, show_numbers=shows_numbers)
    return _attach(dump_json(data, indent=2).encode(), "application/json", query, "json")


async def download_report(request: Request) -> Response:
    """One call as a page that needs no server."""
    show_numbers = read_shows_numbers(request.query_params)
    view = await read_call(request)
    text = await asyncio.to_thread(render_report, view, show_numbers=show_numbers)
    name = f"report-{view.summary.sid}.html"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.encode(errors="replace"), media_type="text/html", headers=headers)


async def _find(request: Request) -> tuple[CallQuery, CallList, bool]:
    query, shows_numbers = read_query(request.query_params), read_shows_numbers(request.query_params)
    return query, await get_state(request).source.list_calls(query), shows_numbers


def _make_row(call: CallSummary, *, show_numbers: bool) -> dict[str, Json]:
    """The fields of a summary, and its times as a spreadsheet reads them."""
    row = encode(call, show_numbers=show_numbers)
    assert isinstance(row, dict), "a summary has fields"
    seconds = None if call.ended_at_ms is None else round((call.ended_at_ms - call.began_at_ms) / 1000)
    return {**row, "began_at_utc": _write_time(call.began_at_ms), "seconds": seconds}


def _write_time(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _neutralize(cell: Json) -> Json:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _attach(content: bytes, media_type: str, query: CallQuery, suffix: str) -> Response:
    name = f"calls-{query.day}.{suffix}" if query.day else f"calls.{suffix}"
    return Response(content, headers={"Content-Disposition": f'attachment; filename="{name}"'}, media_type=media_type)
