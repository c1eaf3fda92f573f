"""The directory of people: what a file says, and what a bad file is refused for, at which line."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination import Destination
from directory import SHIPPED, Directory, load
from directory_file import Fallback
from targets import Target
from tests.transfer.directories import GOOD, list_refusals
from toml_file import TomlFileError


def test_the_shipped_directory_is_valid() -> None:
    assert load(SHIPPED, complete=True).destinations  # what is in it is everybody's own


def test_a_good_file_becomes_a_directory(file: Path) -> None:
    file.write_text(GOOD)

    directory = load(file)

    desk, support = directory.destinations
    assert directory == Directory((desk, support), "called")
    assert desk.targets == (
        Target("number", "+15550100002"),
        Target("sip", "sip:anna@example.com"),
        Target("client", "anna"),
    )
    assert (desk.accept, len(desk.dials)) == ("keypress", 3)
    assert desk.whisper == "Acme: a caller for the desk. Press 1 to take the call."
    assert (desk.in_turn, desk.ring_seconds, desk.after_talk, desk.nobody) == (
        True,
        20,
        "hang_up",
        Fallback("support"),
    )
    assert desk.open_at(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    assert not desk.open_at(datetime(2026, 12, 25, 10, 0, tzinfo=UTC))
    assert support == Destination(
        "support",
        "Support",
        "the support",
        (Target("queue", "support"),),
        True,
        20,
        14_400,
        None,
        "return",
        "message",
        "answer",
        "Acme: a caller for the support. Press 1 to take the call.",
    )
    assert support.next_opening(datetime(2026, 11, 23, tzinfo=UTC)) is None


def test_the_business_number_stands_in_for_a_number_that_cannot_be_shown(file: Path) -> None:
    file.write_text(GOOD.replace('caller_id = "called"', 'caller_id = "caller"\nbusiness_number = "+15550100000"'))
    assert load(file).business_number == "+15550100000"
    file.write_text(GOOD.replace('"called"', '"+15550100009"'))
    assert load(file).business_number == "+15550100009"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"called"', '"called"\nbusiness_number = "+15550100000"'),
        ('"called"', '"+15550100000"'),
        ('"+15550100002", "sip:anna@example.com", ', ""),  # only numbers and SIP addresses are shown a number
    ],
)
def test_the_check_demands_a_business_number_where_it_can_be_needed(file: Path, old: str, new: str) -> None:
    [refused] = list_refusals(file, GOOD, complete=True)
    assert refused.startswith("1: business_number: expected a number of the Twilio account")
    assert load(file).destinations  # the function itself works without

    file.write_text(GOOD.replace(old, new))
    assert load(file, complete=True).destinations


@pytest.mark.parametrize("key", ["caller_id", "business_number"])
def test_the_check_refuses_a_directory_that_rings_our_own_number(file: Path, key: str) -> None:
    text = GOOD.replace('caller_id = "called"\n', "")

    refused = list_refusals(file, f'{key} = "+15550100002"\n{text}', complete=True)

    assert any(line.startswith("12: targets: expected somebody's telephone, got our own number") for line in refused)
    assert load(file).rings(["+15550100009", "+15550100002"]) == ["desk"]
    assert load(file).rings(["anna", "support"]) == []


def test_a_file_that_says_no_more_asks_for_a_key_and_rings_one_after_the_other(file: Path) -> None:
    file.write_text(GOOD.replace('ring = "in_turn"\n', ""))

    (desk, _) = load(file).destinations
    assert (desk.accept, desk.in_turn) == ("keypress", True)
    assert [[target.kind for target in targets] for targets in desk.dials] == [["number"], ["sip"], ["client"]]


def test_where_picking_up_is_enough_all_may_be_rung_together(file: Path) -> None:
    file.write_text(GOOD.replace('ring = "in_turn"', 'ring = "together"\naccept = "answer"'))

    (desk, _) = load(file).destinations
    assert (desk.accept, desk.in_turn, desk.dials) == ("answer", False, (desk.targets,))


def test_an_empty_file_is_refused(file: Path) -> None:
    assert list_refusals(file, "") == [
        "1: destination: missing, expected a list, not empty, each item a table with name, description, targets, "
        "spoken, accept, ring, ring_seconds, talk_seconds, hours, time_zone, mode, after_talk, nobody, notify",
        "1: time_zone: missing, expected text",
    ]


def test_a_missing_or_unreadable_file_is_refused(file: Path) -> None:
    with pytest.raises(TomlFileError, match="1: cannot be read"):
        load(file)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(TomlFileError, match="1: cannot be read"):
        load(file)


@given(st.text(max_size=60), st.integers(0, len(GOOD)), st.integers(0, 12))
def test_any_text_is_either_a_directory_or_refused_with_a_line(
    tmp_path_factory: pytest.TempPathFactory, text: str, at: int, cut: int
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_text(GOOD[:at] + text + GOOD[at + cut :], encoding="utf-8", errors="replace")

    try:
        assert load(file).destinations
    except TomlFileError as refused:
        lines = str(refused).splitlines()
        assert all(line.startswith(f"{file}:") for line in lines)
        assert all(line.removeprefix(f"{file}:").partition(":")[0].isdigit() for line in lines)
