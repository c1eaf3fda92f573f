"""What is new in a call since a page was told of it."""

from collections.abc import Sequence

from console.call_json import PARTS, JsonObject, encode, encode_part
from console.call_view import CallView, Entry, Turn

_NUMBERED = ("entries", "turns")


def make_patch(before: CallView, after: CallView, *, show_numbers: bool) -> JsonObject | None:
    """The parts that changed, whole; of entries and turns only those that are new or changed.

    Empty: nothing changed. None: an entry or a turn is gone, which a patch cannot say; the page needs the whole view.
    """
    patch: JsonObject = {}
    for part in PARTS:
        if part not in _NUMBERED:
            changed = encode_part(after, part, show_numbers=show_numbers)
            if changed != encode_part(before, part, show_numbers=show_numbers):
                patch[part] = changed
    for part in _NUMBERED:
        old, new = getattr(before, part), getattr(after, part)
        if {each.number for each in old} - {each.number for each in new}:
            return None
        if found := _find_changed(old, new):
            patch[part] = encode(found, show_numbers=show_numbers)
    return patch


def _find_changed[T: (Entry, Turn)](before: Sequence[T], after: Sequence[T]) -> tuple[T, ...]:
    old = {each.number: each for each in before}
    return tuple(each for each in after if old.get(each.number) != each)
