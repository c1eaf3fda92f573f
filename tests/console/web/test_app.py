"""A program's own pages stand beside ours, under the same layout and the same protection."""

from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.web import pages
from console.web.app import make_app
from console.web.app_state import Extension, Link, get_state
from tests.console.calls_in_memory import CallsInMemory
from tests.console.example_call import SID, VIEW
from tests.console.web.pages_client import make_client


async def _show_telephone(request: Request) -> Response:
    return pages.render(request, "telephone.html", caller="<b>caller</b> of " + get_state(request).source.name)


@pytest.fixture
def extension(tmp_path: Path) -> Extension:
    (tmp_path / "telephone.html").write_text('{% extends "base.html" %}{% block main %}I am {{ caller }}{% endblock %}')
    (tmp_path / "own_call.html").write_text(
        '{% extends "call.html" %}{% block before %}{% if running %}Goodbye{% else %}Over{% endif %}{% endblock %}'
    )
    return Extension(
        routes=[Route("/", _show_telephone)],
        templates=tmp_path,
        links=[Link(path="/", title="Telephone")],
        call_template="own_call.html",
    )


async def test_a_program_may_have_its_own_home_page(extension: Extension) -> None:
    async with make_client(make_app(CallsInMemory(VIEW), extension)) as client:
        home, calls = await client.get("/"), await client.get("/calls")

    assert "I am &lt;b&gt;caller&lt;/b&gt; of an example" in home.text
    assert '<a href="/" aria-current="page">Telephone</a>' in home.text
    assert '<a href="/calls" aria-current="page">Calls</a>' in calls.text


async def test_a_program_may_add_to_the_page_of_a_call(extension: Extension) -> None:
    async with make_client(make_app(CallsInMemory(VIEW), extension)) as client:
        page = await client.get(f"/calls/{SID}")

    assert "Over" in page.text
    assert f'<call-page sid="{SID}">' in page.text


async def test_a_programs_pages_are_protected_as_ours(extension: Extension) -> None:
    async with make_client(make_app(CallsInMemory(VIEW), extension), cookie=False) as client:
        answer = await client.get("/")

    assert (answer.status_code, "I am" in answer.text) == (403, False)
