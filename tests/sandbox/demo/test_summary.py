"""What a call came to."""

import pytest

from call_record import Attempt, CallRecord, Turn
from sandbox.demo.heard_lines import HeardLine
from sandbox.demo.people import SpokenLine
from sandbox.demo.summary import Row, Timings, describe_outcome, make_rows, measure_timings
from sandbox.speech.mulaw import silence, tone
from sandbox.speech.voices.lines import line
from sandbox.twilio import events
from sandbox.twilio.call_report import CallReport
from sandbox.twilio.event_log import TimedEvent
from sandbox.twilio.events import Event

VOICE = 300.0
RING = (440.0, 480.0)


def report(heard: bytes, *happened: tuple[int, Event]) -> CallReport:
    timeline = tuple(TimedEvent(at_ms, at_ms, "CA1", what) for at_ms, what in happened)
    return CallReport("CA1", "completed", "party", 1000, heard, (), timeline)


def test_what_was_heard_of_each_line_stands_beside_it() -> None:
    record = CallRecord(
        turns=(
            Turn(1_000_200, "model", "Hello there.", "Hello"),
            Turn(1_005_100, "caller", "I want a person", "I want a person"),
            Turn(1_006_000, "keys", "1", "1"),
        )
    )
    said = [
        SpokenLine("Caller", line("ask_person"), 5000),
        SpokenLine("Anna", line("anna"), 9000),
        SpokenLine("Caller", line("tell_anna"), 12_000),
    ]
    assert make_rows(record, 1_000_000, said, {"anna"}, None) == [
        Row(200, "Assistant", "Hello there.", "Hello"),
        Row(5000, "Caller", line("ask_person").text, "I want a person"),
        Row(9000, "Anna", line("anna").text, line("anna").text),
        Row(12_000, "Caller", line("tell_anna").text, ""),
    ]


def test_what_the_caller_heard_is_what_their_ear_recorded_not_what_the_record_says() -> None:
    lines = [line(name) for name in ("not_understood", "not_understood", "goodbye")]
    record = CallRecord(
        turns=tuple(Turn(at_ms, "model", each.text, each.text) for at_ms, each in zip((1, 2, 3), lines, strict=True))
    )
    heard_lines = [HeardLine(lines[0], 100, 900, "I am"), HeardLine(lines[1], 2000, 5000, lines[1].text)]
    assert [row.heard for row in make_rows(record, 0, [], (), heard_lines)] == ["I am", lines[1].text, ""]


def test_timings_are_read_off_the_callers_ear() -> None:
    heard = silence(700) + tone(2000, VOICE) + silence(300) + tone(1000, *RING)
    happened = (
        (500, events.Answered("+1")),
        (2000, events.RestRequest("fetch", (), 200, None)),
        (2100, events.RestRequest("update", (), 503, 20503)),
        (2800, events.RestRequest("update", (), 200, None)),
    )
    heard_lines = [HeardLine(line("hours"), 700, 2700, "We are open")]
    assert measure_timings(report(heard, *happened), heard_lines, 2600) == Timings(
        first_word_ms=200, interruption_stopped_ms=100, silence_before_ring_ms=300
    )


def test_what_did_not_happen_has_no_timing() -> None:
    assert measure_timings(report(silence(1000)), None, None) == Timings(None, None, None)


@pytest.mark.parametrize(
    "heard",
    [
        HeardLine(line("goodbye"), 0, 500, "You are welcome."),  # it had broken off before
        HeardLine(line("goodbye"), 0, 900, line("goodbye").text),  # it was not cut
    ],
)
def test_an_assistant_who_stopped_by_itself_was_not_interrupted(heard: HeardLine) -> None:
    assert measure_timings(report(silence(1000)), [heard], 600).interruption_stopped_ms is None


def test_the_last_attempt_is_the_outcome() -> None:
    attempts = (Attempt("1", status="busy"), Attempt("2", status="bridged", talked_s=15))
    assert describe_outcome(attempts, "Anna") == "Anna took the call and talked with the caller for 15 s"
    assert describe_outcome((Attempt("1", status="not_accepted"),), "Anna") == (
        "whoever picked up Anna's phone did not take the call; the caller went back to the assistant"
    )
    assert describe_outcome((), "Anna") == "nobody was rung"
    assert describe_outcome((Attempt("1", status="caller_gone"),), "Anna") == "Anna was not reached (caller_gone)"
