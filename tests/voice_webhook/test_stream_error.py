"""Which report of a failed stream is a failure."""

import pytest

from call_record import CallRecord, EndReason, Stream
from stream_error import closed_on_purpose, parse_error_code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("31920", "31920"),
        ("31920 - Stream - WebSocket - Handshake Error", "31920"),
        ("Error 31921: Stream - WebSocket - Close Error", "31921"),
        ("Invalid message (31924)", "31924"),
        ("", "unknown"),
        ("something new", "unknown"),
        ("0319204 315", "unknown"),
        ("at 20261122 31903", "31903"),
    ],
)
def test_the_code_is_twilio_s_five_digits(text: str, code: str) -> None:
    assert parse_error_code(text) == code


@pytest.mark.parametrize(
    ("reason", "meant"),
    [
        ("goodbye", True),
        ("draining", True),
        ("transferred", True),
        ("model_failed", True),
        ("internal_error", True),
        ("caller_gone", True),
        ("stream_lost", False),
        (None, False),
    ],
)
def test_a_stream_is_closed_on_purpose_when_the_container_said_why(reason: EndReason | None, meant: bool) -> None:
    record = CallRecord(streams=(Stream("j0", "MZ0", "goodbye"), Stream("j1", "MZ1", reason)))

    assert closed_on_purpose(record, "MZ1") is meant


def test_another_stream_s_end_says_nothing() -> None:
    record = CallRecord(streams=(Stream("j0", "MZ0", "goodbye"), Stream("j1", None, "goodbye")))

    assert not closed_on_purpose(record, "MZ1")
    assert not closed_on_purpose(record, "")
    assert not closed_on_purpose(None, "MZ0")
