"""What is said about a file that somebody has written wrongly."""

from typing import Annotated

import pytest
from msgspec import Meta, Struct

from socket_server.core.errors import SettingError
from socket_server.toml_file import decode


class Round(Struct, forbid_unknown_fields=True, tag_field="shape", tag="round"):
    radius: int = 1


class Square(Struct, forbid_unknown_fields=True, tag_field="shape", tag="square"):
    side: int = 1


class Box(Struct, forbid_unknown_fields=True):
    label: str
    size: Annotated[int, Meta(le=9)] = 1
    lid: Round | Square | None = None
    parts: dict[str, Square] = {}
    codes: tuple[Annotated[int, Meta(le=9)], ...] = ()


def test_a_file_is_read() -> None:
    assert decode('label = "x"\n[parts."a.b"]\nshape = "square"', "box.toml", Box) == Box("x", parts={"a.b": Square()})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("label", "not TOML: Expected '=' after a key in a key/value pair (at end of document)"),
        ("size = 2", "Object missing required field `label`"),
        ("lable = 2", "Object contains unknown field `lable`: expected label, size, lid, parts, codes"),
        ("label = 2", "Expected `str`, got `int` - at `$.label`"),
        ("size = 10", "Expected `int` <= 9 - at `$.size`, got 10"),
        ("codes = [10]", "Expected `int` <= 9 - at `$.codes[0]`"),
        ('lid = {shape = "oval"}', "Invalid value 'oval' - at `$.lid.shape`"),
        ("lid = {shape = 'square', radius = 2}", "unknown field `radius` - at `$.lid`: expected shape, side"),
        ("parts.'a.b' = {shape = 'square', x = 2}", "unknown field `x` - at `$.parts[...]`: expected shape, side"),
    ],
)
def test_a_fault_is_named_with_its_place_what_was_expected_and_what_came(text: str, why: str) -> None:
    with pytest.raises(SettingError) as wrong:
        decode(text, "box.toml", Box)

    assert str(wrong.value).startswith("box.toml: ")
    assert str(wrong.value).endswith(why)
