"""The pages' modules and style sheets as one text each: what a page needs that has no server to ask for them.

A module becomes a function that returns what it exports. So two modules may use the same name inside.
"""

import re
from pathlib import Path

STATIC = Path(__file__).parents[1] / "web" / "static"
_IMPORT = re.compile(r'^import (?:(\{ [\w, ]+ \}) from )?"\./([\w-]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
_LEFT_OVER = re.compile(r"^\s*(?:import|export)\b|\bimport\(", re.MULTILINE)
_STYLE_IMPORT = re.compile(r'^@import url\("([\w-]+\.css)"\);\n', re.MULTILINE)


class PageFileError(ValueError):
    """A file of the pages uses something that cannot be joined."""


def join_modules(name: str, folder: Path = STATIC) -> str:
    """A classic script that does what this module and all that it imports do; raises PageFileError."""
    joined: dict[str, str] = {}
    _add_module(folder, name, joined, ())
    return '"use strict";\n' + "".join(joined.values())


def join_styles(name: str, folder: Path = STATIC) -> str:
    """A style sheet with those that it imports in it, in the order in which a browser applies them."""
    text = (folder / name).read_text()
    imported = [(folder / each).read_text() for each in _STYLE_IMPORT.findall(text)]
    joined = "\n".join([*imported, _STYLE_IMPORT.sub("", text)])
    if "@import" in joined or "url(" in joined:
        raise PageFileError(f"{name}: expected imports of other sheets at its top, and no other address.")
    return joined


def _add_module(folder: Path, name: str, joined: dict[str, str], path: tuple[str, ...]) -> None:
    if name in joined:
        return
    if name in path:
        raise PageFileError(f"Modules import each other: {' imports '.join((*path, name))}.")
    text = (folder / name).read_text()
    for _, imported in _IMPORT.findall(text):
        _add_module(folder, imported, joined, (*path, name))
    joined[name] = _wrap(name, text)


def _wrap(name: str, text: str) -> str:
    body = _EXPORT.sub("", _IMPORT.sub(_take_names, text))
    if match := _LEFT_OVER.search(body):
        raise PageFileError(f'{name}: expected imports as `import {{ a }} from "./b.js";`, got {match[0].strip()!r}.')
    exported = ", ".join(_EXPORT.findall(text))
    return f"const {_variable(name)} = (() => {{\n{body}\nreturn {{ {exported} }};\n}})();\n"


def _take_names(match: re.Match[str]) -> str:
    names, imported = match.groups()
    return f"const {names} = {_variable(imported)};\n" if names else ""


def _variable(name: str) -> str:
    return "module_" + name.removesuffix(".js").replace("-", "_")
