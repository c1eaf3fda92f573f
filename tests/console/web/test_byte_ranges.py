"""A player gets the part of a file that it asks for."""

import pytest
from starlette.requests import Request

from console.web.byte_ranges import respond_in_range

CONTENT = b"0123456789"


def respond(wanted: str | None) -> tuple[int, bytes, str | None]:
    headers = [] if wanted is None else [(b"range", wanted.encode())]
    answer = respond_in_range(Request({"type": "http", "headers": headers}), CONTENT, "audio/wav")
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-length"] == str(len(answer.body))
    return answer.status_code, bytes(answer.body), answer.headers.get("content-range")


@pytest.mark.parametrize(
    ("wanted", "answer"),
    [
        ("bytes=0-", (206, CONTENT, "bytes 0-9/10")),
        ("bytes=2-4", (206, b"234", "bytes 2-4/10")),
        ("bytes=8-99", (206, b"89", "bytes 8-9/10")),
        ("bytes=-3", (206, b"789", "bytes 7-9/10")),
        ("bytes=-99", (206, CONTENT, "bytes 0-9/10")),
        ("bytes=9-9", (206, b"9", "bytes 9-9/10")),
    ],
)
def test_a_range_is_answered_alone(wanted: str, answer: tuple[int, bytes, str]) -> None:
    assert respond(wanted) == answer


@pytest.mark.parametrize("wanted", ["bytes=10-", "bytes=10-20", "bytes=-0"])
def test_a_range_that_the_file_does_not_have_is_refused(wanted: str) -> None:
    assert respond(wanted) == (416, b"", "bytes */10")


@pytest.mark.parametrize(
    "wanted",
    [
        None,
        "",
        "bytes=-",
        "bytes=1-2,4-5",
        "items=0-1",
        "bytes=a-b",
        "bytes=" + "9" * 9999 + "-",
        "bytes=--1",
        "bytes=5-4",
    ],
)
def test_what_is_not_one_range_is_answered_with_the_whole_file(wanted: str | None) -> None:
    assert respond(wanted) == (200, CONTENT, None)
