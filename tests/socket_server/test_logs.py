"""One JSON object a line."""

import json
import logging

import pytest
from botocore.exceptions import ReadTimeoutError

from socket_server.logs import JsonLines, log_failure

log = logging.getLogger("test")


def formatted(record: logging.LogRecord) -> dict[str, object]:
    [line] = JsonLines().format(record).splitlines()
    read: dict[str, object] = json.loads(line)
    return read


def test_a_line_has_its_time_its_call_and_its_message(caplog: pytest.LogCaptureFixture) -> None:
    log.warning("over\n%s lines", "two", extra={"call_sid": "CA1"})
    [record] = caplog.records
    record.created, record.msecs = 1_800_000_000.25, 250.0
    assert formatted(record) == {
        "time": "2027-01-15T08:00:00.250Z",
        "level": "WARNING",
        "logger": "test",
        "call_sid": "CA1",
        "message": "over\ntwo lines",
    }


def test_a_line_outside_of_calls_says_so(caplog: pytest.LogCaptureFixture) -> None:
    log.warning("x")
    assert formatted(caplog.records[0])["call_sid"] == "-"


def test_bad_luck_is_a_warning_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    log_failure(log, "record not read", ReadTimeoutError(endpoint_url="http://x"), "CA1")
    line = formatted(caplog.records[0])
    assert (line["level"], line["call_sid"]) == ("WARNING", "CA1")
    assert str(line["message"]).startswith("record not read: ReadTimeoutError: Read timeout")
    assert "exception" not in line


def test_a_defect_is_an_error_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise KeyError("x")
    except KeyError as error:
        log_failure(log, "record not read", error)
    line = formatted(caplog.records[0])
    assert (line["level"], line["message"]) == ("ERROR", "record not read: KeyError: 'x'")
    assert "Traceback" in str(line["exception"])
