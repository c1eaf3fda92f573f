"""Modules and style sheets of the pages, joined into one text."""

from pathlib import Path

import pytest

from console.report.page_files import STATIC, PageFileError, join_modules, join_styles


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "last.css").write_text("p { color: red; }\n")
    (tmp_path / "style.css").write_text('/* first */\n@import url("last.css");\na { color: blue; }\n')
    (tmp_path / "words.js").write_text("export const A = 1;\nexport function say() {}\nfunction own() {}\n")
    (tmp_path / "page.js").write_text('import "./side.js";\nimport { A, say } from "./words.js";\nsay(A);\n')
    (tmp_path / "side.js").write_text('import { say } from "./words.js";\nfunction own() {}\nsay(own);\n')
    return tmp_path


def test_a_module_stands_once_before_those_that_import_it(folder: Path) -> None:
    script = join_modules("page.js", folder)

    names = ["module_words = ", "module_side = ", "module_page = "]
    assert [script.count(name) for name in names] == [1, 1, 1]
    assert sorted(names, key=script.index) == names


def test_each_module_keeps_its_names_to_itself_but_for_its_exports(folder: Path) -> None:
    script = join_modules("page.js", folder)

    assert "return { A, say };" in script
    assert "const { A, say } = module_words;" in script
    assert script.count("function own() {}") == 2


@pytest.mark.parametrize(
    ("module", "said"),
    [
        ('import * as all from "./words.js";\n', "got 'import'"),
        ("export default class {}\n", "got 'export'"),
        ('const late = import("./words.js");\n', "got 'import('"),
        ('import { A } from "https://example.com/a.js";\n', "got 'import'"),
    ],
)
def test_what_cannot_be_joined_is_refused(folder: Path, module: str, said: str) -> None:
    (folder / "page.js").write_text(module)

    with pytest.raises(PageFileError, match=r"^page\.js: expected imports as") as refused:
        join_modules("page.js", folder)
    assert said in str(refused.value)


def test_modules_that_import_each_other_are_refused(folder: Path) -> None:
    (folder / "words.js").write_text('import "./side.js";\n')

    with pytest.raises(PageFileError, match=r"page\.js imports side\.js imports words\.js imports side\.js"):
        join_modules("page.js", folder)


def test_imported_sheets_come_first_as_a_browser_applies_them(folder: Path) -> None:
    styles = join_styles("style.css", folder)

    assert styles.index("red") < styles.index("blue")
    assert "@import" not in styles


def test_a_sheet_that_loads_something_is_refused(folder: Path) -> None:
    (folder / "last.css").write_text('p { background: url("https://example.com/a.png"); }\n')

    with pytest.raises(PageFileError, match="no other address"):
        join_styles("style.css", folder)


def test_all_modules_of_a_call_are_in_the_report() -> None:
    script = join_modules("report.js")

    elements = [path.stem for path in STATIC.glob("call-*.js") if path.stem != "call-list"]
    assert [name for name in elements if f'customElements.define("{name}"' not in script] == []
