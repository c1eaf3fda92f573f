"""A call record becomes a view: lanes, entries, turns, attempts, figures."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from call_rows import Attempt, Call, CallRecord, Goodbye, Leg, Notice, Stream, Turn
from console.call_view import CallView, Entry
from console.record.record_view import make_view

SID, LEG, OTHER_LEG = "CA" + "0" * 32, "CA" + "1" * 32, "CA" + "2" * 32
BEGAN = 1_800_000_000_000
RECORD = CallRecord(
    call=Call("+15550100001", "+15550100000", "<Response>first</Response>", BEGAN),
    streams=(
        Stream("j1", "MZ1", "transferred", 20_000, "<Response>wait</Response>", BEGAN + 1000),
        Stream("j2", "MZ2", "goodbye", 10_000, opened_at_ms=BEGAN + 60_000),
    ),
    turns=(
        Turn(BEGAN + 1500, "model", "Hello, this is the workshop.", "Hello, this"),
        Turn(BEGAN + 3000, "caller", "My <script> bike!", "My <script> bike!"),
        Turn(BEGAN + 4000, "keys", "1", "1"),
        Turn(BEGAN + 5000, "tool", "look_up(bike) -> ready", "look_up(bike) -> ready"),
        Turn(BEGAN + 61_000, "model", "Goodbye.", "Goodbye."),
    ),
    attempts=(
        Attempt(
            "r1",
            "front_desk",
            "asked",
            "A chain is broken.",
            status="not_accepted",
            claimed_at_ms=BEGAN + 20_000,
            settled_at_ms=BEGAN + 50_000,
            decision="<Response>back</Response>",
            whisper="A caller.",
        ),
    ),
    legs=(
        Leg(LEG, "r1", BEGAN + 22_000, BEGAN + 23_000, BEGAN + 30_000, "", BEGAN + 49_000, "completed"),
        Leg(OTHER_LEG, "r1", BEGAN + 22_500, BEGAN + 24_000, 0, "", BEGAN + 49_500, "no-answer"),
    ),
    notices=(Notice("r1", "missed", "digest", "sent", BEGAN + 51_000),),
)
NOW = BEGAN + 3_600_000


def view_of(record: CallRecord, now_ms: int = NOW) -> CallView:
    view = make_view(SID, record, now_ms)
    assert view
    return view


def find(view: CallView, title: str) -> Entry:
    (entry,) = (entry for entry in view.entries if entry.title == title)
    return entry


def test_an_unknown_call_has_no_view() -> None:
    assert make_view(SID, CallRecord(), NOW) is None


def test_each_telephone_has_a_lane_between_the_assistant_and_twilio() -> None:
    lanes = view_of(RECORD).lanes

    assert [(lane.id, lane.name) for lane in lanes] == [
        ("caller", "Caller"),
        ("assistant", "Assistant"),
        (LEG, "front desk"),
        (OTHER_LEG, "front desk, telephone 2"),
        ("twilio", "Twilio"),
        ("warmline", "Warmline"),
    ]


def test_the_entries_tell_the_call_in_the_order_of_time() -> None:
    view = view_of(RECORD)

    assert [(entry.at_ms, entry.lane, entry.title) for entry in view.entries] == [
        (0, "caller", "+15550100001 calls +15550100000"),
        (0, "twilio", "Twilio asks what to do with the call"),
        (1000, "assistant", "The assistant is on the line"),
        (1500, "assistant", "Assistant, interrupted: Hello, this"),
        (3000, "caller", "Caller: My <script> bike!"),
        (4000, "caller", "The caller presses 1"),
        (5000, "warmline", "A tool was used: look_up(bike) -> ready"),
        (20_000, "warmline", "The caller is to be put through to front desk: asked"),
        (21_000, "warmline", "The call was moved to a person"),
        (21_000, "twilio", "Twilio asks what follows the stream"),
        (23_000, LEG, "The telephone of front desk rings"),
        (24_000, OTHER_LEG, "The telephone of front desk, telephone 2 rings"),
        (30_000, LEG, "front desk picks up, or a voicemail does"),
        (49_000, LEG, "front desk picked up, pressed no key"),
        (49_500, OTHER_LEG, "front desk, telephone 2 did not pick up"),
        (50_000, "warmline", "Somebody or something picked up at front desk, and pressed no key."),
        (50_000, "twilio", "Twilio asks what follows the dial"),
        (51_000, "warmline", "Somebody was told of the missed call"),
        (60_000, "assistant", "The assistant is on the line"),
        (61_000, "assistant", "Assistant: Goodbye."),
        (70_000, "warmline", "The assistant said goodbye"),
        (70_000, "caller", "The call is over"),
    ]
    assert view.now_ms == 70_000


def test_a_document_is_in_the_entry_of_its_webhook_alone() -> None:
    view = view_of(RECORD)

    documents = {entry.title: entry.messages[0].text for entry in view.entries if entry.kind == "webhook"}
    rows = [message.text for entry in view.entries for message in entry.messages if message.syntax == "json"]
    assert documents == {
        "Twilio asks what to do with the call": "<Response>first</Response>",
        "Twilio asks what follows the stream": "<Response>wait</Response>",
        "Twilio asks what follows the dial": "<Response>back</Response>",
    }
    assert not any("<Response>" in row for row in rows)


def test_what_was_heard_is_told_apart_from_what_was_cut() -> None:
    turns = view_of(RECORD).turns

    assert [(turn.speaker, turn.heard, turn.cut) for turn in turns] == [
        ("assistant", "Hello, this", "is the workshop."),
        ("caller", "My <script> bike!", ""),
        ("keys", "1", ""),
        ("tool", "look_up(bike) -> ready", ""),
        ("assistant", "Goodbye.", ""),
    ]


@pytest.mark.parametrize(
    ("said", "heard", "told"),
    [
        ("Hello there.", "", ("", "Hello there.")),
        ("Hello there.", "Hello there.", ("Hello there.", "")),
        ("Hello there.", "Other words", ("Other words", "Hello there.")),
    ],
)
def test_a_turn_of_the_model_is_split_where_it_was_cut(said: str, heard: str, told: tuple[str, str]) -> None:
    (turn,) = view_of(CallRecord(turns=(Turn(BEGAN, "model", said, heard),))).turns

    assert (turn.heard, turn.cut) == told


def test_an_attempt_says_what_each_telephone_did() -> None:
    (attempt,) = view_of(RECORD).attempts

    assert (attempt.at_ms, attempt.settled_at_ms, attempt.status) == (20_000, 50_000, "not_accepted")
    assert attempt.outcome == "Somebody or something picked up at front desk, and pressed no key."
    assert [(leg.sid, leg.rung_at_ms, leg.answered_at_ms, leg.ended_at_ms, leg.outcome) for leg in attempt.legs] == [
        (LEG, 23_000, 30_000, 49_000, "picked up, pressed no key"),
        (OTHER_LEG, 24_000, None, 49_500, "did not pick up"),
    ]


ATTEMPT = Attempt("r1", "maria", claimed_at_ms=BEGAN, settled_at_ms=BEGAN + 9000)


@pytest.mark.parametrize(
    ("attempt", "sentence"),
    [
        (replace(ATTEMPT, status="claimed"), "Twilio is being asked to ring maria."),
        (replace(ATTEMPT, status="moved"), "Maria is being rung."),
        (replace(ATTEMPT, status="moved", accepted_by=LEG), "Maria took the call, and they talk."),
        (replace(ATTEMPT, status="bridged", talked_s=64), "Maria and the caller talked for 64 s."),
        (replace(ATTEMPT, status="busy"), "Maria was busy."),
        (replace(ATTEMPT, status="declined"), "Maria declined."),
        (replace(ATTEMPT, status="unconfirmed"), "Maria and the caller may have talked; nobody can tell."),
        (replace(ATTEMPT, status="caller_gone"), "The caller hung up before maria took the call."),
        (
            replace(ATTEMPT, status="failed", failure="no_such_number", error_code="13224", sip_code="404"),
            "Maria could not be rung: there is no such number (Twilio's error 13224, SIP 404).",
        ),
        (replace(ATTEMPT, status="failed", detail="HTTP 500"), "Maria could not be rung: HTTP 500."),
        (
            replace(ATTEMPT, status="no_answer", message_s=7, message_url="u"),
            "Nobody picked up at maria. The caller left a message of 7 s.",
        ),
        (
            replace(ATTEMPT, status="no_answer", forwarded_back=2),
            "Nobody picked up at maria. The call came back to our own number 2 times.",
        ),
        (replace(ATTEMPT, status="new_word"), "Maria: new_word."),
    ],
)
def test_an_attempt_has_a_sentence(attempt: Attempt, sentence: str) -> None:
    (shown,) = view_of(CallRecord(attempts=(attempt,))).attempts

    assert shown.outcome == sentence


def test_an_attempt_that_was_left_does_not_ring_for_ever() -> None:
    left = replace(ATTEMPT, status="moved", settled_at_ms=0)
    later = replace(ATTEMPT, request_id="r2", claimed_at_ms=BEGAN + 5000, status="moved", settled_at_ms=0)
    taken = replace(left, accepted_by=LEG)
    said = Goodbye("b1", "moved", claimed_at_ms=BEGAN + 20_000)

    told = [
        [attempt.outcome for attempt in view_of(record, BEGAN + 30_000).attempts]
        for record in (CallRecord(attempts=(left, later)), CallRecord(attempts=(taken,), goodbyes=(said,)))
    ]

    assert told == [
        ["Nobody wrote what became of the call to maria.", "Maria is being rung."],
        ["Maria took the call; nobody wrote how long they talked."],
    ]


@pytest.mark.parametrize(
    ("leg", "told"),
    [
        (Leg(LEG, "r1", BEGAN, BEGAN), ""),
        (Leg(LEG, "r1", key="2", completed_at_ms=BEGAN), "picked up, and declined with the key 2"),
        (Leg(LEG, "r1", completed_at_ms=BEGAN, status="busy"), "the line was busy"),
        (Leg(LEG, "r1", completed_at_ms=BEGAN, status="failed", sip_code="404"), "could not be reached (SIP 404)"),
        (Leg(LEG, "r1", completed_at_ms=BEGAN, status="odd"), "ended as odd"),
        (Leg(LEG, "r1", completed_at_ms=BEGAN), "ended as Twilio did not say"),
        (Leg(LEG, "r1", answered_at_ms=BEGAN, completed_at_ms=BEGAN), "picked up, and was not connected"),
    ],
)
def test_a_telephone_that_was_rung_has_an_outcome(leg: Leg, told: str) -> None:
    (attempt,) = view_of(CallRecord(attempts=(ATTEMPT,), legs=(leg,))).attempts

    assert attempt.legs[0].outcome == told


def test_whoever_took_the_call_talks_until_the_dial_is_over() -> None:
    taken = replace(ATTEMPT, status="moved", settled_at_ms=0, accepted_by=LEG, accepted_at_ms=BEGAN + 5000)
    leg = Leg(LEG, "r1", BEGAN + 1000, BEGAN + 2000, BEGAN + 4000)
    over = replace(taken, status="bridged", settled_at_ms=BEGAN + 65_000, talked_s=60)

    talks = find(view_of(CallRecord(attempts=(taken,), legs=(leg,)), BEGAN + 30_000), "maria and the caller talk")
    talked = find(view_of(CallRecord(attempts=(over,), legs=(leg,))), "maria and the caller talk")

    assert (talks.at_ms, talks.until_ms, talks.open) == (5000, 30_000, True)
    assert (talked.at_ms, talked.until_ms, talked.open) == (5000, 65_000, False)
    assert talks.number == talked.number


def test_a_person_of_whom_only_the_talk_is_known_has_a_lane() -> None:
    talked = replace(ATTEMPT, status="bridged", dial_call_sid=LEG, talked_s=4)

    view = view_of(CallRecord(attempts=(talked,)))

    assert view.lanes[2].id == LEG
    assert (find(view, "maria and the caller talk").at_ms, view.attempts[0].legs[0].outcome) == (5000, "took the call")


def test_a_stream_that_somebody_else_ended_says_so() -> None:
    stream = Stream("j1", "MZ1", "caller_gone", 20_000, opened_at_ms=BEGAN + 1000)
    moved = replace(ATTEMPT, status="moved", settled_at_ms=0, claimed_at_ms=BEGAN + 19_000)
    failed = replace(moved, status="failed")
    goodbye = Goodbye("b1", "moved", claimed_at_ms=BEGAN + 20_900)

    ends = [
        [entry.title for entry in view_of(record).entries if entry.at_ms == 21_000 and entry.lane == "warmline"]
        for record in (
            CallRecord(RECORD.call, (stream,), attempts=(moved,)),
            CallRecord(RECORD.call, (stream,), attempts=(failed,)),
            CallRecord(RECORD.call, (stream,), goodbyes=(goodbye,)),
        )
    ]

    assert ends == [["You put the caller through to a person"], ["The caller hung up"], ["You ended the call"]]
    said = find(view_of(CallRecord(RECORD.call, (stream,), goodbyes=(goodbye,))), "You end the call with a goodbye")
    assert said.at_ms == 20_900


def test_a_stream_that_lasts_is_open_until_now() -> None:
    record = CallRecord(RECORD.call, (Stream("j1", "MZ1", opened_at_ms=BEGAN + 1000),))

    view = view_of(record, BEGAN + 8000)

    entry = find(view, "The assistant is on the line")
    assert (entry.at_ms, entry.until_ms, entry.open) == (1000, 8000, True)
    assert (view.now_ms, view.summary.outcome) == (8000, "running")


def test_a_stream_whose_container_died_lasts_until_the_last_words() -> None:
    record = replace(RECORD, streams=(Stream("j1", "MZ1", None, 0, "<Response/>", BEGAN + 1000),), attempts=())

    view = view_of(record)

    entry = find(view, "The assistant is on the line")
    assert (entry.until_ms, entry.open) == (61_000, False)
    assert view.notes == ("Nobody wrote why a media stream ended. What was said at its end may be missing.",)


def test_a_call_with_an_unknown_end_lasts_until_the_last_that_is_known() -> None:
    record = CallRecord(RECORD.call, (Stream("j1", "MZ1", opened_at_ms=BEGAN + 1000),), RECORD.turns)

    assert view_of(record, BEGAN + 10**10).now_ms == 61_000


def test_erased_words_are_told_and_leave_who_spoke_when() -> None:
    record = replace(RECORD, turns=tuple(replace(turn, said="", heard="") for turn in RECORD.turns))

    view = view_of(record)

    assert {entry.number for entry in view.entries} == {entry.number for entry in view_of(RECORD).entries}
    assert view.turns == ()
    assert find(view, "Caller: (erased)").at_ms == 3000
    assert view.notes == ("What was said was erased when the call was over (KeepTranscripts=0).",)


def test_figures_are_known_as_far_as_the_record_has_them() -> None:
    figures = view_of(RECORD).figures

    assert (figures.first_word_ms, figures.interruptions, figures.longest_silence_ms) == (500, 1, None)
    assert view_of(CallRecord(RECORD.call)).figures.first_word_ms is None


@pytest.mark.parametrize(
    ("used", "tokens", "usd"),
    [
        ([(100, 5000), (20, 1000)], 120, 0.006),
        ([(100, 5000), (None, None)], None, None),  # a stream that runs, or whose container died
        ([(100, None)], 100, None),
        ([], None, None),
    ],
)
def test_a_cost_is_known_when_that_of_every_stream_is(
    used: list[tuple[int | None, int | None]], tokens: int | None, usd: float | None
) -> None:
    streams = [Stream(f"j{n}", "MZ", tokens=each[0], cost_micro_usd=each[1]) for n, each in enumerate(used)]

    figures = view_of(CallRecord(RECORD.call, tuple(streams))).figures

    assert (figures.tokens, figures.cost_usd) == (tokens, usd)


def test_twilio_asks_at_the_time_that_was_written() -> None:
    stream = replace(RECORD.streams[0], decided_at_ms=BEGAN + 22_000)

    assert find(view_of(CallRecord(RECORD.call, (stream,))), "Twilio asks what follows the stream").at_ms == 22_000


def some[T](rows: tuple[T, ...]) -> st.SearchStrategy[tuple[T, ...]]:
    """Any part of the rows, in their order."""
    kept = st.lists(st.booleans(), min_size=len(rows), max_size=len(rows))
    return kept.map(lambda flags: tuple(row for row, keep in zip(rows, flags, strict=True) if keep))


@given(
    st.builds(
        CallRecord,
        st.just(RECORD.call),
        some(RECORD.streams),
        some(RECORD.turns),
        some(RECORD.attempts),
        some(RECORD.legs),
        some(RECORD.notices),
    )
)
def test_a_row_that_comes_late_changes_no_number_of_another(part: CallRecord) -> None:
    whole = {entry.number: entry.lane for entry in view_of(RECORD).entries}

    assert len(whole) == len(view_of(RECORD).entries)
    assert {entry.number: entry.lane for entry in view_of(part).entries}.items() <= whole.items()
    assert {turn.number for turn in view_of(part).turns} <= {turn.number for turn in view_of(RECORD).turns}


def test_numbers_are_exact_in_a_browser() -> None:
    assert all(0 <= entry.number < 2**53 for entry in view_of(RECORD).entries)
