"""The TwiML of a transfer."""

from dataclasses import replace
from typing import Literal
from xml.etree import ElementTree

import pytest

from destination import Destination
from dial import (
    MAX_CHARACTERS,
    SORRY,
    compose_announcement,
    compose_whisper,
    max_ringing_ms,
    max_unreported_ms,
    render_dial,
    render_longest,
    render_say,
)
from targets import Target

DESK = Destination(
    "desk",
    "Desk",
    "the desk",
    (Target("number", "+15550100002"),),
    False,
    25,
    600,
    None,
    "hang_up",
    "continue",
)


CALL = "CA" + "1" * 32
LEG = f"?call={CALL}&amp;attempt=call_1"
SCREEN = (
    f' statusCallback="https://v.example/prod/voice/agent-status{LEG}#rp=all"'
    ' statusCallbackEvent="initiated ringing answered completed"'
    f' url="https://v.example/prod/voice/agent-leg{LEG}#rp=all"'
)
SEVERAL = (Target("number", "+1555"), Target("sip", "sip:a@b?X-A=1&X-B=2"), Target("client", "anna"))


def parse_dial(destination: Destination, number: int = 0) -> ElementTree.Element:
    """The `<Dial>`, or what else the document has for its only verb."""
    twiml = render_dial(destination, voice_url="https://v", call_sid=CALL, attempt="a", caller_id=None, number=number)
    (verb,) = ElementTree.fromstring(twiml)  # noqa: S314 (our own)
    return verb


def test_a_number_is_dialled_with_everything_absolute_and_bounded() -> None:
    twiml = render_dial(
        DESK, voice_url="https://v.example/prod", call_sid=CALL, attempt="call_1", caller_id="+15550100000"
    )

    assert twiml == (
        '<?xml version="1.0" encoding="UTF-8"?><Response><Dial'
        ' action="https://v.example/prod/voice/after-dial?attempt=call_1#rp=all" answerOnBridge="true"'
        ' callerId="+15550100000" method="POST" timeLimit="600" timeout="25">'
        f"<Number{SCREEN}>+15550100002</Number></Dial></Response>"
    )


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [(0, "Number", "+1555"), (1, "Sip", "sip:a@b?X-A=1&X-B=2"), (2, "Client", "anna")],
)
def test_whoever_has_to_press_a_key_is_rung_alone_and_hears_who_calls(number: int, noun: str, text: str) -> None:
    ringing = parse_dial(replace(DESK, targets=SEVERAL, in_turn=True), number=number)

    (rung,) = ringing
    assert (rung.tag, rung.text) == (noun, text)
    of = f"attempt=a&dial={number}" if number else "attempt=a"
    assert rung.get("url") == f"https://v/voice/agent-leg?call={CALL}&{of}#rp=all"
    assert rung.get("statusCallback") == f"https://v/voice/agent-status?call={CALL}&{of}#rp=all"
    assert ringing.get("sequential") is None
    assert ringing.get("action") == f"https://v/voice/after-dial?{of}#rp=all"


@pytest.mark.parametrize("in_turn", [True, False])
def test_where_picking_up_is_enough_all_are_rung_by_one_dial(in_turn: bool) -> None:
    ringing = parse_dial(replace(DESK, targets=SEVERAL, in_turn=in_turn, accept="answer"))

    assert ringing.get("sequential") == ("true" if in_turn else None)
    assert ringing.get("callerId") is None
    assert ringing.get("action") == "https://v/voice/after-dial?attempt=a&accept=answer#rp=all"
    reports = {
        "statusCallback": f"https://v/voice/agent-status?call={CALL}&attempt=a#rp=all",
        "statusCallbackEvent": "initiated completed",
    }
    assert [(noun.tag, noun.text, noun.attrib) for noun in ringing] == [
        ("Number", "+1555", reports),
        ("Sip", "sip:a@b?X-A=1&X-B=2", reports),
        ("Client", "anna", reports),
    ]


def test_where_there_is_no_room_for_reports_all_are_rung_all_the_same() -> None:
    targets = tuple(Target("sip", f"sip:{number}@{'a' * 300}") for number in range(10))
    ringing = parse_dial(replace(DESK, targets=targets, accept="answer"))

    assert [noun.attrib for noun in ringing] == [{}] * 10


@pytest.mark.parametrize(
    ("business", "words"),
    [
        ("", "A caller for the desk. Press 1 to take the call."),
        ("Acme Bicycles", "Acme Bicycles: a caller for the desk. Press 1 to take the call."),
    ],
)
def test_a_whisper_begins_with_who_calls(business: str, words: str) -> None:
    assert compose_whisper(business, "the desk") == words


def test_a_queue_is_joined_by_the_caller() -> None:
    queue = replace(DESK, targets=(Target("queue", "support"),), accept="answer")

    assert render_dial(
        queue, voice_url="https://v", call_sid=CALL, attempt="call_1", caller_id="+15550100000"
    ).endswith(
        '<Response><Enqueue action="https://v/voice/after-dial?attempt=call_1#rp=all" method="POST"'
        ' waitUrl="https://v/voice/queue-wait?seconds=25" waitUrlMethod="POST">support</Enqueue></Response>'
    )


def test_words_come_first_and_the_attempt_is_quoted() -> None:
    twiml = render_dial(
        DESK, voice_url="https://v", call_sid=CALL, attempt="a&b=c#d/e", caller_id=None, words="Hold & wait."
    )

    assert "<Response><Say>Hold &amp; wait.</Say><Dial" in twiml
    assert 'after-dial?attempt=a%26b%3Dc%23d%2Fe#rp=all"' in twiml
    assert f'agent-leg?call={CALL}&amp;attempt=a%26b%3Dc%23d%2Fe#rp=all"' in twiml


@pytest.mark.parametrize("accept", ["keypress", "answer"])
def test_the_longest_document_is_as_long_as_any_can_be(accept: Literal["keypress", "answer"]) -> None:
    targets = (Target("number", "+1555"), Target("sip", "sip:" + "a" * 200))
    spoken = replace(DESK, spoken="&" * 200, in_turn=True, accept=accept, targets=targets)
    real = [
        render_dial(
            spoken,
            voice_url="https://v.example",
            call_sid=CALL,
            attempt="&" * 128,
            caller_id="+123456789012345",
            words=f"{SORRY} {compose_announcement(spoken)}",
            number=number,
        )
        for number in range(len(spoken.dials))
    ]

    assert max(map(len, real)) < len(render_longest(spoken)) <= MAX_CHARACTERS


def test_ten_telephones_with_a_key_are_no_longer_a_document_than_one() -> None:
    ten = replace(DESK, targets=tuple(Target("number", f"+1555010000{number}") for number in range(10)))

    assert len(render_longest(ten)) == len(render_longest(replace(DESK, targets=ten.targets[:2])))


def test_how_long_it_may_ring_counts_who_is_rung_one_after_the_other_by_one_dial() -> None:
    two = replace(DESK, targets=(Target("number", "+15550100002"), Target("client", "anna")), accept="answer")

    assert (max_ringing_ms(two), max_ringing_ms(replace(two, in_turn=True))) == (45_000, 75_000)
    assert max_ringing_ms(replace(two, in_turn=True, accept="keypress")) == 45_000


def test_twilio_s_report_that_it_rings_comes_after_the_words() -> None:
    assert (max_unreported_ms(""), max_unreported_ms("Please hold.")) == (5000, 5840)


def test_what_is_only_said_ends_in_a_hang_up() -> None:
    assert render_say("Goodbye.").endswith("<Response><Say>Goodbye.</Say><Hangup /></Response>")
