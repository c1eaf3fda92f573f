"""Whose number people see when they are rung."""

import pytest

from call_record import Attempt, Call, CallRecord
from caller_id import choose_caller_id, if_refused
from directory import Directory

CALLER, CALLED, BUSINESS = "+15550100001", "+15550100000", "+15550100009"


@pytest.mark.parametrize(
    ("policy", "call", "shown"),
    [
        ("caller", Call(CALLER, CALLED), None),
        ("caller", Call("anonymous", CALLED), CALLED),
        ("caller", Call("+266696687", CALLED), CALLED),
        ("caller", Call("client:alice", CALLED), CALLED),
        ("caller", Call("client:alice", ""), BUSINESS),
        ("caller", Call("client:alice", "AP" + "0" * 32), BUSINESS),
        ("caller", Call("sip:joe@x", "sip:desk@d.sip.twilio.com"), BUSINESS),
        ("caller", Call("+7378742833", "+8656696"), BUSINESS),
        ("caller", None, BUSINESS),
        ("called", Call(CALLER, CALLED), CALLED),
        ("called", Call(CALLER, "sip:desk@d.sip.twilio.com"), BUSINESS),
        ("called", None, BUSINESS),
        ("+15550100008", Call(CALLER, CALLED), "+15550100008"),
        ("+15550100008", None, "+15550100008"),
    ],
)
def test_a_number_that_can_be_shown_is_shown(policy: str, call: Call | None, shown: str | None) -> None:
    assert choose_caller_id(Directory((), policy, BUSINESS), CallRecord(call)) == shown


def test_without_a_business_number_twilio_decides() -> None:
    assert choose_caller_id(Directory((), "caller"), CallRecord(Call("client:alice", ""))) is None


@pytest.mark.parametrize("policy", ["caller", "called", "+15550100008"])
def test_once_twilio_has_refused_a_number_the_business_number_is_shown(policy: str) -> None:
    record = CallRecord(Call(CALLER, CALLED), attempts=(Attempt("call_1", failure="caller_id"),))

    assert choose_caller_id(Directory((), policy, BUSINESS), record) == BUSINESS
    assert choose_caller_id(Directory((), policy, BUSINESS), CallRecord(Call(CALLER, CALLED)), refused=True) == BUSINESS


@pytest.mark.parametrize(
    ("business", "shown", "follows"),
    [
        (BUSINESS, None, "business_number"),
        (BUSINESS, CALLED, "business_number"),
        (BUSINESS, BUSINESS, ""),
        ("", None, ""),
    ],
)
def test_a_dial_is_repeated_only_with_another_number(business: str, shown: str | None, follows: str) -> None:
    assert if_refused(Directory((), "caller", business), shown) == follows
