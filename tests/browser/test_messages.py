"""Exact messages, laid out for reading: whatever was sent is shown, and nothing of it runs."""

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from console.call_view import Entry, Message, Syntax
from console.report.write_report import write_report
from tests.browser.visits import Visits
from tests.console.example_call import VIEW

SCRIPT_ELEMENT = "<html style='color: red'>\n  <script>alert(1)</script>\n</html>"
ENTITY = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>'


async def open_message(visits: Visits, folder: Path, text: str, syntax: Syntax) -> Page:
    """The report of a call that has this one message, opened."""
    entry = Entry(
        number=1,
        lane="twilio",
        kind="rest",
        at_ms=0,
        title="A message",
        messages=(Message(label="it", text=text, syntax=syntax),),
    )
    write_report(replace(VIEW, entries=(entry,), recordings=()), folder / "call.html")
    page = await visits.open((folder / "call.html").as_uri())
    await page.get_by_role("button", name="Twilio: A message").click()
    await page.wait_for_selector(".message")
    return page


@pytest.mark.parametrize(
    ("syntax", "text", "shown"),
    [
        ("json", '{"a":[1,{"b":[]}],"c":{}}', '{\n  "a": [\n    1,\n    {\n      "b": []\n    }\n  ],\n  "c": {}\n}'),
        ("json", "12345678901234567890.10", "12345678901234567890.10"),
        ("json", r'{"said": "Gr\u00fc\u00dfe, \"A\" : 1, {}"}', '{\n  "said": "Grüße, \\"A\\" : 1, {}"\n}'),
        ("json", '{"half": tru', '{"half": tru'),
        ("json", "", ""),
        ("xml", "<A><B c='1&amp;2'/><D>x &lt; y</D></A>", "<A>\n  <B c='1&amp;2'/>\n  <D>x &lt; y</D>\n</A>"),
        ("xml", '<?xml version="1.0"?>\n<A b=">">\n<B></B></A>\n', '<?xml version="1.0"?>\n<A b=">">\n  <B></B>\n</A>'),
        ("xml", "<Say>Wait <break/> here</Say>", "<Say>\n  Wait\n  <break/>\n  here\n</Say>"),
        ("xml", "<A><B></A>", "<A><B></A>"),
        ("xml", "<A>1 < 2</A>", "<A>1 < 2</A>"),
        ("xml", "no XML", "no XML"),
        ("xml", "<html style='color: red'><script>alert(1)</script></html>", SCRIPT_ELEMENT),
        ("xml", ENTITY, ENTITY),
        ("text", "two\n  lines <b>", "two\n  lines <b>"),
        ("form", "", ""),
    ],
)
async def test_a_message_is_laid_out_or_shown_as_it_is(
    visits: Visits, tmp_path: Path, syntax: Syntax, text: str, shown: str
) -> None:
    page = await open_message(visits, tmp_path, text, syntax)

    assert await page.locator(".message pre:visible").evaluate("pre => pre.textContent") == shown
    await page.get_by_role("button", name="As sent").click()
    assert await page.locator(".message pre:visible").evaluate("pre => pre.textContent") == text
    assert visits.requests == [page.url]


async def test_a_form_is_a_list_of_its_fields(visits: Visits, tmp_path: Path) -> None:
    page = await open_message(visits, tmp_path, "Say=a+%3Cb%3E&Say=%ff%&Empty=", "form")

    fields = page.locator(".message-fields > div")
    assert await fields.all_inner_texts() == ["Say\na <b>", "Say\n\ufffd%", "Empty\n(empty)"]


async def test_long_audio_is_cut_where_it_is_read_and_whole_as_it_was_sent(visits: Visits, tmp_path: Path) -> None:
    text = '{"event":"media","payload":"' + "A" * 1280 + '"}'
    page = await open_message(visits, tmp_path, text, "json")

    await expect(page.locator(".message pre:visible")).to_contain_text('… (1,280 characters: see "As sent")')
    await page.get_by_role("button", name="As sent").click()
    await expect(page.locator(".message pre:visible")).to_have_text(text)


async def test_a_very_long_message_is_shown_in_time(visits: Visits, tmp_path: Path) -> None:
    text = "[" + ",".join(["1"] * 500_000) + "]"
    page = await open_message(visits, tmp_path, text, "json")

    await expect(page.locator(".message pre:visible")).to_have_text(text)
