"""Files for the pages, with the types that a browser demands, and no other file of the machine."""

from pathlib import Path

import pytest

from console.web.app_state import Extension
from tests.console.calls_in_memory import CallsInMemory
from tests.console.web.pages_client import make_client, make_source_client


async def test_a_module_has_the_type_that_a_browser_demands() -> None:
    async with make_client() as client:
        answer = await client.get("/static/call-list.js")

    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "customElements.define" in answer.text


async def test_a_file_is_sent_again_only_when_it_changed(tmp_path: Path) -> None:
    file = tmp_path / "own.js"
    file.write_text("1")
    async with make_source_client(CallsInMemory(), Extension(static=tmp_path)) as client:
        first = await client.get("/static/own.js")
        tag = {"If-None-Match": first.headers["etag"]}
        same = await client.get("/static/own.js", headers=tag)
        file.write_text("22")
        changed = await client.get("/static/own.js", headers=tag)

    assert first.headers["cache-control"] == "no-cache"
    assert (same.status_code, changed.status_code, changed.text) == (304, 200, "22")


async def test_a_program_adds_files_to_ours(tmp_path: Path) -> None:
    (tmp_path / "own.css").write_text("p {}")
    async with make_source_client(CallsInMemory(), Extension(static=tmp_path)) as client:
        own, ours = await client.get("/static/own.css"), await client.get("/static/call-list.js")

    assert (own.status_code, own.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert ours.status_code == 200


@pytest.mark.parametrize("name", ["own.py", "own.html", "own", ".env", "own.json"])
async def test_other_types_are_not_served(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("a secret")
    async with make_source_client(CallsInMemory(), Extension(static=tmp_path)) as client:
        answer = await client.get(f"/static/{name}")

    assert (answer.status_code, "a secret" in answer.text) == (404, False)


@pytest.mark.parametrize(
    "path",
    [
        "..%2Fsecret.js",
        "%2E%2E/secret.js",
        "/secret.js",
        "%2Fetc%2Fpasswd",
        "%00",
        "a" * 10_000 + ".js",
        "",
        "link.js",
        "folder.js",
    ],
)
async def test_nothing_outside_the_folder_is_served(tmp_path: Path, path: str) -> None:
    folder = tmp_path / "static"
    (folder / "folder.js").mkdir(parents=True)
    (tmp_path / "secret.js").write_text("a secret")
    (folder / "link.js").symlink_to(tmp_path / "secret.js")
    async with make_source_client(CallsInMemory(), Extension(static=folder)) as client:
        answer = await client.get(f"/static/{path}")

    assert (answer.status_code, "a secret" in answer.text) == (404, False)
