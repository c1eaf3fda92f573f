"""A whole number or a key stands nowhere, however it is written; and nothing else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.masking import hide_secrets, mask_numbers


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("+15550100001", "…0001"),
        ("From=%2B15550100001&To=%2B15550100100", "From=…0001&To=…0100"),
        ("action=%2Fvoice%3FCaller%3D%252B15550100001", "action=%2Fvoice%3FCaller%3D…0001"),
        (
            "<Number>+15550100002</Number><Number>&#43;15550100003</Number>",
            "<Number>…0002</Number><Number>…0003</Number>",
        ),
        ('"from": "\\u002B15550100001"', '"from": "…0001"'),
        ("sip:15550100001@example.com, sip:+15550100001@example.com", "sip:…0001@example.com, sip:…0001@example.com"),
        ("tel:15550100001", "tel:…0001"),
        ("Call me: +1 (555) 010-0001, please", "Call me: …0001, please"),
        ("+4930901820", "…1820"),
        ("+44 20 7946 0958 or +1.555.010.0001", "…0958 or …0001"),
        ("+44 (0)20 7946 0958", "…0958"),
        ("+1 - 555 - 010 - 0001", "…0001"),
        ("+49 30/1234567", "…4567"),
        ("+(1) 555 010 0001 or + 1 555 010 0002", "…0001 or …0002"),
        ("+1\u00a0555\u2011010\u20130001", "…0001"),
        ("+1\u200b555\u202e010\u00ad0001", "…0001"),
        ('{"said": "+1\\u00a0555\\u2011010\\u20110001"}', '{"said": "…0001"}'),
        ("+1\n555\n0100001", "…0001"),
        ("＋１５５５０１００００１", "…０００１"),
        ("+\u0661\u0665\u0665\u0665\u0660\u0661\u0660\u0660\u0660\u0660\u0661", "…\u0660\u0660\u0660\u0661"),
        ("SpeechResult=%2B1+555+010+0001&To=x", "SpeechResult=…0001&To=x"),
        ("SpeechResult=%2B1%20%28555%29%20010%2D0001", "SpeechResult=…0001"),
        ("&#043;15550100001 &plus;15550100002 &#x002B;15550100003", "…0001 …0002 …0003"),
        ("SIP:15550100001@example.com Tel:15550100002", "SIP:…0001@example.com Tel:…0002"),
        ("sip:0015550100001@example.com", "sip:…0001@example.com"),
    ],
)
def test_a_number_is_shown_by_its_last_digits(text: str, masked: str) -> None:
    assert mask_numbers(text, show=False) == masked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CA00000000000000000000000000000001",
        "1795874400000",
        "2026-11-28T14:00:00+00:00",
        "0.0412 + 12 = 12.0412",
        "client:maria, sip:maria@example.com",
        "+0015550100001",
        "+12345",
        "…0001",
        "100 %2B 200",
        "20 + 1000000 = 1000020",
        "sip:100@example.com",
    ],
)
def test_what_is_no_number_stays(text: str) -> None:
    assert mask_numbers(text, show=False) == text


def test_whole_numbers_are_shown_when_asked() -> None:
    assert mask_numbers("+15550100001 %2B15550100002", show=True) == "+15550100001 %2B15550100002"


@given(before=st.text(), number=st.from_regex(r"[1-9][0-9]{9,14}", fullmatch=True), after=st.text())
def test_no_text_around_a_number_lets_it_through(before: str, number: str, after: str) -> None:
    assert f"+{number}" not in mask_numbers(f"{before}+{number}{after}", show=False)


TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJDQTAwMDAifQ.c2lnbmF0dXJlLW9mLWEtdG9rZW4"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f'<Parameter name="token" value="{TOKEN}"/>', '<Parameter name="token" value="…"/>'),
        (
            f"CallToken=%7B%22parentCallInfoToken%22%3A%22{TOKEN}%22%7D",
            "CallToken=%7B%22parentCallInfoToken%22%3A%22…%22%7D",
        ),
        ("Authorization: Bearer sk-proj-0123456789abcdefghij", "Authorization: Bearer …"),
        ("Authorization: Basic QUMwMDAwMDA6MDAwMDAwMDAw", "Authorization: Basic …"),
        ('{"api_key": "sk-0123456789abcdefghij"}', '{"api_key": "…"}'),
    ],
)
def test_a_key_is_not_shown(text: str, shown: str) -> None:
    assert hide_secrets(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "Basic information-about-our-opening-hours, please",
        "the Bearer of this letter",
        "risk-averse, task-0",
        "CA00000000000000000000000000000001",
        "eyJ",
        "item_0123456789abcdefghij",
    ],
)
def test_what_is_no_key_is_shown(text: str) -> None:
    assert hide_secrets(text) == text
