"""A file in TOML: its content, and on which line each of its faults stands."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from toml_faults import Fault, KeyPath
from toml_file import TomlFile, TomlFileError

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


class Box(Struct, forbid_unknown_fields=True):
    label: str
    size: int = 1


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ((), "1: bad"),
        (("zone",), "1: zone: bad"),
        (("words",), "4: words: bad"),
        (("destination", 0), "8: destination: bad"),
        (("destination", 0, "name"), "9: name: bad"),
        (("destination", 0, "targets"), "10: targets: bad"),
        (("destination", 0, "targets", 1), "10: targets: bad"),
        (("destination", 0, "hours", "mon"), "15: hours.mon: bad"),
        (("destination", 1, "name"), "17: name: bad"),
        (("destination", 1, "targets"), "16: targets: bad"),
        (("destination", 7, "name"), "8: name: bad"),
        (("nothing",), "1: nothing: bad"),
    ],
)
def test_a_fault_is_told_with_its_key_and_the_line_of_its_value_or_as_near_as_there_is(
    path: KeyPath, said: str
) -> None:
    assert str(TomlFile("x.toml", TEXT).refuse([Fault(path, "bad")])) == f"x.toml:{said}"


def test_faults_are_told_in_the_order_of_the_file() -> None:
    faults = [Fault(("destination", 1, "name"), "late"), Fault(("destination", 0, "name"), "soon"), Fault((), "first")]

    refused = TomlFile("x.toml", TEXT).refuse(faults)

    assert str(refused).splitlines() == ["x.toml:1: first", "x.toml:9: name: soon", "x.toml:17: name: late"]


def test_a_file_is_read_under_its_path_or_another_name(tmp_path: Path) -> None:
    path = tmp_path / "box.toml"
    path.write_text('label = "é"\nsize = 2', encoding="utf-8-sig")

    assert TomlFile.read(path) == TomlFile(str(path), 'label = "é"\nsize = 2')
    assert TomlFile.read(path, "the box").decode(Box) == Box("é", 2)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "box.toml"
    if content:
        path.write_bytes(content)

    with pytest.raises(TomlFileError, match=r"^box.toml:1: cannot be read: "):
        TomlFile.read(path, "box.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("label", "1: not TOML: Expected '=' after a key in a key/value pair (at end of document)"),
        ('label = "x"\nsize = = 2', "2: not TOML: Invalid value (at line 2, column 8)"),
        ("size = 2", "1: label: missing, expected text"),
        ('label = "x"\nsize = "2"', '2: size: expected a whole number, got "2"'),
    ],
)
def test_a_file_of_the_wrong_shape_is_refused(text: str, said: str) -> None:
    with pytest.raises(TomlFileError) as wrong:
        TomlFile("box.toml", text).decode(Box)

    assert str(wrong.value) == f"box.toml:{said}"


def test_every_fault_of_the_shape_is_told_at_once() -> None:
    with pytest.raises(TomlFileError) as wrong:
        TomlFile("box.toml", 'size = "2"\ncolour = "red"').decode(Box)

    assert str(wrong.value).splitlines() == [
        "box.toml:1: label: missing, expected text",
        'box.toml:1: size: expected a whole number, got "2"',
        "box.toml:2: colour: unknown key, expected label or size",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('label = "a\u2028b\u0085c"\nsize = "x"', "2: size: expected a whole number"),  # no line ends there
        ('label = """\na\n\'\'\'\nb\n"""\nsize = "x"', "6: size: expected a whole number"),
        ('# """\nlabel = "a"\nsize = "x"', "3: size: expected a whole number"),
        ("label = " + "[" * 2000 + "]" * 2000, "1: not TOML: "),
        ("label = 0x" + "f" * 5000, "1: label: expected text, got a number that is too large"),
        ("size = " + "1" * 5000, "1: not TOML: "),
    ],
)
def test_texts_that_are_hard_to_read_are_refused_at_their_lines(text: str, said: str) -> None:
    with pytest.raises(TomlFileError) as wrong:
        TomlFile("box.toml", text).decode(Box)

    assert any(line.startswith(f"box.toml:{said}") for line in str(wrong.value).splitlines()), wrong.value


@given(st.text(max_size=60), st.integers(0, len(TEXT)), st.integers(0, 12))
def test_any_text_is_either_read_or_refused_with_a_line_that_it_has(text: str, at: int, cut: int) -> None:
    file = TomlFile("x.toml", TEXT[:at] + text + TEXT[at + cut :])

    with pytest.raises(TomlFileError) as refused:
        file.decode(Box)

    for line in str(refused.value).split("x.toml:")[1:]:
        assert 1 <= int(line.partition(":")[0]) <= file.text.count("\n") + 1


@pytest.mark.parametrize("text", [f"a{'.a' * 5000} = 1\n", f"a = {'[' * 50}{']' * 50}\n"])
def test_keys_that_stand_too_deep_are_one_line(text: str) -> None:
    with pytest.raises(TomlFileError) as refused:
        TomlFile("box.toml", text).decode(Box)

    assert str(refused.value) == "box.toml:1: expected at most 20 keys inside each other, got more"
