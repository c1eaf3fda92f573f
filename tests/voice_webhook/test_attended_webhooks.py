"""People who are rung while the caller talks on: what they hear, what a key does; through the real handler."""

import pytest

from call_attributes import make_attribute
from call_record import Attempt, CallTable
from tests.voice_webhook.conftest import CALL, ORIGIN, Answer, Invoked, ask, read_last_attempt

ANNA, BEN = "CA" + "a" * 32, "CA" + "b" * 32
OF = f"?call={CALL}&attempt=r"
WHISPER = "Acme: a caller for the desk. Press 1 to take the call."
RING_ON = {"action": "ring_on", "call_sid": CALL, "attempt": "r"}
RINGING = Attempt(
    "r", "desk", status="ringing", mode="attended", whisper=WHISPER, brief="Caller: R&D <Weber>.", talk_seconds=600
)
pytestmark = pytest.mark.usefixtures("transfer")


def leg(route: str, leg_sid: str = ANNA, of: str = OF, **form: str) -> Answer:
    standard = {"CallSid": leg_sid, "CallStatus": "in-progress", "Direction": "outbound-api", "To": "+15550100002"}
    return ask(f"/voice/agent-{route}{of}", standard | form)


@pytest.fixture
def rung(table: CallTable) -> CallTable:
    table.claim_attempt(CALL, RINGING)
    return table


def test_the_first_words_have_nothing_about_the_caller_and_the_brief_follows(rung: CallTable) -> None:
    heard = leg("leg")

    assert heard.verbs == ["Gather", "Hangup"]
    said = [say.text or "" for say in heard.xml.iter("Say")]
    assert said[0] == WHISPER
    assert said[1].startswith("Caller: R&D <Weber>. Press 1 to take the call, 2 to pass, 3 to answer")
    assert heard.xml[0].get("action") == f"{ORIGIN}/voice/agent-answer{OF}&again=1#rp=all"
    (row,) = rung.read(CALL).legs
    assert row.brief_at_ms
    assert row.leg_sid == ANNA


def test_key_1_takes_the_call_and_the_person_waits_in_the_conference(rung: CallTable, transfer: Invoked) -> None:
    first, again = leg("answer", Digits="1"), leg("answer", Digits="1")

    assert first == again
    assert first.verbs == ["Say", "Dial"]
    dial = first.xml[1]
    assert (dial.get("timeLimit"), dial.get("action")) == ("600", f"{ORIGIN}/voice/agent-left{OF}#rp=all")
    assert (dial[0].tag, dial[0].get("jitterBufferSize"), dial[0].get("beep")) == ("Conference", "small", "false")
    assert dial[0].get("waitUrl") == f"{ORIGIN}/voice/agent-wait{OF}"
    assert (read_last_attempt(rung).status, read_last_attempt(rung).accepted_by) == ("accepted", ANNA)
    assert RING_ON in transfer.notices


def test_of_two_who_press_1_one_has_the_call(rung: CallTable) -> None:
    leg("answer", BEN, Digits="1")

    for late in (leg("answer", Digits="1"), leg("leg")):
        assert late.verbs == ["Say", "Hangup"]
        assert "Somebody else has taken this call" in late.body
    assert read_last_attempt(rung).accepted_by == BEN


def test_key_2_passes_and_the_next_is_rung_at_once(rung: CallTable, transfer: Invoked) -> None:
    assert leg("answer", Digits="2").verbs == ["Say", "Hangup"]
    assert [(each.leg_sid, each.key) for each in rung.read(CALL).legs] == [(ANNA, "2")]
    assert (transfer.notices, read_last_attempt(rung).status) == ([RING_ON], "ringing")


def test_key_3_asks_for_words_and_they_are_kept_for_the_caller(rung: CallTable, transfer: Invoked) -> None:
    asked = leg("answer", Digits="3")
    assert (asked.verbs, asked.xml[0].get("input")) == (["Gather", "Hangup"], "speech")
    assert asked.xml[0].get("action") == f"{ORIGIN}/voice/agent-note{OF}#rp=all"

    assert "I will tell the caller" in leg("note", SpeechResult=" The order ships on Monday. ").body
    assert read_last_attempt(rung).status == "answered_through"
    assert rung.read(CALL).legs[0].note == "The order ships on Monday."
    assert transfer.notices == [RING_ON]
    assert "I will tell the caller" in leg("note", SpeechResult="The order ships on Monday.").body


def test_no_words_end_the_leg_and_the_ringing_goes_on(rung: CallTable) -> None:
    assert leg("note", SpeechResult="  ").verbs == ["Say", "Hangup"]
    assert read_last_attempt(rung).status == "ringing"


@pytest.mark.parametrize("digits", ["9", "7", "", "11", "*", "\u0661", "x" * 3000])
def test_9_and_any_other_key_repeat_the_brief_a_few_times(rung: CallTable, digits: str) -> None:
    assert leg("answer", of=f"{OF}&again=1", Digits=digits).verbs == ["Gather", "Hangup"]
    assert leg("answer", of=f"{OF}&again=4", Digits=digits).verbs == ["Hangup"]
    assert read_last_attempt(rung).accepted_by is None


@pytest.mark.parametrize("status", ["cancelled_by_caller", "caller_gone", "nobody", "failed"])
def test_after_the_end_nobody_takes_the_call(rung: CallTable, status: str) -> None:
    rung.attended.end(CALL, "r", status)

    for late in (leg("leg"), leg("answer", Digits="1"), leg("note", SpeechResult="Hello.")):
        assert "no longer waiting" in late.body
    assert read_last_attempt(rung).accepted_by is None


def test_where_picking_up_is_enough_no_key_is_asked_for(table: CallTable) -> None:
    table.claim_attempt(CALL, Attempt("r", "desk", status="ringing", mode="attended"))

    assert leg("leg").verbs == ["Say", "Dial"]
    assert read_last_attempt(table).accepted_by == ANNA


def test_words_are_heard_until_the_other_comes(rung: CallTable, transfer: Invoked) -> None:
    rung.attended.accept(CALL, "r", ANNA)
    heard = leg("wait", of=f"{OF}&waits=3")

    assert heard.verbs == ["Say", "Pause", "Redirect"]
    assert heard.xml[2].text == f"{ORIGIN}/voice/agent-wait{OF}&waits=4"
    assert (transfer.notices, read_last_attempt(rung).status) == ([], "accepted")


def test_a_person_to_whom_nobody_comes_is_let_go(rung: CallTable, transfer: Invoked) -> None:
    rung.attended.accept(CALL, "r", ANNA)
    leg("wait", of=f"{OF}&waits=13")

    assert (read_last_attempt(rung).status, read_last_attempt(rung).detail) == ("failed", "the caller did not come")
    assert transfer.notices == [RING_ON]


def test_a_person_who_leaves_before_the_caller_comes_has_the_call_no_more(rung: CallTable) -> None:
    rung.attended.accept(CALL, "r", ANNA)

    assert "no longer waiting" in leg("left", DialCallStatus="answered").body
    assert read_last_attempt(rung).status == "failed"


def test_a_person_who_leaves_after_the_talk_changes_nothing(rung: CallTable) -> None:
    rung.attended.accept(CALL, "r", ANNA)
    rung.attended.connect(CALL, "r")

    assert leg("left", DialCallStatus="answered").verbs == ["Hangup"]
    assert read_last_attempt(rung).status == "moved"


def test_the_end_of_a_leg_lets_the_next_be_rung(rung: CallTable, transfer: Invoked) -> None:
    for status in ("ringing", "in-progress"):
        assert leg("status", of=f"{OF}&dial=1", CallStatus=status).status == 204
    assert transfer.notices == []
    assert leg("status", of=f"{OF}&dial=1", CallStatus="no-answer").status == 204

    assert transfer.notices == [RING_ON]
    (row,) = rung.read(CALL).legs
    assert (row.target, row.status) == (1, "no-answer")


def test_a_leg_that_begins_after_the_end_is_ended(rung: CallTable, transfer: Invoked) -> None:
    rung.attended.end(CALL, "r", "caller_gone")

    assert leg("status", CallStatus="initiated").status == 204
    assert transfer.notices == [RING_ON]


def test_a_report_is_repeated_until_the_next_is_rung(rung: CallTable, transfer: Invoked) -> None:  # noqa: ARG001
    transfer.takes_notices = False

    assert leg("status", CallStatus="busy").status == 503


def test_a_late_report_overwrites_no_acceptance(rung: CallTable) -> None:
    rung.attended.accept(CALL, "r", ANNA)
    leg("status", BEN, CallStatus="no-answer")

    assert (read_last_attempt(rung).status, read_last_attempt(rung).accepted_by) == ("accepted", ANNA)


def test_a_person_whose_leg_ended_has_the_call_no_more(rung: CallTable) -> None:
    rung.attended.accept(CALL, "r", ANNA)
    leg("status", CallStatus="completed")

    assert read_last_attempt(rung).status == "failed"


def test_when_the_container_has_died_the_caller_joins_the_person_who_waits(rung: CallTable) -> None:
    rung.claim_stream(CALL, "jti", "MZ1")
    rung.attended.accept(CALL, "r", ANNA)
    first, again = ask("/voice/after-stream?stream=jti"), ask("/voice/after-stream?stream=jti")

    assert first == again
    assert first.verbs == ["Say", "Dial"]
    assert first.xml[1][0].tag == "Conference"
    assert read_last_attempt(rung).status == "moved"


def test_when_the_container_has_died_and_people_ring_there_is_another_stream(rung: CallTable) -> None:
    assert ask("/voice/after-stream?stream=jti").verbs == ["Connect", "Redirect"]
    assert read_last_attempt(rung).status == "ringing"


@pytest.mark.parametrize("end", ["caller gone", "goodbye"])
def test_people_are_called_off_when_the_call_ends(rung: CallTable, transfer: Invoked, end: str) -> None:
    if end == "goodbye":
        rung.end_stream(CALL, "jti", "goodbye", 1000)
    ask("/voice/after-stream?stream=jti", CallStatus="completed" if end == "caller gone" else "in-progress")

    reason = "caller_gone" if end == "caller gone" else "cancelled_by_caller"
    assert transfer.notices == [{"action": "cancel", "call_sid": CALL, "attempt": "r", "reason": reason}]


def connect(table: CallTable, ms_ago: int) -> None:
    table.attended.accept(CALL, "r", ANNA)
    attempt, _ = table.attended.connect(CALL, "r")
    connected = make_attribute(attempt.connected_at_ms - ms_ago)
    table._items.change(CALL, "attempt#r", always={"connected_at_ms": connected})


@pytest.mark.parametrize(
    ("ms_ago", "form", "verbs", "outcome"),
    [
        (60_000, {"DialCallStatus": "answered"}, ["Hangup"], "bridged"),
        (60_000, {"DialCallStatus": "answered", "CallStatus": "completed"}, [], "bridged"),
        (3000, {"DialCallStatus": "answered"}, ["Connect", "Redirect"], "bridged"),
        (60_000, {"DialCallStatus": "failed"}, ["Connect", "Redirect"], "failed"),
    ],
)
def test_after_the_conference(
    rung: CallTable, ms_ago: int, form: dict[str, str], verbs: list[str], outcome: str
) -> None:
    connect(rung, ms_ago)

    after = ask("/voice/after-dial?attempt=r", form)

    assert after.verbs == verbs
    assert ask("/voice/after-dial?attempt=r", form).verbs == verbs
    settled = read_last_attempt(rung)
    assert (settled.status, settled.talked_s) == (outcome, ms_ago // 1000 if outcome == "bridged" else 0)


def test_a_caller_who_waited_alone_is_back_with_the_model(rung: CallTable) -> None:
    connect(rung, 9000)

    assert ask("/voice/after-dial?attempt=r&alone=yes").verbs == ["Connect", "Redirect"]
    assert read_last_attempt(rung).status == "failed"


def test_a_person_who_had_left_talked_to_nobody(rung: CallTable) -> None:
    rung.attended.accept(CALL, "r", ANNA)
    rung.legs.record_event(CALL, "r", ANNA, "completed", status="completed")
    rung.attended.connect(CALL, "r")

    assert ask("/voice/after-dial?attempt=r", DialCallStatus="answered").verbs == ["Connect", "Redirect"]
    assert read_last_attempt(rung).status == "failed"


def test_the_call_s_token_is_kept(table: CallTable) -> None:
    ask("/voice/incoming", CallToken="a token")

    call = table.read(CALL).call
    assert call is not None
    assert call.call_token == "a token"


@pytest.mark.usefixtures("no_database")
@pytest.mark.parametrize(
    ("route", "form"), [("leg", {}), ("answer", {"Digits": "1"}), ("note", {"SpeechResult": "x"}), ("left", {})]
)
def test_without_a_table_a_person_hears_something(route: str, form: dict[str, str]) -> None:
    assert leg(route, **form).verbs[-1] == "Hangup"
