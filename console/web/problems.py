"""What is answered when something cannot be: one sentence, alone under /api/, else on a page. Never a traceback."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ExceptionHandler

from console.call_source import SourceError
from console.web.pages import render
from console.web.queries import QueryError, shorten


async def _answer_query_error(request: Request, error: Exception) -> Response:
    return respond_problem(request, 400, str(error))


async def _answer_source_error(request: Request, error: Exception) -> Response:
    return respond_problem(request, 503, str(error))


async def _answer_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException), "this handler is for them"
    sentence = error.detail
    if sentence == HTTPStatus(error.status_code).phrase:  # raised by a route or a file that was not found
        sentence = f"There is no page {shorten(request.url.path)}."
        if error.status_code == 405:
            sentence = f"Expected another method than {request.method}."
    answer = respond_problem(request, error.status_code, sentence)
    answer.headers.update(error.headers or {})
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
        return PlainTextResponse(sentence + "\n", status)
    return render(request, "error.html", status=status, problem=sentence)
