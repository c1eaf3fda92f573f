"""Lines of the logs of container and functions."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.local.log_lines import read_log_line

SID = "CA" + "0" * 32


def make_line(**fields: object) -> str:
    return json.dumps({"level": "INFO", "message": "stream started", "call_sid": SID, **fields})


@pytest.mark.parametrize(
    ("level", "bad"), [("INFO", False), ("DEBUG", False), ("WARNING", True), ("ERROR", True), ("CRITICAL", True)]
)
def test_a_warning_is_told_from_what_is_as_it_should_be(level: str, *, bad: bool) -> None:
    line = read_log_line(make_line(level=level))

    assert line is not None
    assert (line.bad, line.call_sid, line.message) == (bad, SID, "stream started")


@pytest.mark.parametrize(
    ("timestamp", "at_ms"),
    [("2026-11-28 14:48:38,123+0000", 1795877318123), ("yesterday", None), ("", None)],
)
def test_a_line_says_when_it_was_written(timestamp: str, at_ms: int | None) -> None:
    line = read_log_line(make_line(timestamp=timestamp))

    assert line is not None
    assert line.at_ms == at_ms


def test_a_line_about_a_session_has_the_digest_of_its_message() -> None:
    line = read_log_line(make_line(message="model event session.updated, 1234 bytes, 5f00"))
    other = read_log_line(make_line())

    assert line is not None
    assert other is not None
    assert (line.session_digest, other.session_digest) == ("5f00", "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\ud800",
        "Traceback (most recent call last):",
        "[]",
        '{"level": 3}',
        '{"level": "ERROR", "message": "of no call"}',
    ],
)
def test_what_is_no_entry_of_a_call_is_passed_over(text: str) -> None:
    assert read_log_line(text) is None


def test_a_message_that_is_no_text_is_told_by_the_whole_line() -> None:
    text = make_line(message={"a": 1})
    line = read_log_line(text)

    assert line is not None
    assert line.message == text


@given(st.text())
def test_anything_may_be_printed(text: str) -> None:
    read_log_line(text)
