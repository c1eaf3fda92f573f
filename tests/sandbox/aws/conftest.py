"""What the tests of the sandbox's cloud share: functions written for a test."""

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

type WriteFunction = Callable[[str], Path]


@pytest.fixture
def write_function(tmp_path: Path) -> WriteFunction:
    """Writes source code into a function's folder as `app.py`; returns the folder."""

    def write(source: str) -> Path:
        folder = tmp_path / "function"
        folder.mkdir(exist_ok=True)
        (folder / "app.py").write_text(textwrap.dedent(source))
        return folder

    return write
