"""What the pages' modules and style sheets are made of: nothing from elsewhere, and nothing that parses HTML."""

import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from console.call_view import EntryKind, Figures, LaneKind, Outcome

STATIC = Path(__file__).parents[3] / "console" / "web" / "static"
MODULES = sorted(STATIC.glob("*.js"))
SHEETS = sorted(STATIC.glob("*.css"))
# What turns text into elements or code, or a style that the pages' policy forbids.
FORBIDDEN = re.compile(
    r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|setHTMLUnsafe|document\.write|eval|createContextualFragment|cssText)\b"
    r"|new Function|\bstyle:|\.setAttribute\(\"style\"|javascript:"
)


def names(paths: list[Path]) -> list[str]:
    return [path.name for path in paths]


@pytest.mark.parametrize("module", MODULES, ids=names(MODULES))
def test_a_module_imports_only_files_that_stand_beside_it(module: Path) -> None:
    text = module.read_text()
    imported = re.findall(r'^import (?:\{ [\w, ]+ \} from )?"\./([\w-]+\.js)";$', text, re.MULTILINE)

    assert len(imported) == len(re.findall(r"^\s*import\b|\bimport\(", text, re.MULTILINE))
    assert all((STATIC / name).is_file() for name in imported)


@pytest.mark.parametrize("module", MODULES, ids=names(MODULES))
def test_a_module_makes_elements_from_no_text(module: Path) -> None:
    assert FORBIDDEN.search(module.read_text()) is None


@pytest.mark.parametrize("path", [*MODULES, *SHEETS], ids=names([*MODULES, *SHEETS]))
def test_a_file_of_the_pages_names_no_other_host(path: Path) -> None:
    addresses = set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+[\w/.-]*", path.read_text()))

    assert addresses <= {"http://www.w3.org/2000/svg"}  # a name, which nobody fetches


def test_the_first_style_sheet_imports_every_other_one() -> None:
    imported = re.findall(r'^@import url\("([\w-]+\.css)"\);$', (STATIC / "style.css").read_text(), re.MULTILINE)

    assert sorted(imported) == [name for name in names(SHEETS) if name != "style.css"]


def read_keys(module: str, constant: str) -> set[str]:
    """The keys of an object that a module has at its top."""
    found = re.search(rf"^(?:export )?const {constant} = {{\n?(.*?)}};$", (STATIC / module).read_text(), re.M | re.S)
    assert found is not None, f"{module} has no {constant}"
    return set(re.findall(r"^\s*(\w+):", found[1], re.M))


def test_every_kind_of_entry_has_its_word_and_its_picture() -> None:
    kinds = set(get_args(EntryKind))

    assert read_keys("words.js", "KINDS") == kinds
    assert read_keys("elements.js", "ICONS") == kinds


def test_every_outcome_has_its_words_and_every_lane_its_colour() -> None:
    sheets = "".join(path.read_text() for path in SHEETS)

    assert read_keys("call-page.js", "OUTCOMES") == set(get_args(Outcome))
    assert set(re.findall(r'^\[data-kind="(\w+)"\]', sheets, re.M)) == set(get_args(LaneKind))
    # A neutral one is what all others begin with.
    assert set(re.findall(r"\.badge\.outcome-(\w+)", sheets)) == set(get_args(Outcome)) - {"unknown"}


def test_every_figure_is_shown() -> None:
    assert read_keys("call-figures.js", "FIGURES") == {each.name for each in fields(Figures)}
