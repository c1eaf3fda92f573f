"""The words that people get: short enough for an SMS, with the whole link."""

import sys
import unicodedata
from pathlib import Path

import pytest

from call_record import Attempt
from destination import Destination
from directory import load
from notice_text import SMS_CHARACTERS, break_links, compose_notice, find_brief
from tests.transfer.directories import GOOD

URL = "https://api.twilio.com/2010-04-01/Accounts/AC" + "0" * 32 + "/Recordings/RE" + "1" * 32


@pytest.fixture
def desk(file: Path) -> Destination:
    file.write_text(GOOD)
    return load(file).destinations[0]


def test_a_long_summary_is_cut_and_the_link_is_not(desk: Destination) -> None:
    notice = compose_notice(
        "message", desk, caller="+15550100001", reason="r", summary="word " * 400, message_url=URL, message_s=7
    )

    assert len(notice.sms) <= SMS_CHARACTERS
    assert (f"{URL}.mp3" in notice.sms, notice.sms.endswith("...")) == (True, True)
    assert "word " * 399 in notice.text


@pytest.mark.parametrize(("word", "units"), [("it's ", 459), ("it’s ", 201), ("👋 ", 201)])
def test_no_message_takes_more_than_three_segments(desk: Destination, word: str, units: int) -> None:
    notice = compose_notice("missed", desk, caller="+15550100001", reason=word * 400, summary="s")

    assert units - 10 < len(notice.sms.encode("utf-16-le")) // 2 <= units
    assert notice.sms.endswith("...")


def test_words_bring_no_character_that_controls_a_display(desk: Destination) -> None:
    words = "pay\x00 \x1b[31m now\u202e\u200b\r\nsoon"
    notice = compose_notice("missed", desk, caller="", reason=words, summary="\u200b")

    assert notice.text.endswith("\nWhy: pay [31m now soon")


def test_a_link_of_any_length_leaves_a_message_that_twilio_takes(desk: Destination) -> None:
    notice = compose_notice(
        "message", desk, caller="sip:" + "a" * 300, reason="r", summary="s", message_url="h" * 2000, message_s=7
    )

    assert len(notice.sms) == 1600


@pytest.mark.parametrize(
    ("caller", "told"),
    [
        ("+15550100001", "+15550100001"),
        ("client:ben", "client: ben"),
        ("sip:ben@evil.example", "sip: ben@evil. example"),
        ("anonymous", "a caller without a number"),
        ("+266696687", "a caller without a number"),
        ("", "a caller without a number"),
        ("client:ben\nYour bank: http://evil.example", "a caller without a number"),
        (f"sip:{'a' * 1500}@example.com", "a caller without a number"),
    ],
)
def test_a_caller_has_a_number_or_none(desk: Destination, caller: str, told: str) -> None:
    notice = compose_notice("missed", desk, caller=caller, reason=" ", summary="two\nlines")

    assert notice.text.startswith(f"Missed call for the desk from {told}. ")
    assert notice.text.endswith("back.\nSummary: two lines")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("http://evil.example/login", "http: //evil. example/login"),
        ("HTTPS://EVIL.EXAMPLE", "HTTPS: //EVIL. EXAMPLE"),
        ("http:\\\\evil.example", "http: \\\\evil. example"),
        ("http://localhost", "http: //localhost"),
        ("http://2130706433/", "http: //2130706433/"),
        ("//evil.example", "//evil. example"),
        ("www.evil.example", "www. evil. example"),
        ("see (t.co/x).", "see (t. co/x)."),
        ("9.evil9.cn", "9. evil9. cn"),
        ("invoice.zip", "invoice. zip"),
        ("it is due.Pay at once", "it is due. Pay at once"),
        ("[bank](https://a.b.example)", "[bank](https: //a.b. example)"),
        ("192.0.2.1/x and 1.2.3.4", "192.0.2. 1/x and 1.2.3. 4"),
        ("http://[2001:db8::1]/", "http: //[2001: db8: : 1]/"),
        ("пример.рф", "пример. рф"),
        ("xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd. xn--p1ai"),
        ("例え。テスト evil．com evil｡com evil․com", "例え。 テスト evil． com evil｡ com evil․ com"),
        ("evil﹒com evil︒com http﹕//evil", "evil﹒ com evil︒ com http﹕ //evil"),
        ("i❤.ws evil\ufe0f.com", "i❤. ws evil\ufe0f. com"),
        ("ht\u200btp://ev\u200bil.\u2060com", "ht tp: //ev il. com"),
        ("evil\u00ad.com e\u202evil.com", "evil . com e vil. com"),
        ("tel:+15550100001 tel:*21#", "tel: +15550100001 tel: *21#"),
        ("sms：+15550100001", "sms： +15550100001"),
        ("mailto:a@evil.example a@evil.example", "mailto: a@evil. example a@evil. example"),
        ("javascript:alert(1)", "javascript: alert(1)"),
    ],
)
def test_words_bring_no_link(desk: Destination, said: str, told: str) -> None:
    notice = compose_notice("missed", desk, caller="", reason=said, summary=said)

    assert notice.text.endswith(f"\nWhy: {told}\nSummary: {told}")
    assert told in notice.sms


@pytest.mark.parametrize(
    "words",
    [
        "evil dot example, w w w . evil . example",
        "at 10:30, $3.50, 4.5kg on 24.12.2026; e.g. the U.S.A. No. 4... Done.",
        "call +1 555 010 0001: they wait",
        "Dana's order #1024 (blue)",
    ],
)
def test_words_that_are_no_link_stay_as_they_are(desk: Destination, words: str) -> None:
    assert compose_notice("missed", desk, caller="", reason=words, summary="").text.endswith(f"\nWhy: {words}")


def test_every_character_that_may_become_a_dot_or_a_colon_breaks_a_link() -> None:
    forms = [each for each in map(chr, range(sys.maxunicode + 1)) if unicodedata.normalize("NFKC", each) in {".", ":"}]

    assert len(forms) > 2
    assert [
        each for each in [*forms, "。", "｡", "︒"] if break_links(f"evil{each}example") != f"evil{each} example"
    ] == []


def test_the_link_to_the_message_can_be_opened(desk: Destination) -> None:
    notice = compose_notice("message", desk, caller="", reason="", summary="", message_url=URL, message_s=7)

    assert notice.sms.endswith(f" {URL}.mp3")


@pytest.mark.parametrize(
    ("attempts", "brief"),
    [
        ([Attempt("call_1", "desk", "why", "what")], ("why", "what")),
        ([Attempt("call_1", "desk", "why", "what"), Attempt("next-1", "desk", "no_answer")], ("why", "what")),
        ([Attempt("next-1", "desk", "model_failed")], ("", "")),
        ([Attempt("call_1", "desk", "why", "what"), Attempt("call_2", "desk", "other")], ("other", "")),
    ],
)
def test_the_brief_is_the_last_one_that_the_model_gave(attempts: list[Attempt], brief: tuple[str, str]) -> None:
    assert find_brief(attempts[-1], attempts) == brief
