"""Why a dial failed, out of what Twilio posts."""

import pytest

from call_record import DialFailure
from dial_failure import classify_failure
from socket_server.core.opening import OUTCOMES


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ({"ErrorCode": "13214"}, "caller_id"),
        ({"ErrorCode": "21210", "DialSipResponseCode": "403"}, "caller_id"),
        ({"ErrorMessage": "valid callerId must be provided for TwilioClient and SIP calls"}, "caller_id"),
        ({"ErrorCode": "13224"}, "no_such_number"),
        ({"DialSipResponseCode": "404"}, "no_such_number"),
        ({"ErrorCode": "13227", "DialSipResponseCode": "403"}, "not_permitted"),
        ({"ErrorCode": "10004"}, "no_line"),
        ({"ErrorCode": "32009"}, "unreachable"),
        ({"DialSipResponseCode": "503"}, "unreachable"),
        ({"SipResponseCode": "480"}, "unreachable"),
        ({"DialSipResponseCode": "603"}, "refused"),
        ({"ErrorCode": "99999", "DialSipResponseCode": "403"}, "refused"),
        ({"ErrorCode": "99999"}, ""),
        ({}, ""),
    ],
)
def test_codes_are_told_as_a_kind(form: dict[str, str], kind: str) -> None:
    assert classify_failure(form, "failed").failure == kind
    assert not kind or kind in OUTCOMES


def test_what_did_not_fail_has_no_kind_but_keeps_what_was_said() -> None:
    form = {"ErrorCode": "1" * 99, "ErrorMessage": "x" * 999, "DialSipResponseCode": "486"}

    assert classify_failure(form, "busy") == DialFailure("", "1" * 10, "x" * 200, "486")
