"""One JSON object a line, of the shape that Powertools' Logger gives to the functions' lines."""

import asyncio
import json
import logging
from contextvars import copy_context

import pytest
from botocore.exceptions import ReadTimeoutError

from socket_server.aws import log_context
from socket_server.aws.logs import JsonLines, log_failure

log = logging.getLogger("test")


def formatted(record: logging.LogRecord) -> dict[str, object]:
    [line] = JsonLines("warmline").format(record).splitlines()
    read: dict[str, object] = json.loads(line)
    return read


def formatted_in_a_call(record: logging.LogRecord) -> dict[str, object]:
    log_context.begin()
    log_context.name("CA1")
    return formatted(record)


def test_a_line_has_its_time_its_call_and_its_message(caplog: pytest.LogCaptureFixture) -> None:
    log.warning("over\n%s lines", "two")
    [record] = caplog.records
    record.created, record.msecs, record.lineno = 1_800_000_000.25, 250.0, 7
    assert copy_context().run(formatted_in_a_call, record) == {
        "level": "WARNING",
        "location": "test_a_line_has_its_time_its_call_and_its_message:7",
        "message": "over\ntwo lines",
        "timestamp": "2027-01-15 08:00:00,250+0000",
        "service": "warmline",
        "name": "test",
        "call_sid": "CA1",
    }


def test_a_line_outside_of_calls_says_so(caplog: pytest.LogCaptureFixture) -> None:
    log.warning("x")
    assert formatted(caplog.records[0])["call_sid"] == "-"


async def test_a_line_of_uvicorn_has_no_other_fields(caplog: pytest.LogCaptureFixture) -> None:
    async def serve() -> None:
        log.warning("started %d", 7, extra={"color_message": "\x1b[36mstarted %d"})

    await asyncio.create_task(serve(), name="server")
    fields = "level location message timestamp service name call_sid"
    assert list(formatted(caplog.records[0])) == fields.split()


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("no route to +15550100002", "no route to +…02"),
        ("+15550100002,+442079460000", "+…02,+…00"),
        ("+1555010", "+…10"),
        ("sip:+15550100002@pbx.example", "sip:+…02@pbx.example"),
        ("1 + 1 = 2, +1 (555) is no number", "1 + 1 = 2, +1 (555) is no number"),
    ],
)
def test_no_number_is_written_in_full(said: str, written: str, caplog: pytest.LogCaptureFixture) -> None:
    log.error("error: %s", said)
    assert formatted(caplog.records[0])["message"] == f"error: {written}"


def test_no_number_is_written_in_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise RuntimeError(f"+{1555010_0002}")
    except RuntimeError as error:
        log_failure(log, "record not read", error)
    assert "0100002" not in json.dumps(formatted(caplog.records[0]))


def test_bad_luck_is_a_warning_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    log_failure(log, "record not read", ReadTimeoutError(endpoint_url="http://x"))
    line = formatted(caplog.records[0])
    assert line["level"] == "WARNING"
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
    assert line["exception_name"] == "KeyError"
