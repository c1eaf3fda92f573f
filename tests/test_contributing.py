"""The documents for contributors keep their word: whatever file, test or word of make they name exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = "|".join(sorted(path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] not in "._"))
NAMED = re.compile(rf"(?<![\w./-])((?:{FOLDERS})/[\w./*-]*)(?:::(\w+))?")

pytestmark = pytest.mark.parametrize("name", ["CONTRIBUTING.md", "SECURITY.md"])


def in_backticks(name: str) -> str:
    return "\n".join(re.findall(r"`([^`\n]+)`", (ROOT / name).read_text()))


def test_every_file_and_every_test_exists(name: str) -> None:
    named = NAMED.findall(in_backticks(name))
    assert named, "no file found: the pattern of this test does not fit any more"

    assert [path for path, _ in named if not list(ROOT.glob(path))] == []
    assert [test for path, test in named if test and f"def {test}(" not in (ROOT / path).read_text()] == []


def test_every_linked_document_exists(name: str) -> None:
    linked = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (ROOT / name).read_text())

    assert linked
    assert [path for path in linked if not (ROOT / path).exists()] == []


def test_every_word_of_make_exists(name: str) -> None:
    makefile = (ROOT / "Makefile").read_text()
    words = re.findall(r"\bmake ([a-z][a-z -]*)", in_backticks(name))

    assert [word for line in words for word in line.split() if f"\n{word}:" not in makefile] == []
