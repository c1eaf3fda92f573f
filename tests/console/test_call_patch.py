"""A page that had one view, and gets the patch, has the other one."""

import itertools
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from console.call_json import encode_view
from console.call_patch import make_patch
from console.call_view import Turn
from tests.console.example_call import CALLER, VIEW, view_at


def apply(view: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:  # Any: a page knows no types
    """What a page does with a patch."""
    merged = {**view, **patch}
    for part in ("entries", "turns"):
        numbered = {each["number"]: each for each in [*view[part], *patch.get(part, [])]}
        merged[part] = sorted(numbered.values(), key=lambda each: (each["at_ms"], each["number"]))
    return merged


@given(times=st.lists(st.integers(0, 70_000), min_size=2, max_size=6))
def test_patches_lead_from_any_view_to_any_later_one(times: list[int]) -> None:
    views = [view_at(each) for each in sorted(times)]

    page = encode_view(views[0], show_numbers=False)
    for before, after in itertools.pairwise(views):
        patch = make_patch(before, after, show_numbers=False)
        assert patch is not None
        page = apply(page, patch)

    assert page == encode_view(views[-1], show_numbers=False)


def test_a_view_that_did_not_change_has_an_empty_patch() -> None:
    assert make_patch(VIEW, view_at(99_000), show_numbers=False) == {}


def test_only_what_changed_is_in_a_patch() -> None:
    turn = Turn(number=7, at_ms=60_000, speaker="caller", name="Caller", heard=f"My number is {CALLER}")
    after = replace(VIEW, now_ms=64_500, turns=(*VIEW.turns, turn))

    patch = make_patch(VIEW, after, show_numbers=False)

    assert patch == {
        "now_ms": 64_500,
        "turns": [
            {
                "number": 7,
                "at_ms": 60_000,
                "speaker": "caller",
                "name": "Caller",
                "heard": "My number is …0001",
                "cut": "",
            }
        ],
    }


def test_an_entry_whose_messages_changed_is_sent_again() -> None:
    entries = (*VIEW.entries[:1], replace(VIEW.entries[1], messages=VIEW.entries[1].messages[:1]), *VIEW.entries[2:])

    patch: Any = make_patch(VIEW, replace(VIEW, entries=entries), show_numbers=False)

    assert [each["number"] for each in patch["entries"]] == [2]


def test_a_patch_cannot_say_that_an_entry_is_gone() -> None:
    assert make_patch(VIEW, replace(VIEW, entries=VIEW.entries[1:]), show_numbers=False) is None
    assert make_patch(VIEW, replace(VIEW, turns=()), show_numbers=False) is None
