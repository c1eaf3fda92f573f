"""The file of people as text: on which line does a value begin?"""

import pytest

from directory_file import Path, line_of

TEXT = '''\
zone = "a"

# [[destination]] in a comment
words = """
[[destination]]
name = "no"
"""
[[destination]]
name = "one"
targets = [
  "a",
  "b",
]
[destination.hours]
mon = "x"
[[destination]]
"name" = "two"
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("zone",), 1),
        (("words",), 4),
        (("destination", 0), 8),
        (("destination", 0, "name"), 9),
        (("destination", 0, "targets"), 10),
        (("destination", 0, "targets", 1), 10),
        (("destination", 0, "hours", "mon"), 15),
        (("destination", 1, "name"), 17),
        (("destination", 1, "targets"), 16),
        (("destination", 7, "name"), 8),
        (("nothing",), 1),
    ],
)
def test_a_path_leads_to_its_line_or_as_near_as_there_is(path: Path, line: int) -> None:
    assert line_of(TEXT, path) == line
