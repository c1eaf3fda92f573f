"""What somebody has written in TOML, and what is wrong with it: the file, the key, what was expected and what came."""

import tomllib

from msgspec import ValidationError, convert, inspect

from socket_server.core.errors import SettingError

type Table = dict[str, object]


def decode[T](text: str, name: str, kind: type[T]) -> T:
    """The text as a struct of this kind; SettingError begins with the name of the file."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingError(f"{name}: not TOML: {error}") from error
    try:
        return convert(document, kind)
    except ValidationError as error:
        raise SettingError(f"{name}: {_in_full(str(error), document, kind)}") from error


def _in_full(said: str, document: Table, kind: type) -> str:
    """msgspec's sentence, and what it leaves out: the keys that there are, or the value that came."""
    reason, _, place = said.partition(" - at `$")
    path = place.rstrip("`").replace("[...]", ".*").replace("[", ".[").split(".")[1:]
    if "unknown field" in reason:
        return f"{said}: expected {', '.join(_keys(inspect.type_info(kind), document, path))}"
    if reason.startswith("Expected") and "got" not in reason and (value := _value(document, path)) is not None:
        return f"{said}, got {value!r}"
    return said


def _keys(kind: inspect.Type, value: object, path: list[str]) -> list[str]:
    """Of the table at this place; of a table of one of several kinds, those of the kind that it says it is."""
    for part in path:
        value = _value(value, [part])
        if isinstance(kind, inspect.StructType):
            kind = next(field.type for field in kind.fields if field.name == part)
        else:
            assert isinstance(kind, inspect.DictType)  # no list here holds tables
            kind = kind.value_type
        if isinstance(kind, inspect.UnionType):
            kind = next(each for each in kind.types if isinstance(each, inspect.StructType) and _is(each, value))
    assert isinstance(kind, inspect.StructType)  # nothing else has fields
    return [*filter(None, [kind.tag_field]), *(field.name for field in kind.fields)]


def _is(kind: inspect.StructType, value: object) -> bool:
    return kind.tag_field is not None and _value(value, [kind.tag_field]) == kind.tag


def _value(value: object, path: list[str]) -> object:
    """What stands there; None where the path leads through a list, or a key that msgspec does not name."""
    for part in path:
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value
