"""The documents for contributors keep their word: whatever file, test or word of make they name exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = "|".join(sorted(path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] not in "._"))
NAMED = re.compile(rf"(?<![\w./-])((?:{FOLDERS})/[\w./*-]*)(?:::(\w+))?")

RECIPES = (ROOT / "CONTRIBUTING.md").read_text().split("\n### ")[1:]

DOCUMENTS = pytest.mark.parametrize("name", ["CONTRIBUTING.md", "SECURITY.md"])


def in_backticks(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", text)


def words_in(path: str) -> set[str]:
    """All words of the file, or of the folder's files."""
    files = (ROOT / path).glob("*.py") if (ROOT / path).is_dir() else [ROOT / path]
    return {word for file in files for word in re.findall(r"\w+", file.read_text())}


@DOCUMENTS
def test_every_file_and_every_test_exists(name: str) -> None:
    named = NAMED.findall("\n".join(in_backticks((ROOT / name).read_text())))
    assert named, "no file found: the pattern of this test does not fit any more"

    assert [path for path, _ in named if not list(ROOT.glob(path))] == []
    assert [test for path, test in named if test and f"def {test}(" not in (ROOT / path).read_text()] == []


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.splitlines()[0])
def test_every_name_of_a_recipe_stands_in_a_file_that_it_names(recipe: str) -> None:
    marked = in_backticks(recipe)
    paths = [path for path, _ in NAMED.findall("\n".join(marked)) if "*" not in path]

    assert {each for each in marked if each.isidentifier()} <= set().union(*map(words_in, paths))


@DOCUMENTS
def test_every_linked_document_exists(name: str) -> None:
    linked = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (ROOT / name).read_text())

    assert linked
    assert [path for path in linked if not (ROOT / path).exists()] == []


@DOCUMENTS
def test_every_word_of_make_exists(name: str) -> None:
    makefile = (ROOT / "Makefile").read_text()
    commands = in_backticks((ROOT / name).read_text())
    targets = [line for command in commands for line in re.findall(r"\bmake ([a-z][a-z -]*)", command)]

    assert [word for line in targets for word in line.split() if f"\n{word}:" not in makefile] == []
