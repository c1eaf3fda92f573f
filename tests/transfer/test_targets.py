"""What can be rung, and what cannot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets import Target, is_usable_number, parse_target


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("+15550100002", Target("number", "+15550100002")),
        (
            "sip:anna@pbx.example.com;transport=tls?X-Desk=1",
            Target("sip", "sip:anna@pbx.example.com;transport=tls?X-Desk=1"),
        ),
        ("sips:anna@example.com", Target("sip", "sips:anna@example.com")),
        ("client:anna.smith", Target("client", "anna.smith")),
        ("queue:first line", Target("queue", "first line")),
        ("15550100002", None),
        ("+1 555 010 0002", None),
        ("+1555010000200000", None),
        ("+\u0661\u0665\u0665\u0665\u0660\u0661\u0660", None),
        ("+266696687", None),
        ("tel:+15550100002", None),
        ("sip:", None),
        ("sip:@@@", None),
        ("sip:boss@", None),
        ("sip:a@b@c", None),
        ("sip:a@[2001:db8::1]:5061", Target("sip", "sip:a@[2001:db8::1]:5061")),
        ("sip:a@b\x01", None),
        ("client:", None),
        ("queue:", None),
        ("", None),
    ],
)
def test_a_text_names_a_target_or_none(text: str, target: Target | None) -> None:
    assert parse_target(text) == target


@pytest.mark.parametrize(
    "withheld",
    [
        "+266696687",  # ANONYMOUS
        "+7378742833",  # RESTRICTED
        "+7378742883",
        "+2562533",  # BLOCKED
        "+8656696",  # UNKNOWN
        "+86282452253",  # UNAVAILABLE
        "+7748283",  # PRIVATE
        "+17378742833",
        "+1266696687",
        "+464",
        "266696687",
        "anonymous",
        "client:alice",
        "sip:alice@example.com",
        "AP" + "0" * 32,
        "",
    ],
)
def test_what_stands_for_a_missing_number_is_none(withheld: str) -> None:
    assert not is_usable_number(withheld)


def test_numbers_that_only_look_alike_are_usable() -> None:
    assert all(is_usable_number(number) for number in ("+15550100001", "+442666966870", "+2666966870"))


@given(st.text())
def test_whatever_is_a_target_fits_into_xml(text: str) -> None:
    target = parse_target(text)
    assert target is None or target.address.isprintable()
