"""What a directory is refused for, at which line."""

import tomllib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields

from directory import load
from directory_check import check_completeness, validate
from directory_file import Entry, File
from tests.transfer.directories import GOOD, list_refusals
from toml_mending import mend


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
        ('time_zone = "Europe/London"', "", 1, "time_zone: missing, expected text"),
        ("  2026-12-26,", '  "2026-12-66",', 4, 'holidays: expected a date such as 2026-12-24, got "2026-12-66"'),
        (
            'caller_id = "called"',
            'caller_id = "called"\nbusiness_number = "+266696687"',
            3,
            "business_number: expected a number of the Twilio account",
        ),
        ('caller_id = "called"', 'colour = "red"', 2, "colour: unknown key, expected time_zone, "),
        ('caller_id = "called"', "caller_id = called", 2, "not TOML: "),
        ('name = "desk"', 'name = "Desk!"', 10, "name: expected at most 40 small letters"),
        (
            'name = "desk"',
            'name = "support"',
            18,
            "name: 'support' is the name of another destination already",
        ),
        ('name = "desk"', 'name = "call_15550100002"', 10, "name: expected at most 40 small letters"),
        ('name = "desk"', "", 9, "name: missing, expected text"),
        ('"The desk"', '""', 11, "description: expected one line of words"),
        ('"The desk"', '"Ring (555) 010-0002"', 11, "description: expected one line of words"),
        ('"The desk"', '"Ring +1/555/010/0002"', 11, "description: expected one line of words"),
        ('"The desk"', '"Ring sip:boss@pbx.example.com"', 11, "description: expected one line of words"),
        ('"The desk"', '"Ring Client:boss"', 11, "description: expected one line of words"),
        (
            'description = "Support"',
            'description = "Support"\nspoken = "+1 555 0100"',
            20,
            "spoken: expected words",
        ),
        (
            'description = "Support"',
            f'description = "Support"\nspoken = "{"a" * 201}"',
            20,
            "spoken: expected words",
        ),
        (
            'caller_id = "called"',
            'caller_id = "called"\nsms_from = "Acme"',
            3,
            "sms_from: expected a number of the Twilio account that can send SMS",
        ),
        ('"message"', '"message"\nnotify = "sns"', 23, "notify: expected a list"),
        ('"message"', '"message"\nnotify = ["email"]', 23, 'notify: expected "sns" or "sms:" with a number'),
        ('"message"', '"message"\nnotify = ["sms:5550100002"]', 23, 'notify: expected "sns" or "sms:" with a'),
        ('"message"', '"message"\nnotify = ["sms:+266696687"]', 23, 'notify: expected "sns" or "sms:" with a'),
        ('"message"', '"message"\nnotify = ["sms:+15550100002"]', 23, "notify: an SMS needs a number that sends it"),
        ('"message"', '"message"\nnotify = ["sns", "sns"]', 23, "notify: expected each of them once"),
        ('"message"', f'"message"\nnotify = {["sns"] * 6}', 23, "notify: expected at most 5, got 6"),
        ("+15550100002", "0555 0100002", 12, "targets: expected a number in E.164"),
        ("+15550100002", "+05550100002", 12, "targets: expected a number in E.164"),
        ("sip:anna@example.com", "sip:@@@", 12, "targets: expected a number in E.164"),
        ("client:anna", "+15550100002", 12, "targets: expected each target once"),
        ('"09:00-17:00"', "[]", 14, "hours.mon_fri: expected at least one span"),
        ('"09:00-17:00"', '["09:00-12:00", "11:00-13:00"]', 14, "hours: the hours of mon and of mon overlap"),
        ("sip:anna@", "sip:", 12, "targets: expected a number in E.164"),
        ("client:anna", "client:an na", 12, "targets: expected a number in E.164"),
        ("client:anna", "queue:support", 12, "targets: a queue is not rung together with others"),
        ('"queue:support"', "", 20, "targets: expected a list, not empty, each item text, got an empty list"),
        (
            '"queue:support"',
            ", ".join(f'"+1555010{number:04}"' for number in range(11)),
            20,
            "targets: expected at most 10, got 11",
        ),
        (
            '"queue:support"',
            ", ".join(f'"sip:{"a" * 400}{number}@b"' for number in range(9)) + ']\naccept = "answer"#',
            20,
            "targets: the TwiML would have",
        ),
        ('"queue:support"', f'"sip:{"a" * 4000}@b"', 20, "targets: the TwiML would have"),
        (
            'business_name = "Acme"',
            f'business_name = "{"a" * 61}"',
            3,
            "business_name: expected words for whoever picks up",
        ),
        (
            'business_name = "Acme"',
            'business_name = "Acme, +1 555 0100"',
            3,
            "business_name: expected words for whoever picks up",
        ),
        ('business_name = "Acme"', "business_name = 7", 3, "business_name: expected text, got 7"),
        ('"in_turn"', '"together"', 13, "ring: the first voicemail to pick up would stop the others"),
        ('ring = "in_turn"', 'accept = "shout"', 13, 'accept: expected "answer" or "keypress", got "shout"'),
        ('"queue:support"', "7", 20, "targets: expected text, got 7"),
        ('"in_turn"', '"at_once"', 13, 'ring: expected "in_turn" or "together", got "at_once"'),
        ('ring = "in_turn"', "ring_seconds = 4", 13, "ring_seconds: expected 5 to 120, got 4"),
        ('ring = "in_turn"', "talk_seconds = 14401", 13, "talk_seconds: expected 60 to 14400, got 14401"),
        ('ring = "in_turn"', "ring_seconds = 20.5", 13, "ring_seconds: expected a whole number, got 20.5"),
        ('ring = "in_turn"', "ring_seconds = true", 13, "ring_seconds: expected a whole number, got true"),
        ('ring = "in_turn"', 'mode = "attended"', 13, 'mode: expected "direct", got "attended"'),
        ('ring = "in_turn"', 'time_zone = "Mars/North"', 13, "time_zone: expected a name"),
        ('"09:00-17:00"', '"9-17"', 14, 'hours.mon_fri: expected a span such as "09:00-17:00", got "9-17"'),
        (
            '{ mon_fri = "09:00-17:00" }',
            '"sometimes"',
            14,
            'hours: expected "always" or a table, each value text or a list',
        ),
        (
            '{ destination = "support" }',
            '{ destination = "cellar" }',
            15,
            "nobody: expected one of support; got 'cellar'",
        ),
        (
            '{ destination = "support" }',
            '"voicemail"',
            15,
            'nobody: expected "continue" or "message" or a table with destination',
        ),
        ('"message"', '{ destination = "support" }', 22, "nobody: a circle without end: support -> support"),
        ('"return"', '"stay"', 21, 'after_talk: expected "hang_up" or "return", got "stay"'),
    ],
)
def test_a_bad_file_is_refused_with_line_and_reason(file: Path, old: str, new: str, line: int, reason: str) -> None:
    assert old in GOOD

    refused = list_refusals(file, GOOD.replace(old, new, 1))

    assert any(each.startswith(f"{line}: ") and reason in each for each in refused), refused


def test_a_date_is_no_telephone_number(file: Path) -> None:
    file.write_text(GOOD.replace('"The desk"', '"The desk: client work; closed 2026-12-24 - 2026-12-25, 10:00-12:00"'))

    assert load(file).destinations[0].name == "desk"


def test_a_file_may_begin_with_the_mark_of_utf_8(file: Path) -> None:
    file.write_text(GOOD, encoding="utf-8-sig")

    assert load(file).destinations


type Toml = str | int | bool | list[Toml] | dict[str, Toml]
VALUES: st.SearchStrategy[Toml] = st.recursive(
    st.text(max_size=9) | st.integers() | st.booleans(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=9), inside, max_size=3),
)


@given(values=st.dictionaries(st.sampled_from([field.name for field in fields(Entry)]), VALUES), top=VALUES)
def test_a_document_with_any_values_is_mended_so_that_its_sense_can_be_checked(values: object, top: object) -> None:
    document = tomllib.loads(GOOD)
    document["destination"][0] |= values
    document["holidays"] = document["time_zone"] = top

    content = msgspec.convert(mend(File, document), File)

    assert [fault for fault in (*validate(content), *check_completeness(content)) if not fault.path] == []
    assert content.destination[1].name == "support"


@pytest.mark.parametrize("key", ["sms_from", "business_number", "caller_id"])
def test_an_sms_to_the_number_that_sends_it_is_refused(file: Path, key: str) -> None:
    number = f'{key} = "+15550100009"'
    text = GOOD.replace('caller_id = "called"', number).replace('"message"', '"message"\nnotify = ["sms:+15550100009"]')

    assert list_refusals(file, text) == [
        "23: notify: expected somebody's telephone, got our own number, which sends the SMS"
    ]


def test_who_is_told_and_who_sends_it_is_read(file: Path) -> None:
    text = GOOD.replace("caller_id", 'business_number = "+15550100000"\ncaller_id')
    file.write_text(text.replace('"message"', '"message"\nnotify = ["sms:+15550100009", "sns"]'))
    found = load(file)

    assert [str(each) for each in found.destinations[1].notify] == ["sms:+15550100009", "sns"]
    assert (found.sms_from, found.destinations[0].notify) == ("+15550100000", ())
