"""The TwiML of a transfer."""

from dataclasses import replace
from xml.etree import ElementTree

from dial import MAX_CHARACTERS, SORRY, announcement, dial, longest, rings_ms, say
from directory import Destination
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


def test_a_number_is_dialled_with_everything_absolute_and_bounded() -> None:
    assert dial(DESK, voice_url="https://v.example/prod", attempt="call_1", caller_id="+15550100000") == (
        '<?xml version="1.0" encoding="UTF-8"?><Response><Dial'
        ' action="https://v.example/prod/voice/after-dial?attempt=call_1" answerOnBridge="true"'
        ' callerId="+15550100000" method="POST" timeLimit="600" timeout="25">'
        "<Number>+15550100002</Number></Dial></Response>"
    )


def test_each_kind_of_target_has_its_noun_and_in_turn_is_sequential() -> None:
    targets = (Target("number", "+1555"), Target("sip", "sip:a@b?X-A=1&X-B=2"), Target("client", "anna"))
    twiml = dial(replace(DESK, targets=targets, in_turn=True), voice_url="https://v", attempt="a", caller_id=None)

    (ringing,) = ElementTree.fromstring(twiml)  # noqa: S314 (our own)
    assert ringing.get("sequential") == "true"
    assert ringing.get("callerId") is None
    assert [(noun.tag, noun.text) for noun in ringing] == [
        ("Number", "+1555"),
        ("Sip", "sip:a@b?X-A=1&X-B=2"),
        ("Client", "anna"),
    ]


def test_a_queue_is_joined_by_the_caller() -> None:
    queue = replace(DESK, targets=(Target("queue", "support"),))

    assert dial(queue, voice_url="https://v", attempt="call_1", caller_id="+15550100000").endswith(
        '<Response><Enqueue action="https://v/voice/after-dial?attempt=call_1" method="POST"'
        ' waitUrl="https://v/voice/queue-wait?seconds=25" waitUrlMethod="POST">support</Enqueue></Response>'
    )


def test_words_come_first_and_the_attempt_is_quoted() -> None:
    twiml = dial(DESK, voice_url="https://v", attempt="a&b=c#d/e", caller_id=None, words="Hold & wait.")

    assert "<Response><Say>Hold &amp; wait.</Say><Dial" in twiml
    assert 'after-dial?attempt=a%26b%3Dc%23d%2Fe"' in twiml


def test_the_longest_document_is_as_long_as_any_can_be() -> None:
    spoken = replace(DESK, spoken="&" * 200, in_turn=True)
    real = dial(
        spoken,
        voice_url="https://v.example",
        attempt="&" * 128,
        caller_id="+123456789012345",
        words=f"{SORRY} {announcement(spoken)}",
    )

    assert len(real) < len(longest(spoken)) <= MAX_CHARACTERS


def test_how_long_it_may_ring_counts_who_is_rung_one_after_the_other() -> None:
    two = replace(DESK, targets=(Target("number", "+15550100002"), Target("client", "anna")))

    assert (rings_ms(two), rings_ms(replace(two, in_turn=True))) == (45_000, 75_000)


def test_what_is_only_said_ends_in_a_hang_up() -> None:
    assert say("Goodbye.").endswith("<Response><Say>Goodbye.</Say><Hangup /></Response>")
