"""The files, names and headings that the documents name exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
FOLDERS = ("console", "socket_server", "functions", "layers")
CODE = "\n".join(path.read_text() for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


def in_backticks(name: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", (DOCS / name).read_text())


@pytest.mark.parametrize("name", ["architecture.md", "glossary.md"])
def test_every_file_exists(name: str) -> None:
    """From the root, or, where the text is about one of them, from the container's package or a function."""
    folders = [ROOT, ROOT / "socket_server", *(ROOT / "functions").iterdir()]
    named = [each for each in in_backticks(name) if re.fullmatch(r"[\w/]+(\.(py|toml)|/)", each)]

    assert named
    assert [each for each in named if not any((folder / each).exists() for folder in folders)] == []


@pytest.mark.parametrize("name", ["architecture.md", "glossary.md"])
def test_every_name_stands_in_the_code(name: str) -> None:
    named = {
        part for each in in_backticks(name) if re.fullmatch(r"[A-Za-z_]+(\.[a-z_]+)?", each) for part in each.split(".")
    }

    assert named
    assert [each for each in sorted(named) if not re.search(rf"\b{each}\b", CODE)] == []


@pytest.mark.parametrize("path", [*sorted(ROOT.glob("*.md")), *sorted(DOCS.glob("*.md"))], ids=lambda path: path.name)
def test_every_link_leads_to_a_file_or_a_heading(path: Path) -> None:
    links = re.findall(r"\]\(([^)#:]*)(?:#([^):]*))?\)", path.read_text())
    linked = [((path.parent / file if file else path), heading) for file, heading in links]

    assert [file.name for file, _ in linked if not file.exists()] == []
    assert [heading for file, heading in linked if heading and heading not in headings_in(file)] == []


def headings_in(path: Path) -> set[str]:
    """The headings as GitHub writes them in a link."""
    found = re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}
