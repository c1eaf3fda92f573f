"""Checking documents against shapes: what is said about a value that does not fit."""

import pytest

from sandbox.openai.errors import RefusedError
from sandbox.openai.schemas import (
    Anything,
    Boolean,
    Document,
    Either,
    Integer,
    ListOf,
    Null,
    Number,
    OneOf,
    Shape,
    Tagged,
    Text,
)

COLOUR = Document({"type": OneOf("colour"), "name": Text()}, required=("name",))
SIZE = Document({"type": OneOf("size"), "cm": Integer(1, 9)})


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (Text(), ""),
        (Text(pattern="[a-z]+", longest=3), "abc"),
        (Boolean(), False),
        (Integer(0, 2), 2),
        (Number(0.5), 1),
        (OneOf("a", 7), 7),
        (Anything(), {"whatever": [1, None]}),
        (Null(), None),
        (ListOf(Boolean()), [True, False]),
        (Tagged("type", {"colour": COLOUR, "size": SIZE}), {"type": "size", "cm": 3}),
        (Either(Null(), Integer(0)), None),
        (Either(Null(), Integer(0)), 4),
    ],
)
def test_a_value_that_fits_is_accepted(shape: Shape, value: object) -> None:
    shape.check(value, "x")


@pytest.mark.parametrize(
    ("shape", "value", "code", "message"),
    [
        (Text(), 1, "invalid_type", "Invalid type for 'x': expected a string, but got an integer instead."),
        (Text(), None, "invalid_type", "Invalid type for 'x': expected a string, but got null instead."),
        (
            Text(longest=2),
            "abc",
            "string_above_max_length",
            "Invalid 'x': string too long. Expected a string with maximum length 2, but got a string with length 3 "
            "instead.",
        ),
        (
            Text(pattern="[a-z]+"),
            "A",
            "invalid_value",
            "Invalid 'x': string does not match pattern. Expected a string that matches the pattern '^[a-z]+$'.",
        ),
        (Boolean(), 1, "invalid_type", "Invalid type for 'x': expected a boolean, but got an integer instead."),
        (Integer(0), 1.5, "invalid_type", "Invalid type for 'x': expected an integer, but got a decimal instead."),
        (Integer(0), True, "invalid_type", "Invalid type for 'x': expected an integer, but got a boolean instead."),
        (
            Integer(5),
            4,
            "integer_below_min_value",
            "Invalid 'x': integer below minimum value. Expected a value >= 5, but got 4 instead.",
        ),
        (
            Number(0, 1.5),
            1.6,
            "decimal_above_max_value",
            "Invalid 'x': decimal above maximum value. Expected a value <= 1.5, but got 1.6 instead.",
        ),
        (Number(0), "1", "invalid_type", "Invalid type for 'x': expected a decimal, but got a string instead."),
        (OneOf("a", "b"), "c", "invalid_value", "Invalid value: 'c'. Supported values are: 'a', 'b'."),
        (OneOf("a"), [], "invalid_type", "Invalid type for 'x': expected a string, but got an array instead."),
        (Anything(), "", "invalid_type", "Invalid type for 'x': expected an object, but got a string instead."),
        (Null(), {}, "invalid_type", "Invalid type for 'x': expected null, but got an object instead."),
        (ListOf(Boolean()), {}, "invalid_type", "Invalid type for 'x': expected an array, but got an object instead."),
        (COLOUR, 1, "invalid_type", "Invalid type for 'x': expected an object, but got an integer instead."),
        (COLOUR, {}, "missing_required_parameter", "Missing required parameter: 'x.name'."),
        (COLOUR, {"name": "red", "hue": 1}, "unknown_parameter", "Unknown parameter: 'x.hue'."),
        (Tagged("type", {"size": SIZE}), [], "invalid_type", None),
        (Tagged("type", {"size": SIZE}), {}, "missing_required_parameter", "Missing required parameter: 'x.type'."),
        (Tagged("type", {"size": SIZE}), {"type": "age"}, "invalid_value", None),
        (Either(Null(), Integer(0)), "4", "invalid_type", None),
    ],
)
def test_a_value_that_does_not_fit_is_refused_in_the_services_words(
    shape: Shape, value: object, code: str, message: str | None
) -> None:
    with pytest.raises(RefusedError) as refused:
        shape.check(value, "x")
    assert refused.value.code == code
    assert message in (None, refused.value.message)


def test_the_path_of_the_culprit_is_named_through_objects_and_arrays() -> None:
    shape = Document({"sizes": ListOf(SIZE)})
    with pytest.raises(RefusedError) as refused:
        shape.check({"sizes": [{"cm": 1}, {"cm": 10}]}, "box")
    assert refused.value.param == "box.sizes[1].cm"
