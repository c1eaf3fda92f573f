"""A call as JSON: every field, no message, no sound, no whole number."""

import json
from dataclasses import fields, replace

from console.call_json import dump_json, encode_list, encode_messages, encode_view
from console.call_source import CallList
from console.call_view import CallView, Entry, Lane, Message, Turn
from tests.console.example_call import CALLER, ENTRIES, SCRIPT, SID, VIEW


def test_a_view_has_every_part_under_its_own_name() -> None:
    view = json.loads(dump_json(encode_view(VIEW, show_numbers=False)))

    assert list(view) == [each.name for each in fields(CallView)]
    assert view["lanes"][0] == {"id": "caller", "kind": "caller", "name": "Caller"}


def test_an_entry_says_whether_it_has_messages_and_leaves_them_out() -> None:
    view = json.loads(dump_json(encode_view(VIEW, show_numbers=False)))

    assert view["entries"][1] == {
        "number": 2,
        "lane": "twilio",
        "kind": "webhook",
        "at_ms": 40,
        "until_ms": 130,
        "open": False,
        "title": "Twilio asks what to do with the call",
        "tone": "normal",
        "has_messages": True,
    }
    assert view["entries"][0]["has_messages"] is False
    assert "wss://stream.example.com" not in dump_json(view)


def test_a_recording_has_an_address_in_place_of_its_sound() -> None:
    view = json.loads(dump_json(encode_view(VIEW, show_numbers=False)))

    assert view["recordings"][0] == {
        "lane": "caller",
        "label": "What the caller heard",
        "from_ms": 180,
        "url": f"/api/calls/{SID}/recordings/0.wav",
    }


def test_no_whole_number_is_in_a_view_unless_it_was_asked_for() -> None:
    lane = Lane(id="caller", kind="caller", name=f"Caller {CALLER}")
    entry = Entry(number=1, lane="caller", kind="call", at_ms=0, title=f"{CALLER} dials")
    view = replace(VIEW, lanes=(lane,), entries=(entry,), notes=(f"A note about {CALLER}",))

    assert "5550100" not in dump_json(encode_view(view, show_numbers=False))
    assert dump_json(encode_view(view, show_numbers=True)).count("+15550100001") == 5


def test_numbers_are_masked_in_messages_and_lists() -> None:
    found = CallList(calls=(VIEW.summary,), more=True, read_units=2.5)

    messages = encode_messages(ENTRIES[1], show_numbers=False)
    calls = encode_list(found, "an example", show_numbers=False)

    assert "5550100" not in dump_json(messages) + dump_json(calls)
    assert (calls["more"], calls["read_units"], calls["source"]) == (True, 2.5, "an example")
    assert "%2B15550100001" in dump_json(encode_messages(ENTRIES[1], show_numbers=True))


def test_a_key_in_a_message_is_not_sent_even_with_whole_numbers() -> None:
    entry = replace(
        ENTRIES[1], messages=(Message(label="request", text="Authorization: Bearer sk-0123456789abcdefghij"),)
    )

    assert dump_json(encode_messages(entry, show_numbers=True)).count("sk-") == 0


def test_words_stay_as_they_were_said() -> None:
    view = json.loads(dump_json(encode_view(VIEW, show_numbers=False)))

    assert view["turns"][1]["heard"] == f"My name is {SCRIPT} & I want “bread”."
    assert view["turns"][0]["cut"] == " help you today? We have fresh bread until four."


def test_half_a_character_can_be_sent() -> None:
    turn = Turn(number=1, at_ms=0, speaker="assistant", name="Assistant", heard="\ud83d \u2028 \0")
    sent = dump_json(encode_view(replace(VIEW, turns=(turn,)), show_numbers=False)).encode()

    assert json.loads(sent)["turns"][0]["heard"] == "\ud83d \u2028 \0"
    assert b"\n" not in sent
