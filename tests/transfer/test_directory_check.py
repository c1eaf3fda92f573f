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
        (
            'caller_id = "called"',
            "caller_id = 5",
            "caller_id: expected text, got 5: write it in quotes",
        ),  # which may be a number
        ('"09:00-17:00"', "9", "hours.mon_fri: expected text or a list, each item text, got 9: write it in quotes"),
    ],
)
def test_what_may_follow_from_a_fault_of_form_is_not_told(file: Path, old: str, new: str, told: str) -> None:
    refusals = list_refusals(file, GOOD.replace(old, new), complete=old.startswith("caller_id"))

    assert [line.partition(": ")[2] for line in refusals] == [told]


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
