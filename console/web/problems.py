"""What is answered when something cannot be: one sentence, alone under /api/, else on a page. Never a traceback."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ExceptionHandler

from console.call_source import SourceError
from console.masking import hide_secrets, mask_numbers
from console.web.pages import render
from console.web.queries import QueryError, shorten


async def _answer_query_error(request: Request, error: Exception) -> Response:
    return respond_problem(request, 400, str(error))


async def _answer_source_error(request: Request, error: Exception) -> Response:
    return respond_problem(request, 503, str(error))


async def _answer_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException), "this handler is for them"
    headers = error.headers or {}
    sentence = error.detail
    if error.status_code == 405:
        expected = sorted(headers.get("Allow", "").split(", "))
        sentence = f"Expected {' or '.join(expected)}, got {request.method}."
    elif sentence == HTTPStatus(error.status_code).phrase:  # Starlette's, for a route or file that does not exist
        sentence = f"There is no page {shorten(request.url.path)}."
    answer = respond_problem(request, error.status_code, sentence)
    answer.headers.update(headers)
    return answer


async def _answer_defect(request: Request, _error: Exception) -> Response:
    """Starlette raises the error again after this, so that the server logs it."""
    return respond_problem(request, 500, "This is a defect of Warmline: the program's output says what happened.")


HANDLERS: Mapping[int | type[Exception], ExceptionHandler] = {
    QueryError: _answer_query_error,
    SourceError: _answer_source_error,
    HTTPException: _answer_http_error,
    Exception: _answer_defect,
}


def respond_problem(request: Request, status: int, sentence: str) -> Response:
    """The sentence, for a script or for a person."""
    if request.url.path.startswith("/api/"):
        # What AWS or a function answers may have a key, a number, half a character.
        text = mask_numbers(hide_secrets(sentence), show=False)
        return PlainTextResponse(f"{text}\n".encode(errors="replace"), status)
    return render(request, "error.html", status=status, problem=sentence)
