"""A directory to be spoilt, and what it is refused with."""

from pathlib import Path

import pytest

from directory import load
from toml_file import TomlFileError

GOOD = """\
time_zone = "Europe/London"
caller_id = "called"
business_name = "Acme"
holidays = [
  2026-12-25,
  2026-12-26,
]

[[destination]]
name = "desk"
description = "The desk"
targets = ["+15550100002", "sip:anna@example.com", "client:anna"]
ring = "in_turn"
hours = { mon_fri = "09:00-17:00" }
nobody = { destination = "support" }

[[destination]]
name = "support"
description = "Support"
targets = ["queue:support"]
after_talk = "return"
nobody = "message"
"""


def list_refusals(file: Path, text: str, *, complete: bool = False) -> list[str]:
    """The lines with which the text is refused, without the folder."""
    file.write_text(text, encoding="utf-8")
    with pytest.raises(TomlFileError) as refused:
        load(file, complete=complete)
    return [line.removeprefix(f"{file}:") for line in str(refused.value).splitlines()]
