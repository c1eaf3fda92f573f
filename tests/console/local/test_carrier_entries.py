"""Events of the carrier become entries."""

from collections.abc import Sequence

import pytest

from console.call_view import Entry
from console.local.carrier_entries import CarrierEntries
from console.local.timeline import Timeline
from sandbox.twilio import events, verbs
from sandbox.twilio.event_log import TimedEvent

CALL, LEG, STREAM = "CA" + "0" * 32, "CA" + "1" * 32, "MZ" + "2" * 32
NUMBER, PERSON, URL = "+15550100000", "+15550100002", "https://voice.test/voice/incoming"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJDQSJ9.c2lnbmF0dXJl"
DIALLED = events.CallStarted("+15550100001", NUMBER, "inbound", None)
RUNG = events.CallStarted("+15550100001", PERSON, "outbound-dial", CALL)

# An event on the call (or on the leg, where that is named) -> lane, kind, tone, title.
MOMENTS: list[tuple[str, events.Event, tuple[str, str, str, str]]] = [
    (CALL, DIALLED, ("caller", "call", "normal", f"The caller dials {NUMBER}")),
    (CALL, events.Ringing(NUMBER), ("caller", "ringing", "normal", "The caller hears it ring")),
    (LEG, events.Ringing(PERSON), (LEG, "ringing", "normal", "The telephone of Maria rings")),
    (CALL, events.Answered(NUMBER), ("caller", "call", "normal", "Twilio takes the call")),
    (LEG, events.Answered(PERSON), (LEG, "call", "good", "Maria picks up")),
    (CALL, events.HungUp("party"), ("caller", "call", "normal", "The caller hangs up")),
    (LEG, events.HungUp("dial"), (LEG, "call", "normal", "Twilio hangs up on Maria: the dial is over")),
    (LEG, events.CallEnded("busy", 0), (LEG, "call", "warning", "Maria is busy, or declines")),
    (
        CALL,
        events.CallEnded("completed", 12_340),
        ("caller", "call", "normal", "The line of the caller is closed, 12.3 s after the answer"),
    ),
    (
        CALL,
        events.WebhookPosted(URL, (("CallSid", CALL),), 1),
        ("twilio", "webhook", "normal", "Twilio asks Warmline what to do with the call"),
    ),
    (
        CALL,
        events.ErrorLogged(11200, "voice.test answered 502"),
        ("twilio", "fault", "fault", "Twilio's debugger has an error, 11200: voice.test answered 502"),
    ),
    (
        CALL,
        events.CallBroke("not simulated by the sandbox: Sms"),
        ("twilio", "fault", "fault", "The sandbox cannot go on with the call: not simulated by the sandbox: Sms"),
    ),
    (
        CALL,
        events.ErrorLogged(31921, "the server closed the stream: 1000"),
        ("twilio", "stream", "normal", "Warmline closes the media stream"),
    ),
    (
        CALL,
        events.VerbStarted(verbs.Hangup()),
        ("twilio", "call", "normal", "Twilio carries out <Hangup> for the caller"),
    ),
    (
        CALL,
        events.VerbStarted(verbs.Say(text="Please\n wait")),
        ("twilio", "call", "normal", "Twilio says to the caller: “Please wait”"),
    ),
    (
        CALL,
        events.StreamStarted(STREAM, "wss://stream.test", (("token", TOKEN),)),
        ("twilio", "stream", "normal", "The media stream is open"),
    ),
    (
        CALL,
        events.StreamEnded(STREAM, 31920, "expected 101, got 503"),
        ("twilio", "stream", "fault", "The media stream does not open: expected 101, got 503"),
    ),
    (
        CALL,
        events.PlayoutStarted(STREAM),
        ("twilio", "stream", "normal", "Twilio plays the stream's audio to the caller"),
    ),
    (
        CALL,
        events.MarkReturned(STREAM, "7", "nothing_buffered"),
        ("twilio", "stream", "normal", "The mark “7” comes back: nothing was waiting"),
    ),
    (
        CALL,
        events.AudioCleared(STREAM, 1800),
        ("twilio", "stream", "warning", "The assistant falls silent: 1.8 s of what it was to say are dropped"),
    ),
    (LEG, events.KeyPressed("1"), (LEG, "key", "normal", "Maria presses 1")),
    (CALL, events.Bridged(LEG, PERSON), (LEG, "transfer", "good", "The caller and Maria hear each other")),
    (CALL, events.DialEnded("completed", True, 4200), ("twilio", "transfer", "good", "They have talked for 4.2 s")),
    (CALL, events.DialEnded("busy", False, 0), ("twilio", "transfer", "warning", "Nobody has taken the call")),
    (LEG, events.ConferenceJoined("room"), (LEG, "transfer", "normal", "Maria is in the conference room")),
    (CALL, events.Enqueued("support"), ("caller", "transfer", "normal", "The caller waits in the queue support")),
    (CALL, events.Recorded("RE1", 3000), ("twilio", "call", "normal", "Twilio has recorded 3.0 s of the caller")),
    (
        "SM1",
        events.MessageSent("SM1", PERSON, "Missed\ncall"),
        ("twilio", "notice", "normal", f"A text message goes to {PERSON}: “Missed call”"),
    ),
    (
        CALL,
        events.RestRequest("update", (("Twiml", "<Response/>"),), 200, None),
        ("twilio", "rest", "normal", "Warmline asks Twilio to change the call of the caller"),
    ),
    (
        CALL,
        events.RestRequest("update", (), 404, 20404, applied=False),
        ("twilio", "rest", "fault", "Warmline asks Twilio to change the call of the caller; Twilio refuses: HTTP 404"),
    ),
    (
        CALL,
        events.RestRequest("update", (), 0, None),
        (
            "twilio",
            "rest",
            "fault",
            "Warmline asks Twilio to change the call of the caller; Twilio does it, but no answer",
        ),
    ),
]
# These end a span that another event began; `PartySpoke` is told by the audio.
OF_SPANS = {events.WebhookAnswered, events.PlayoutDrained, events.ConferenceLeft, events.PartySpoke}


def tell(*happened: tuple[str, events.Event]) -> Sequence[Entry]:
    """The entries of these, one second apart, in the order in which they were added."""
    timeline = Timeline()
    entries = CarrierEntries(timeline, CALL, {PERSON: "Maria"})
    for number, (sid, what) in enumerate(happened):
        entries.take(TimedEvent(0, 0, sid, what), number * 1000)
    return sorted(timeline.view(99_000), key=lambda entry: entry.number)


@pytest.mark.parametrize(("sid", "what", "expected"), MOMENTS)
def test_an_event_is_told_in_its_lane(sid: str, what: events.Event, expected: tuple[str, str, str, str]) -> None:
    before = [(LEG, RUNG)] if isinstance(what, events.CallStarted | events.Bridged) or sid == LEG else []

    entry = tell(*before, (sid, what))[-1]

    assert (entry.lane, entry.kind, entry.tone, entry.title) == expected


def test_every_event_of_the_carrier_is_told() -> None:
    assert {type(what) for _, what, _ in MOMENTS} | OF_SPANS == set(events.EVENTS)
    assert OF_SPANS.isdisjoint(type(what) for _, what, _ in MOMENTS)


def test_a_person_has_a_lane_with_their_name_or_the_end_of_their_number() -> None:
    timeline = Timeline()
    entries = CarrierEntries(timeline, CALL, {PERSON: "Maria"})
    for sid, to in (("CA1", PERSON), ("CA2", "+15550100009"), ("CA3", "sip:duty@pbx.example.com")):
        started = events.CallStarted("+15550100001", to, "outbound-dial", CALL)
        entries.take(TimedEvent(0, 0, sid, started), 0)

    assert [(lane.id, lane.kind, lane.name) for lane in entries.people] == [
        ("CA1", "person", "Maria"),
        ("CA2", "person", "Person …0009"),
        ("CA3", "person", "sip:duty@pbx.example.com"),
    ]


def test_a_webhook_lasts_until_its_answer_and_opens_to_both() -> None:
    document = f'<Response><Connect><Stream><Parameter value="{TOKEN}"/></Stream></Connect></Response>'
    [entry] = tell(
        (CALL, events.WebhookPosted(URL, (("CallSid", CALL), ("From", "+15550100001")), 1)),
        (CALL, events.WebhookAnswered(URL, 200, document, 35)),
    )

    assert (entry.at_ms, entry.until_ms, entry.open) == (0, 1000, False)
    assert entry.title == (
        "Twilio asks Warmline what to do with the call. The answer: connect the caller to the assistant"
    )
    form, answer = entry.messages
    assert (form.syntax, form.text) == ("form", f"CallSid={CALL}&From=%2B15550100001")
    assert (answer.label, answer.syntax) == ("Answer 200 after 35 ms", "xml")
    assert answer.text == document.replace(TOKEN, TOKEN.rpartition(".")[0] + ".…")


def test_two_requests_to_the_same_address_both_come_to_an_end() -> None:
    posted, answered = events.WebhookPosted(URL, (), 1), events.WebhookAnswered(URL, 204, "", 1)
    entries = tell((CALL, posted), (CALL, posted), (CALL, answered), (CALL, answered))

    assert [(entry.until_ms, entry.open) for entry in entries] == [(2000, False), (3000, False)]


def test_a_webhook_that_is_answered_with_an_error_is_a_fault() -> None:
    [entry] = tell((CALL, events.WebhookPosted(URL, (), 1)), (CALL, events.WebhookAnswered(URL, 502, "Bad Gateway", 9)))

    assert (entry.tone, entry.title.partition("; ")[2]) == ("fault", "the answer is an error: HTTP 502")


def test_a_webhook_without_an_answer_says_so_and_its_repetition_is_told() -> None:
    error = events.ErrorLogged(11205, f"no connection to {URL}: refused")
    first, second = tell(
        (CALL, events.WebhookPosted(URL, (), 1)), (CALL, error), (CALL, events.WebhookPosted(URL, (), 2))
    )

    assert (first.tone, first.open, first.title.partition("; ")[2]) == ("fault", False, "no answer came (11205)")
    assert first.messages[-1].text == f"11205 {error.detail}"
    assert second.title.endswith(" again, because no answer came")


def test_an_answer_that_nobody_asked_for_is_not_told() -> None:
    assert tell((CALL, events.WebhookAnswered(URL, 200, "<Response/>", 1))) == []


def test_ringing_lasts_until_somebody_picks_up_or_the_leg_ends() -> None:
    picked_up = tell((LEG, RUNG), (LEG, events.Ringing(PERSON)), (LEG, events.Answered(PERSON)))
    in_vain = tell((LEG, RUNG), (LEG, events.Ringing(PERSON)), (LEG, events.CallEnded("no-answer", 0)))

    assert [(each[1].kind, each[1].until_ms, each[1].open) for each in (picked_up, in_vain)] == [
        ("ringing", 2000, False)
    ] * 2


def test_a_talk_lasts_until_the_dial_ends() -> None:
    entries = tell(
        (LEG, RUNG),
        (CALL, events.Bridged(LEG, PERSON)),
        (CALL, events.DialEnded("completed", True, 1000)),
    )

    assert (entries[1].at_ms, entries[1].until_ms, entries[1].open) == (1000, 2000, False)


def test_a_stream_lasts_until_it_ends_and_shows_its_parameters_without_a_signature() -> None:
    [entry] = tell(
        (CALL, events.StreamStarted(STREAM, "wss://stream.test", (("token", TOKEN),))),
        (CALL, events.StreamEnded(STREAM, None, "ended by the network")),
    )

    assert (entry.until_ms, entry.open) == (1000, False)
    assert "c2lnbmF0dXJl" not in entry.messages[0].text
    assert "eyJzdWIiOiJDQSJ9" in entry.messages[0].text
    assert entry.messages[1].text == "ended by the network"


def test_marks_are_told_with_the_audio_that_they_follow() -> None:
    [entry] = tell(
        (CALL, events.PlayoutStarted(STREAM)),
        (CALL, events.MarkReturned(STREAM, "1", "played")),
        (CALL, events.MarkReturned(STREAM, "2", "cleared")),
        (CALL, events.PlayoutDrained(STREAM)),
    )

    assert (entry.until_ms, entry.open) == (3000, False)
    assert entry.messages[0].text == "1.00 s: 1 (played)\n2.00 s: 2 (cleared)"


def test_a_conference_lasts_until_it_is_left() -> None:
    entries = tell((LEG, RUNG), (LEG, events.ConferenceJoined("room")), (LEG, events.ConferenceLeft("room")))

    assert (entries[1].until_ms, entries[1].open) == (2000, False)


def test_a_rest_request_opens_to_its_form_its_document_and_its_answer() -> None:
    [entry] = tell((CALL, events.RestRequest("update", (("Twiml", "<Response/>"),), 400, 21220, applied=False)))

    assert [(each.label, each.text, each.syntax) for each in entry.messages] == [
        ("update of the REST API", "Twiml=%3CResponse%2F%3E", "form"),
        ("TwiML", "<Response/>", "xml"),
        ("Answer", "HTTP 400, code 21220: https://www.twilio.com/docs/api/errors/21220", "text"),
    ]


def test_who_speaks_is_not_told_by_what_a_party_says_it_will_say() -> None:
    assert tell((CALL, events.PartySpoke(400))) == []
