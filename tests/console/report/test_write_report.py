"""The report of a call: one file that needs nothing, lets nothing in, and shows what it may."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from console.call_view import CallView, Entry, Message
from console.report.write_report import render_report, write_report
from console.wav import encode_wav
from tests.console.example_call import CALLER, SCRIPT, VIEW

_LOADS = {"src", "href", "srcset", "action", "data", "poster"}


class Page(HTMLParser):
    """Its elements with their attributes, and the text inside scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {"script": [], "style": [], "json": [], "title": []}
        self._inside = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))
        self._inside = "json" if dict(attributes).get("type") == "application/json" else tag
        if self._inside in self.texts:
            self.texts[self._inside].append("")

    def handle_data(self, data: str) -> None:
        if self._inside in self.texts:
            self.texts[self._inside][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if self._inside in (tag, "json"):
            self._inside = ""

    @property
    def report(self) -> dict[str, Any]:
        """As the file's script reads it."""
        (text,) = self.texts["json"]
        decoded: dict[str, Any] = json.loads(text)
        return decoded

    @property
    def policy(self) -> str:
        (found,) = [given["content"] for tag, given in self.elements if tag == "meta" and "http-equiv" in given]
        assert found is not None
        return found


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_policy_allows_the_files_own_script_and_style_alone() -> None:
    page = Page(render_report(VIEW))

    rules = dict(rule.split(" ", 1) for rule in page.policy.split("; "))
    assert rules == {
        "default-src": "'none'",
        "script-src": " ".join(map(_hash, page.texts["script"])),
        "style-src": " ".join(map(_hash, page.texts["style"])),
        "media-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert len(page.texts["script"]) == 2


def test_the_policy_stands_before_everything_that_it_governs() -> None:
    tags = [(tag, *given) for tag, given in Page(render_report(VIEW)).elements]

    assert tags[:4] == [("html", "lang"), ("head",), ("meta", "charset"), ("meta", "http-equiv", "content")]


def test_the_file_loads_nothing() -> None:
    page = Page(render_report(VIEW))

    addresses = [given[name] for _, given in page.elements for name in given if name in _LOADS]
    assert addresses == ["#main"]


def test_what_a_caller_said_ends_no_element() -> None:
    said = "</script><script>alert(1)</script><!-- <ScRiPt>"
    messages = (Message(label=said, text=said),)
    entry = Entry(number=1, lane="caller", kind="speech", at_ms=0, title=said, messages=messages)
    view = replace(VIEW, entries=(entry,), summary=replace(VIEW.summary, caller=said))

    page = Page(render_report(view))

    assert [tag for tag, _ in page.elements].count("script") == 3
    assert page.report["view"]["entries"][0]["title"] == said
    assert page.report["messages"]["1"][0]["text"] == said
    assert page.texts["title"] == [f"Call from {said}"]


def test_numbers_are_masked_everywhere_unless_they_are_asked_for() -> None:
    masked, whole = render_report(VIEW), render_report(VIEW, show_numbers=True)

    assert re.findall(r"(?:\+|%2B)15550100\d+", masked) == []
    assert "numbers are shown by their last digits" in masked
    assert CALLER in whole
    assert "last digits" not in Page(whole).texts["title"][0]


def test_every_message_is_in_the_file() -> None:
    report = Page(render_report(VIEW, show_numbers=True)).report

    expected = {str(entry.number): len(entry.messages) for entry in VIEW.entries if entry.messages}
    assert {number: len(messages) for number, messages in report["messages"].items()} == expected
    assert {str(entry["number"]) for entry in report["view"]["entries"] if entry["has_messages"]} == set(expected)
    assert SCRIPT in report["messages"]["21"][0]["text"]


def test_the_sound_is_in_the_file_as_wav() -> None:
    recordings = Page(render_report(VIEW)).report["view"]["recordings"]

    assert [each["label"] for each in recordings] == ["What the caller heard", "What Peter heard"]
    sound = base64.b64decode(recordings[1]["url"].removeprefix("data:audio/wav;base64,"), validate=True)
    assert sound == encode_wav(VIEW.recordings[1].audio)


@pytest.mark.parametrize("view", [VIEW, CallView(summary=replace(VIEW.summary, outcome="running"), now_ms=0, lanes=())])
def test_a_call_is_written_with_everything_or_with_nothing_in_it(view: CallView, tmp_path: Path) -> None:
    path = tmp_path / "call.html"

    write_report(view, path)

    assert Page(path.read_text()).report["view"]["summary"]["sid"] == view.summary.sid


def test_half_a_character_that_a_model_wrote_does_not_stop_the_report(tmp_path: Path) -> None:
    view = replace(VIEW, summary=replace(VIEW.summary, caller="\ud83d"), notes=("\ud83d",))

    write_report(view, tmp_path / "call.html")

    page = Page((tmp_path / "call.html").read_text())
    assert (page.report["view"]["notes"], page.texts["title"]) == (["\ud83d"], ["Call from ?"])
