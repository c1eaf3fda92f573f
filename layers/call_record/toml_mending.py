"""Makes a document that has faults of form fit its struct, so that its other values can be checked at the same time.

What is wrong or missing becomes a value that means nothing, of the right type. So nobody may use the result, and what
is found wrong with such a value says nothing.
"""

from typing import get_args, get_origin

import msgspec
from msgspec import Struct, inspect

from toml_faults import fits, list_alternatives


def mend(kind: object, value: object) -> object:
    """The value, with other values in place of those that do not fit. The whole may still not fit."""
    if fits(kind, value):
        return value
    for each in list_alternatives(kind):
        mended = _mend_parts(each, value)
        if mended is not None and fits(kind, mended):
            return mended
    return _make_empty(inspect.type_info(kind))


def _mend_parts(kind: object, value: object) -> object:
    """None: the value is no table or list of this type."""
    match value:
        case dict() if isinstance(kind, type) and issubclass(kind, Struct):
            return _mend_table(kind, value)
        case dict() if get_origin(kind) is dict:
            return {key: mend(get_args(kind)[1], part) for key, part in value.items()}
        case list() if get_origin(kind) in (list, tuple):
            return [mend(get_args(kind)[0], part) for part in value]
    return None


def _mend_table(struct: type[Struct], table: dict[str, object]) -> object:
    mended: dict[str, object] = {}
    tag = struct.__struct_config__.tag_field
    if tag is not None and tag in table:
        mended[tag] = table[tag]
    for field in msgspec.structs.fields(struct):
        if field.required or field.name in table:
            mended[field.name] = mend(field.type, table.get(field.name))
    return mended


def _make_empty(kind: inspect.Type) -> object:
    match kind:
        case inspect.Metadata(type=inside):
            return _make_empty(inside)
        case inspect.LiteralType(values=values):
            return values[0]
        case inspect.UnionType(types=types):
            return _make_empty(types[0])
        case inspect.StrType():
            return "-"
        case inspect.ListType(item_type=item, min_length=least):
            return [_make_empty(item)] * (least or 0)
        case inspect.StructType(fields=fields):
            return {each.encode_name: _make_empty(each.type) for each in fields if each.required}
        case inspect.DictType() | inspect.VarTupleType():
            return {} if isinstance(kind, inspect.DictType) else []
        case inspect.IntType(ge=least) | inspect.FloatType(ge=least):
            return least or 0
    return None
