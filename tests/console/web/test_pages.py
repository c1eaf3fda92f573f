"""The pages' HTML: what the user asked for, escaped, and a way on from every problem."""

import re
from html.parser import HTMLParser
from typing import get_args

import pytest

from console.call_source import SourceError
from console.call_view import Outcome
from console.web.app_state import Extension
from console.web.pages import OUTCOMES
from tests.console.calls_in_memory import CallsInMemory
from tests.console.example_call import SCRIPT, SID, VIEW
from tests.console.web.pages_client import make_client, make_source_client

PAGES = ["/", "/calls", "/calls?day=2026-11-28&outcome=talked&words=bread", f"/calls/{SID}", "/no-such-page"]


class Elements(HTMLParser):
    """Every element of a page with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


async def get(path: str) -> str:
    async with make_client() as client:
        return (await client.get(path)).text


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_has_nothing_that_its_policy_forbids(path: str) -> None:
    page = Elements(await get(path))

    assert all("src" in script for script in page.all("script"))
    assert page.all("style") == []
    for tag, attributes in page.found:
        assert not {"style"} & attributes.keys(), tag
        assert not [name for name in attributes if name.startswith("on")], tag
    loaded = [each.get("src") or each.get("href") for each in page.all("script") + page.all("link") + page.all("img")]
    assert all(address and re.match(r"/static/[a-z-]+\.(js|css|svg)$", address) for address in loaded)


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_has_the_common_layout(path: str) -> None:
    text = await get(path)
    page = Elements(text)

    assert page.all("html") == [{"lang": "en"}]
    assert [each["id"] for each in page.all("main")] == ["main"]
    assert {"class": "skip-link", "href": "#main"} in page.all("a")
    assert len(page.all("theme-switch")) == 1
    assert "an example" in text
    assert "This page needs JavaScript" in text


async def test_the_list_asks_for_what_the_address_says() -> None:
    page = Elements(await get("/calls?day=2026-11-28&outcome=talked&words=fresh+bread&number=&numbers=1"))

    query = "?day=2026-11-28&outcome=talked&words=fresh+bread&numbers=1"
    assert [each["query"] for each in page.all("call-list")] == [query]
    assert [each["href"] for each in page.all("a") if "download" in each] == [
        f"/api/calls.csv{query}",
        f"/api/calls.json{query}",
    ]
    values = {each["name"]: each.get("value") for each in page.all("input")}
    assert (values["day"], values["words"], values["number"]) == ("2026-11-28", "fresh bread", "")
    assert ["checked" in each for each in page.all("input") if each["name"] == "numbers"] == [True]
    assert [each["value"] for each in page.all("option") if "selected" in each] == ["talked"]


def test_every_outcome_can_be_asked_for_in_words() -> None:
    assert tuple(OUTCOMES) == get_args(Outcome)


@pytest.mark.parametrize("path", ["/", "/calls"])
async def test_the_header_marks_the_page_that_is_shown(path: str) -> None:
    assert {"href": "/calls", "aria-current": "page"} in Elements(await get(path)).all("a")


async def test_what_was_asked_for_is_no_html() -> None:
    text = await get("/calls?words=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&day=%22%20onfocus=%22alert(1)")

    assert SCRIPT not in text
    assert 'onfocus="alert' not in text


async def test_a_query_that_cannot_be_read_is_refused_beside_its_form() -> None:
    async with make_client() as client:
        answer = await client.get("/calls?day=<script>&words=bread")

    page = Elements(answer.text)
    assert answer.status_code == 400
    assert "Expected day as a day such as 2026-11-28, got &#39;&lt;script&gt;&#39;." in answer.text
    assert [each.get("value") for each in page.all("input") if each["name"] == "words"] == ["bread"]
    assert page.all("call-list") == []


async def test_the_list_says_how_to_make_a_call_appear() -> None:
    extension = Extension(how_to_call='Press "Call"')
    async with make_source_client(CallsInMemory(), extension) as client:
        page = Elements((await client.get("/calls")).text)

    assert [each["how-to-call"] for each in page.all("call-list")] == ['Press "Call"']


async def test_the_page_of_a_call_names_the_call() -> None:
    page = Elements(await get(f"/calls/{SID}"))

    assert page.all("call-page") == [{"sid": SID}]
    assert {"type": "module", "src": "/static/call-page.js"} in page.all("script")


@pytest.mark.parametrize(
    "path", ["/calls/x", "/calls/%00", "/calls/%3Cscript%3E", "/calls/" + "C" * 10_000, "/x%00y", "/a" * 5_000]
)
async def test_what_does_not_exist_is_one_sentence_with_a_way_on(path: str) -> None:
    async with make_client() as client:
        answer = await client.get(path)

    assert answer.status_code == 404
    assert "There is no " in answer.text
    assert "<script>" not in answer.text.replace('<script src="', "")
    assert len(answer.text) < 3_000
    assert {"href": "/calls"} in Elements(answer.text).all("a")


async def test_another_method_is_refused_in_words() -> None:
    async with make_client() as client:
        answer = await client.post("/calls", headers={"Origin": "http://127.0.0.1:5055"})

    assert (answer.status_code, set(answer.headers["allow"].split(", "))) == (405, {"GET", "HEAD"})
    assert "Expected GET or HEAD, got POST." in answer.text


async def test_a_source_that_cannot_be_read_is_a_page_too() -> None:
    source = CallsInMemory(VIEW)
    source.error = SourceError("No credentials: run `aws login` & try again.")
    async with make_source_client(source) as client:
        answer = await client.get(f"/calls/{SID}")

    assert answer.status_code == 503
    assert "No credentials: run `aws login` &amp; try again." in answer.text


async def test_half_a_character_in_a_name_does_not_hinder_a_page() -> None:
    class Named(CallsInMemory):
        @property
        def name(self) -> str:
            return "stack \ud83d <b>"

    async with make_source_client(Named(VIEW)) as client:
        answer = await client.get("/calls")

    assert answer.status_code == 200
    assert "stack ? &lt;b&gt;" in answer.text
