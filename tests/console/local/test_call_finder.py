"""Events, sessions and log lines reach the call that they are about."""

from collections.abc import Sequence

import pytest

from call_record import CallRecord
from console.call_view import CallView
from console.local.call_finder import CallFinder
from console.local.local_call import LocalCall
from console.local.log_lines import LogLine
from console.local.wire_notes import WireSession
from sandbox.twilio import events
from sandbox.twilio.event_log import TimedEvent

CALL, OTHER, LEG, SMS = "CA" + "0" * 32, "CA" + "1" * 32, "CA" + "2" * 32, "SM" + "3" * 32
DIALLED = events.CallStarted("+15550100001", "+15550100000", "inbound", None)
BEGAN_AT_MS = 1_800_000_000_000


@pytest.fixture
def finder() -> CallFinder:
    return CallFinder(lambda began: LocalCall(began, BEGAN_AT_MS, {}, None))


def tell(finder: CallFinder, *happened: tuple[str, events.Event]) -> None:
    for sid, what in happened:
        finder.take_event(TimedEvent(0, 500, sid, what))


def view(finder: CallFinder, sid: str = CALL) -> CallView:
    return finder.calls[sid].view(1000)


def titles(finder: CallFinder, sid: str = CALL) -> Sequence[str]:
    return [entry.title for entry in view(finder, sid).entries]


def test_a_leg_that_a_dial_makes_belongs_to_its_call(finder: CallFinder) -> None:
    tell(
        finder,
        (CALL, DIALLED),
        (OTHER, DIALLED),
        (LEG, events.CallStarted("+15550100001", "+15550100002", "outbound-dial", CALL)),
        (LEG, events.KeyPressed("1")),
    )

    assert "Person …0002 presses 1" in titles(finder)
    assert finder.calls[CALL].sids == {CALL, LEG}
    assert finder.calls[OTHER].sids == {OTHER}


def test_what_rest_makes_belongs_to_the_call_that_its_parameters_name_with_all_that_came_before(
    finder: CallFinder,
) -> None:
    callback = ("StatusCallback", f"https://voice.test/voice/message-status?call={CALL}&attempt=1")
    tell(
        finder,
        (CALL, DIALLED),
        (SMS, events.MessageSent(SMS, "+15550100012", "Missed call")),
        (SMS, events.RestRequest("send", (("To", "+15550100012"), callback), 201, None)),
        (SMS, events.WebhookPosted(callback[1], (("MessageStatus", "sent"),), 1)),
        (LEG, events.CallStarted("+15550100000", "+15550100002", "outbound-api", None)),
        (LEG, events.RestRequest("create", (("Url", f"https://voice.test/voice/agent?call={CALL}"),), 201, None)),
        (LEG, events.Answered("+15550100002")),
    )

    assert titles(finder)[1:] == [
        "A text message goes to +15550100012: “Missed call”",
        "Warmline asks Twilio to send a text message",
        "Twilio reports about the text message: sent",
        "Twilio calls Person …0002 and shows +15550100000",
        "Warmline asks Twilio to call Person …0002",
        "Person …0002 picks up",
    ]


def test_what_is_about_no_call_is_shown_in_none(finder: CallFinder) -> None:
    tell(finder, (CALL, DIALLED), (SMS, events.MessageSent(SMS, "+15550100012", "Hello")))

    assert len(titles(finder)) == 1


def test_a_session_belongs_to_the_one_call_that_runs(finder: CallFinder) -> None:
    tell(finder, (OTHER, DIALLED), (OTHER, events.CallEnded("completed", 0)), (CALL, DIALLED))
    session = WireSession(1, "gpt-realtime-2.1", 0)
    finder.take_session(session)

    assert finder.calls[CALL].list_sessions() == [session]
    assert finder.calls[OTHER].list_sessions() == []


def test_of_several_calls_the_log_says_whose_a_session_is(finder: CallFinder) -> None:
    tell(finder, (CALL, DIALLED), (OTHER, DIALLED))
    sessions = [WireSession(number, "gpt-realtime-2.1", 0, updated_digest=f"d{number}") for number in range(2)]
    for session in sessions:
        finder.take_session(session)
    for sid, digest in ((CALL, "d1"), (OTHER, "d0"), (OTHER, "d2")):
        finder.take_log_line(LogLine("INFO", f"model event session.updated, 900 bytes, {digest}", sid, None, ""), 500)

    assert finder.calls[CALL].list_sessions() == [sessions[1]]
    assert finder.calls[OTHER].list_sessions() == [sessions[0]]


def test_the_question_whether_a_key_is_accepted_is_nobodys_session(finder: CallFinder) -> None:
    tell(finder, (CALL, DIALLED))
    finder.take_session(WireSession(1, "", 0, refusal="HTTP/1.1 400 Bad Request"))

    assert finder.calls[CALL].list_sessions() == []


@pytest.mark.parametrize(("level", "tone"), [("WARNING", "warning"), ("ERROR", "fault"), ("CRITICAL", "fault")])
def test_a_line_of_the_log_is_a_fault_of_its_call_at_its_time(finder: CallFinder, level: str, tone: str) -> None:
    tell(finder, (CALL, DIALLED), (OTHER, DIALLED))
    finder.take_log_line(LogLine(level, "model lost", CALL, BEGAN_AT_MS + 300, '{"message": "model lost"}'), 900)

    entry = view(finder).entries[-1]
    assert (entry.lane, entry.kind, entry.tone, entry.at_ms) == ("warmline", "fault", tone, 300)
    assert (entry.title, entry.messages[0].text) == ("Warmline logs: model lost", '{"message": "model lost"}')
    assert view(finder).summary.errors == (tone == "fault")
    assert len(titles(finder, OTHER)) == 1


def test_of_a_call_that_is_written_the_same_is_shown_until_something_more_comes(finder: CallFinder) -> None:
    tell(finder, (CALL, DIALLED), (CALL, events.CallEnded("completed", 0)))
    call = finder.calls[CALL]
    call.take_record(CallRecord(), 600, over=True)

    last = call.view(700)
    assert call.written
    assert call.view(9000) is last
    tell(finder, (CALL, events.WebhookPosted("https://voice.test/voice/message-status", (), 1)))
    assert len(call.view(9000).entries) == len(last.entries) + 1


def test_a_line_that_is_as_it_should_be_or_of_no_call_is_not_shown(finder: CallFinder) -> None:
    tell(finder, (CALL, DIALLED))
    for sid, level in ((CALL, "INFO"), ("-", "ERROR")):
        finder.take_log_line(LogLine(level, "words", sid, None, ""), 900)

    assert len(titles(finder)) == 1
