"""What a directory is refused for, at which line."""

from pathlib import Path

import pytest

from directory import load
from tests.transfer.directories import GOOD, refusal


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        (
            'caller_id = "called"',
            'caller_id = "anna"',
            2,
            'caller_id: expected "caller", "called" or a number',
        ),
        ('"Europe/London"', '"Europe/Londen"', 1, "time_zone: expected a name such as"),
        ('"Europe/London"', '"../../etc/passwd"', 1, "time_zone: expected a name such as"),
        ('time_zone = "Europe/London"', "", 1, "missing required field `time_zone`"),
        ("  2026-12-26,", '  "2026-12-66",', 3, "Invalid RFC3339 encoded date"),
        (
            'caller_id = "called"',
            'caller_id = "called"\nbusiness_number = "+266696687"',
            3,
            "business_number: expected a number of the Twilio account",
        ),
        ('caller_id = "called"', 'colour = "red"', 2, "unknown field `colour`"),
        ('caller_id = "called"', "caller_id = called", 2, "this is not TOML"),
        ('name = "desk"', 'name = "Desk!"', 9, "name: expected at most 40 small letters"),
        (
            'name = "desk"',
            'name = "support"',
            17,
            "name: 'support' is the name of another destination already",
        ),
        ('name = "desk"', 'name = "call_15550100002"', 9, "name: expected at most 40 small letters"),
        ('name = "desk"', "", 8, "missing required field `name`"),
        ('"The desk"', '""', 10, "description: expected one line of words"),
        ('"The desk"', '"Ring (555) 010-0002"', 10, "description: expected one line of words"),
        ('"The desk"', '"Ring +1/555/010/0002"', 10, "description: expected one line of words"),
        ('"The desk"', '"Ring sip:boss@pbx.example.com"', 10, "description: expected one line of words"),
        ('"The desk"', '"Ring Client:boss"', 10, "description: expected one line of words"),
        (
            'description = "Support"',
            'description = "Support"\nspoken = "+1 555 0100"',
            19,
            "spoken: expected words",
        ),
        (
            'description = "Support"',
            f'description = "Support"\nspoken = "{"a" * 201}"',
            19,
            "spoken: expected words",
        ),
        ("+15550100002", "0555 0100002", 11, "targets: expected a number in E.164"),
        ("+15550100002", "+05550100002", 11, "targets: expected a number in E.164"),
        ("sip:anna@example.com", "sip:@@@", 11, "targets: expected a number in E.164"),
        ("client:anna", "+15550100002", 11, "targets: expected each target once"),
        ('"09:00-17:00"', "[]", 13, "hours: mon_fri: expected at least one span"),
        ('"09:00-17:00"', '["09:00-12:00", "11:00-13:00"]', 13, "hours: the hours of mon and of mon overlap"),
        ("sip:anna@", "sip:", 11, "targets: expected a number in E.164"),
        ("client:anna", "client:an na", 11, "targets: expected a number in E.164"),
        ("client:anna", "queue:support", 11, "targets: a queue is not rung together with others"),
        ('"queue:support"', "", 19, "Expected `array` of length >= 1"),
        (
            '"queue:support"',
            ", ".join(f'"+1555010{number:04}"' for number in range(11)),
            19,
            "targets: expected at most 10, got 11",
        ),
        (
            '"queue:support"',
            ", ".join(f'"sip:{"a" * 400}{number}@b"' for number in range(9)),
            19,
            "targets: the TwiML would have",
        ),
        ('"queue:support"', "7", 19, "Expected `str`, got `int`"),
        ('"in_turn"', '"at_once"', 12, "Invalid enum value 'at_once'"),
        ('ring = "in_turn"', "ring_seconds = 4", 12, "ring_seconds: expected 5 to 120, got 4"),
        ('ring = "in_turn"', "talk_seconds = 14401", 12, "talk_seconds: expected 60 to 14400, got 14401"),
        ('ring = "in_turn"', "ring_seconds = 20.5", 12, "Expected `int`, got `float`"),
        ('ring = "in_turn"', "ring_seconds = true", 12, "Expected `int`, got `bool`"),
        ('ring = "in_turn"', 'mode = "attended"', 12, 'mode: "attended" is not supported yet'),
        ('ring = "in_turn"', 'time_zone = "Mars/North"', 12, "time_zone: expected a name"),
        ('"09:00-17:00"', '"9-17"', 13, 'hours: expected a span such as "09:00-17:00", got "9-17"'),
        ('{ mon_fri = "09:00-17:00" }', '"sometimes"', 13, "Invalid enum value 'sometimes'"),
        (
            '{ destination = "support" }',
            '{ destination = "cellar" }',
            14,
            "nobody: there is no destination 'cellar'",
        ),
        ('{ destination = "support" }', '"voicemail"', 14, "Invalid enum value 'voicemail'"),
        ('"message"', '{ destination = "support" }', 21, "nobody: a circle without end: support -> support"),
        ('"return"', '"stay"', 20, "Invalid enum value 'stay'"),
    ],
)
def test_a_bad_file_is_refused_with_line_and_reason(file: Path, old: str, new: str, line: int, reason: str) -> None:
    assert old in GOOD

    refused = refusal(file, GOOD.replace(old, new, 1))

    assert any(each.startswith(f"{line}: ") and reason in each for each in refused), refused


def test_a_date_is_no_telephone_number(file: Path) -> None:
    file.write_text(GOOD.replace('"The desk"', '"The desk: client work; closed 2026-12-24 - 2026-12-25, 10:00-12:00"'))

    assert load(file).destinations[0].name == "desk"


def test_a_file_may_begin_with_the_mark_of_utf_8(file: Path) -> None:
    file.write_text(GOOD, encoding="utf-8-sig")

    assert load(file).destinations


def test_a_circle_is_shown_whole(file: Path) -> None:
    refused = refusal(file, GOOD.replace('"message"', '{ destination = "desk" }'))

    assert refused == [
        "14: nobody: a circle without end: desk -> support -> desk",
        "21: nobody: a circle without end: support -> desk -> support",
    ]


def test_all_faults_are_told_at_once_in_the_order_of_the_file(file: Path) -> None:
    refused = refusal(file, GOOD.replace("+15550100002", "anna").replace("London", "Londen"))

    assert [each.partition(":")[0] for each in refused] == ["1", "11"]
