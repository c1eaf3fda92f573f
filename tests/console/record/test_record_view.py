"""A call record becomes a view: lanes, entries, turns, attempts, figures."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from call_rows import Attempt, CallRecord, Goodbye, Stream, Turn
from console.record.record_view import make_view
from tests.console.record.example_record import BEGAN, LEG, NOW, OTHER_LEG, RECORD, SID, find, view_of


def test_an_unknown_call_has_no_view() -> None:
    assert make_view(SID, CallRecord(), NOW) is None


def test_half_a_character_of_a_model_is_shown_as_it_is() -> None:
    attempt = replace(RECORD.attempts[0], reason="half \ud800", summary="ö")

    entries = view_of(replace(RECORD, attempts=(attempt,))).entries

    texts = [message.text for entry in entries for message in entry.messages]
    assert any("half \ud800" in text and "ö" in text for text in texts)


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


def test_a_stream_that_somebody_else_ended_says_so() -> None:
    stream = Stream("j1", "MZ1", "caller_gone", 20_000, opened_at_ms=BEGAN + 1000)
    moved = Attempt("r1", "maria", status="moved", claimed_at_ms=BEGAN + 19_000)
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
