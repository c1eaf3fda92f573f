"""What can be rung, and what cannot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets import Target, target_of


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
    assert target_of(text) == target


@given(st.text())
def test_whatever_is_a_target_fits_into_xml(text: str) -> None:
    target = target_of(text)
    assert target is None or target.address.isprintable()
