"""The lines of the demo: who says what, and how it sounds.

The texts are in `lines.toml`; the sound of each is the file NAME.ulaw beside it, rendered by `make voices`.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence or two, said by one of the speakers of `lines.toml`."""

    name: str
    who: str  # "model", "caller" or "person"
    text: str

    @property
    def audio(self) -> bytes:
        """The line as mu-law. It begins and ends with speech: no silence is left around it."""
        return (FOLDER / f"{self.name}.ulaw").read_bytes()


@cache
def load_lines() -> dict[str, Line]:
    """Every line by its name."""
    tables = tomllib.loads((FOLDER / "lines.toml").read_text())["lines"]
    return {name: Line(name, table["who"], table["text"]) for name, table in tables.items()}


def line(name: str) -> Line:
    """Return the line with this name; KeyError if there is none."""
    return load_lines()[name]
