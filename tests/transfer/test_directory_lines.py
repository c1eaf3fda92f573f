"""That one run tells all faults of a directory, and each mistake in one line."""

from pathlib import Path

import pytest

from tests.transfer.directories import GOOD, list_refusals


def test_a_circle_is_shown_whole(file: Path) -> None:
    refused = list_refusals(file, GOOD.replace('"message"', '{ destination = "desk" }'))

    assert refused == ["15: nobody: a circle without end: desk -> support -> desk"]


def test_a_circle_is_told_once_whoever_leads_into_it(file: Path) -> None:
    night = '\n[[destination]]\nname = "night"\ndescription = "x"\ntargets = ["client:x"]\n'
    text = GOOD.replace('"support" }', '"night" }') + night + 'nobody = { destination = "support" }'

    refused = list_refusals(file, text.replace('"message"', '{ destination = "night" }'))

    assert refused == ["22: nobody: a circle without end: support -> night -> support"]


@pytest.mark.parametrize(
    ("nobody", "said"),
    [
        ('{ destinaton = "support" }', "15: nobody.destinaton: unknown key, expected destination, which is missing"),
        ('{ name = "support" }', "15: nobody.name: unknown key, expected destination, which is missing"),
        ("{ destination = 5 }", "15: nobody.destination: expected text, got 5: write it in quotes"),
        ('{ destination = "cellar" }', "15: nobody: expected one of support; got 'cellar'"),
        ("{ destination = support }", "15: not TOML: Invalid value (at line 15, column 26); if support is text, "),
    ],
)
def test_one_mistake_about_who_is_next_is_one_line(file: Path, nobody: str, said: str) -> None:
    [refused] = list_refusals(file, GOOD.replace('{ destination = "support" }', nobody))

    assert refused.startswith(said)


def test_each_item_of_a_list_and_each_line_of_the_hours_is_told_by_itself(file: Path) -> None:
    text = GOOD.replace('["+15550100002", ', '[\n  +15550100002,\n  "15550100002",\n  "tel:1",\n  ')
    hours = '{ mon_fri = "9-17", sat = ["10-12", "13:00-13:00"], xyz = "09:00-17:00", sun = 9 }'

    refused = list_refusals(file, text.replace('{ mon_fri = "09:00-17:00" }', hours) + 'notify = ["a", 5, "b"]\n')

    assert [line.partition(" a number in E.164")[0] for line in refused] == [
        "12: targets: expected",
        "12: targets: expected",
        "12: targets: expected text, got 15550100002: write it in quotes",
        '18: hours.mon_fri: expected a span such as "09:00-17:00", got "9-17"',
        '18: hours.sat: expected a span such as "09:00-17:00", got "10-12"',
        '18: hours.sat: expected a span with an end after its beginning, got "13:00-13:00"; all day is "00:00-24:00"',
        "18: hours.sun: expected text or a list, each item text, got 9: write it in quotes",
        '18: hours.xyz: expected a day or days such as "sat" or "mon_fri", got "xyz"',
        '27: notify: expected "sns" or "sms:" with',
        '27: notify: expected "sns" or "sms:" with',
        "27: notify: expected text, got 5: write it in quotes",
    ]


def test_a_misspelt_key_is_not_told_as_missing_too(file: Path) -> None:
    [refused] = list_refusals(file, GOOD.replace('name = "desk"', 'nmae = "desk"'))
    assert refused == "10: nmae: unknown key, expected name, which is missing"

    [refused] = list_refusals(file, GOOD.replace("after_talk", "afer_talk"))
    assert refused.endswith("; perhaps after_talk is meant")


@pytest.mark.parametrize(
    ("old", "number", "said"),
    [
        ('"called"', "+15550100002", "2: caller_id: expected text, got 15550100002: write it in quotes"),
        ('"called"', "+1 555 010 0002", "if +1 555 010 0002 is text, write it in quotes"),
        ('"queue:support"', "+15550100002", "20: targets: expected text, got 15550100002: write it in quotes"),
        ('"queue:support"', "+1 (555) 010-0002", "if +1 (555) 010-0002 is text, write it in quotes"),
        ('"queue:support"', '"queue:a,b", +1-555-010-0002', "if +1-555-010-0002 is text, write it in quotes"),
        ('"queue:support"', "\n  +1 555 0100,\n", "if +1 555 0100 is text, write it in quotes"),
        ('"09:00-17:00"', "09:00-17:00", "if 09:00-17:00 is text, write it in quotes"),
        ('"message"', "message", "if message is text, write it in quotes"),
    ],
)
def test_text_without_quotes_is_told_what_it_lacks(file: Path, old: str, number: str, said: str) -> None:
    [refused] = list_refusals(file, GOOD.replace(old, number))

    assert refused.endswith(said)


def test_all_faults_are_told_at_once_in_the_order_of_the_file(file: Path) -> None:
    refused = list_refusals(file, GOOD.replace("+15550100002", "anna").replace("London", "Londen"))

    assert [each.partition(":")[0] for each in refused] == ["1", "12"]


def test_faults_of_form_and_of_sense_are_told_at_once(file: Path) -> None:
    spoilt = (
        GOOD.replace('"called"', '"anna"')
        .replace('"The desk"', "5")
        .replace("desk", "Desk!", 1)
        .replace('"queue:support"', '"queue:support", "+1555"')
        .replace('"message"', '"mesage"')
    )

    assert [line.partition(", got ")[0] for line in list_refusals(file, spoilt)] == [
        '2: caller_id: expected "caller", "called" or a number such as "+15550100000"',
        "10: name: expected at most 40 small letters, digits and _, without a number; got 'Desk!'",
        "11: description: expected text",
        "20: targets: a queue is not rung together with others: expected it alone",
        "20: targets: expected a number in E.164 such as +15550100002, sip:user@host, client:name or queue:name;"
        " got '+1555'",
        '22: nobody: expected "continue" or "message" or a table with destination',
    ]


def test_a_document_that_would_be_too_long_for_twilio_is_told_with_the_rest(file: Path) -> None:
    spoilt = GOOD.replace('"Europe/London"', '"Europe/Londen"').replace('"queue:support"', f'"sip:{"a" * 4000}@b"')

    assert [line.partition(" ")[0] + line.partition(": ")[2][:21] for line in list_refusals(file, spoilt)] == [
        "1:time_zone: expected a",
        "20:targets: the TwiML wo",
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        # Whether these are faults depends on a value that is wrong itself.
        ('name = "support"', "name = 5", "name: expected text, got 5: write it in quotes"),  # `desk` leads to it
        # It may be a number.
        ('caller_id = "called"', "caller_id = 5", "caller_id: expected text, got 5: write it in quotes"),
        ('"09:00-17:00"', "9", "hours.mon_fri: expected text or a list, each item text, got 9: write it in quotes"),
    ],
)
def test_what_may_follow_from_a_fault_of_form_is_not_told(file: Path, old: str, new: str, told: str) -> None:
    refusals = list_refusals(file, GOOD.replace(old, new), complete=old.startswith("caller_id"))

    assert [line.partition(": ")[2] for line in refusals] == [told]
