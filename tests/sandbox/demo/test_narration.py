"""Events in plain words."""

import pytest

from sandbox.demo.narration import Narrator
from sandbox.twilio import events
from sandbox.twilio.event_log import TimedEvent
from sandbox.twilio.events import Event

INCOMING = "https://voice.warmline.test/voice/incoming"
WHISPER = "https://voice.warmline.test/voice/agent-leg?call=CA1"


def tell(*happened: tuple[str, Event]) -> list[str]:
    narrator = Narrator("CAcaller", "Anna", words_known=False, picks_up="Anna")
    told = [narrator.tell(TimedEvent(0, 0, call_sid, what)) for call_sid, what in happened]
    return [sentence for sentence in told if sentence is not None]


def test_a_person_who_is_reached() -> None:
    assert tell(
        ("CAcaller", events.CallStarted("+1", "+2", "inbound", None)),
        ("CAcaller", events.Answered("+2")),
        ("CAanna", events.CallStarted("+1", "+3", "outbound-dial", "CAcaller")),
        ("CAanna", events.Ringing("+3")),
        ("CAanna", events.Answered("+3")),
        ("CAcaller", events.Bridged("CAanna", "+3")),
        ("CAanna", events.HungUp("party")),
        ("CAcaller", events.DialEnded("completed", bridged=True, talked_ms=5000)),
        ("CAcaller", events.HungUp("document")),
        ("CAcaller", events.CallEnded("completed", 9000)),
    ) == [
        "The caller dials.",
        "Anna's phone rings.",
        "Anna picks up.",
        "The caller and Anna hear each other.",
        "Anna hangs up.",
        "The call is over.",
    ]


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("no-answer", "Anna does not pick up."),
        ("busy", "Anna can not take the call."),
        ("failed", "Anna can not be reached."),
        ("completed", "Anna has not taken the call."),
        ("canceled", "Anna was not reached."),
    ],
)
def test_a_person_who_is_not_reached(status: str, sentence: str) -> None:
    assert tell(
        ("CAanna", events.HungUp("party")), ("CAcaller", events.DialEnded(status, bridged=False, talked_ms=0))
    ) == [sentence]


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        (events.WebhookPosted(INCOMING, (), 1), "The telephone network asks Warmline what to do with this call."),
        (
            events.WebhookPosted(INCOMING, (), 2),
            "The telephone network asks Warmline what to do with this call again: the first answer was lost.",
        ),
        (
            events.WebhookAnswered(INCOMING, 200, "<Response><Connect><Stream/></Connect></Response>", 80),
            "Warmline answers after 80 ms: connect the caller to the assistant.",
        ),
        (
            events.WebhookAnswered(INCOMING, 200, "<Response/>", 80),
            "Warmline answers after 80 ms: nothing more to do.",
        ),
        (
            events.WebhookAnswered(WHISPER, 200, "<Response><Gather><Say/></Gather><Hangup/></Response>", 80),
            "Warmline answers after 80 ms: ask for a key.",
        ),
        (events.WebhookAnswered(INCOMING, 500, "", 80), "Warmline's answer is an error: 500."),
        (
            events.AudioCleared("MZ", 1200),
            "The assistant falls silent: 1.2 s of what it had to say are dropped.",
        ),
        (
            events.RestRequest("update", (), 200, None),
            "Warmline takes the call away from the assistant and lets a person's phone ring.",
        ),
        (
            events.RestRequest("update", (), 400, 21220),
            "Warmline wants to move the call; the telephone network refuses (400).",
        ),
        (events.MessageSent("SM", "+15550100012", "Missed\ncall"), "A text message tells Anna: “Missed call”"),
        (events.PlayoutStarted("MZ"), "The assistant speaks."),
        (events.KeyPressed("0"), "The caller presses 0."),
        (events.StreamEnded("MZ", None, ""), "The line to the assistant is closed."),
        (events.StreamEnded("MZ", 31921, ""), "The assistant has closed its line."),
    ],
)
def test_what_happens_on_the_callers_line(what: Event, sentence: str) -> None:
    assert tell(("CAcaller", what)) == [sentence]


@pytest.mark.parametrize("what", [events.PartySpoke(100), events.AudioCleared("MZ", 0), events.PlayoutDrained("MZ")])
def test_what_nobody_needs_to_know_is_not_told(what: Event) -> None:
    assert tell(("CAcaller", what)) == []


def test_a_voicemail_is_not_told_as_a_person() -> None:
    narrator = Narrator("CAcaller", "Anna", words_known=False, picks_up="Anna's voicemail")
    assert narrator.tell(TimedEvent(0, 0, "CAanna", events.Answered("+3"))) == "Anna's voicemail picks up."


def test_a_key_is_pressed_by_whose_phone_it_is() -> None:
    assert tell(("CAanna", events.KeyPressed("1"))) == ["Anna presses 1."]


def test_that_the_assistant_speaks_is_told_where_its_words_are_not() -> None:
    narrator = Narrator("CAcaller", "Anna", words_known=True, picks_up="Anna")
    assert narrator.tell(TimedEvent(0, 0, "CAcaller", events.PlayoutStarted("MZ"))) is None
