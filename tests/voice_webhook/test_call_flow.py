"""What comes next in a call: every reason for which a stream ends, every way in which dial does."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from call_flow import (
    MAX_STREAMS,
    MAX_WAITS,
    MAX_WAITS_WITHOUT_MODEL,
    HangUp,
    NewStream,
    NextDial,
    Person,
    Repeat,
    Step,
    TakeMessage,
    Wait,
    count_streams_without_talk,
    decide_after_dial,
    decide_after_nobody,
    decide_after_stream,
    find_given_up,
    name_attempt_after,
)
from call_record import Attempt, CallRecord, EndReason, Stream, Turn

MINUTE = 60_000


def make_ended_record(reason: EndReason | None, talked_ms: int = 0) -> CallRecord:
    return CallRecord(streams=(Stream("j1", "MZ1", reason, talked_ms, None, 1000),))


def make_record_with_attempt(attempt: Attempt, reason: EndReason | None = None) -> CallRecord:
    return CallRecord(streams=make_ended_record(reason).streams, attempts=(attempt,))


@pytest.mark.parametrize(
    ("reason", "step"),
    [
        ("goodbye", HangUp()),
        ("goodbye_unsaid", HangUp(say_goodbye=True)),
        ("model_failed", Person("model_failed", otherwise=NewStream())),
        ("internal_error", Person("internal_error", otherwise=NewStream())),
        ("draining", NewStream()),
        ("stream_lost", NewStream()),
        ("caller_gone", NewStream()),  # asked all the same: another stream took this one's place
        ("transferred", NewStream()),  # asked all the same: the call was never moved
        (None, NewStream()),
    ],
)
def test_why_the_container_closed_the_stream_decides(reason: EndReason | None, step: Step) -> None:
    assert decide_after_stream(make_ended_record(reason), "j1", 0) == step


def test_a_stream_that_no_container_took_is_followed_by_another() -> None:
    assert decide_after_stream(CallRecord(), "j1", 0) == NewStream()


def test_what_was_decided_is_repeated() -> None:
    record = CallRecord(streams=(Stream("j1", decision="<Response/>", end_reason="goodbye"),))

    assert decide_after_stream(record, "j1", 3) == Repeat("<Response/>")


@pytest.mark.parametrize("status", ["claimed", "moved"])
@pytest.mark.parametrize(
    ("reason", "most"),
    [("transferred", MAX_WAITS), ("goodbye", MAX_WAITS), (None, MAX_WAITS), ("model_failed", MAX_WAITS_WITHOUT_MODEL)],
)
def test_a_transfer_under_way_is_waited_for(status: str, reason: EndReason | None, most: int) -> None:
    record = make_record_with_attempt(Attempt("a", status=status, claimed_at_ms=2000), reason)

    assert decide_after_stream(record, "j1", 0) == Wait(1)
    assert decide_after_stream(record, "j1", most - 1) == Wait(most)
    assert not isinstance(decide_after_stream(record, "j1", most), Wait)


def test_a_person_who_was_found_for_this_stream_is_rung_at_once_and_not_given_up() -> None:
    found = Attempt(name_attempt_after("j1"), reason="model_failed", status="moved", claimed_at_ms=2000)
    record = make_record_with_attempt(found, "model_failed")

    for waits in (0, MAX_WAITS):
        assert decide_after_stream(record, "j1", waits) == Person("model_failed", otherwise=NewStream())
    assert find_given_up(record, "j1") is None


@pytest.mark.parametrize("status", ["failed", "caller_gone"])
def test_a_transfer_that_failed_is_not(status: str) -> None:
    record = make_record_with_attempt(Attempt("a", status=status, claimed_at_ms=2000), "transferred")

    assert decide_after_stream(record, "j1", 0) == NewStream()


def test_a_transfer_before_this_stream_is_not() -> None:
    assert (
        decide_after_stream(make_record_with_attempt(Attempt("a", status="moved", claimed_at_ms=500)), "j1", 0)
        == NewStream()
    )


def test_what_followed_a_transfer_of_this_stream_is_repeated() -> None:
    attempt = Attempt("a", status="no_answer", claimed_at_ms=2000, decision="<Response/>")

    assert decide_after_stream(make_record_with_attempt(attempt), "j1", 0) == Repeat("<Response/>")


def test_what_followed_an_earlier_transfer_is_not_repeated() -> None:
    attempt = Attempt("a", status="no_answer", claimed_at_ms=500, settled_at_ms=900, decision="<Response/>")

    assert decide_after_stream(make_record_with_attempt(attempt), "j1", 0) == NewStream()
    assert decide_after_stream(make_record_with_attempt(attempt), "unknown", 0) == NewStream()


def test_what_was_waited_for_in_vain_is_known() -> None:
    claimed = Attempt("a", claimed_at_ms=2000)
    moved = Attempt("a", status="moved", claimed_at_ms=2000)
    failed = Attempt("a", status="failed", claimed_at_ms=2000)

    assert find_given_up(make_record_with_attempt(claimed), "j1") == claimed
    assert find_given_up(make_record_with_attempt(moved), "j1") == moved
    assert find_given_up(make_record_with_attempt(failed), "j1") is None
    assert find_given_up(CallRecord(), "j1") is None


def test_a_call_has_three_streams_and_then_a_person() -> None:
    streams = tuple(Stream(f"j{number}", opened_at_ms=number) for number in (1, 2, 3))

    assert decide_after_stream(CallRecord(streams=streams[:1]), "j1", 0) == NewStream()
    assert decide_after_stream(CallRecord(streams=streams[:2]), "j2", 0) == NewStream(pause=True)
    assert decide_after_stream(CallRecord(streams=streams[:2]), "j3", 0) == Person("too_many_streams")
    assert decide_after_stream(CallRecord(streams=streams), "j3", 0) == Person("too_many_streams")


@pytest.mark.parametrize(
    ("streams", "pause"),
    [
        ((), False),
        ((Stream("a"),), True),
        ((Stream("a", "MZ", "draining", MINUTE), Stream("b")), True),
        ((Stream("a"), Stream("now")), True),
        ((Stream("a", "MZ"),), False),
        ((Stream("a", "MZ", "draining", 0),), False),
        ((Stream("a", None, "stream_lost", 0),), False),  # taken, although the claim was never written
        ((Stream("a"), Stream("now", "MZ")), False),
        ((Stream("a"), Stream("now", None, "draining", 0)), False),
    ],
)
def test_after_two_streams_that_nobody_took_a_place_is_waited_for(streams: tuple[Stream, ...], pause: bool) -> None:
    assert decide_after_stream(CallRecord(streams=streams), "now", 0) == NewStream(pause)


@pytest.mark.parametrize(
    ("streams", "count"),
    [
        ((), 1),
        ((Stream("a"), Stream("b")), 3),
        ((Stream("a", "MZ", "draining", MINUTE), Stream("b")), 2),
        ((Stream("a"), Stream("b", "MZ", "draining", MINUTE)), 1),
        ((Stream("a", "MZ", "draining", 29_999),), 2),
        ((Stream("now", "MZ", "draining", 30_000),), 0),
    ],
)
def test_streams_are_counted_since_somebody_talked(streams: tuple[Stream, ...], count: int) -> None:
    assert count_streams_without_talk(CallRecord(streams=streams), "now") == count


def test_of_a_container_that_died_the_last_words_on_record_tell_how_long_was_talked() -> None:
    streams = (Stream("a", "MZ1", opened_at_ms=1000), Stream("b", "MZ2", opened_at_ms=100_000))
    talked = CallRecord(streams=streams, turns=(Turn(31_000, "caller", "hi", "hi"),))
    silent = CallRecord(streams=streams, turns=(Turn(5000, "caller", "hi", "hi"), Turn(101_000, "model", "a", "a")))

    assert count_streams_without_talk(talked) == 1
    assert count_streams_without_talk(silent) == 2


def test_a_stream_that_was_never_taken_has_no_talk_although_words_are_on_record() -> None:
    record = CallRecord(turns=(Turn(900_000, "caller", "hi", "hi"),))

    assert count_streams_without_talk(record, "lost") == 1


def test_a_person_on_the_line_counts_as_talk() -> None:
    bridged = Attempt("a", status="bridged", claimed_at_ms=300, settled_at_ms=400)
    streams = tuple(Stream(f"j{number}", opened_at_ms=number) for number in (1, 2, 3, 500))

    assert count_streams_without_talk(CallRecord(streams=streams, attempts=(bridged,))) == 1


@pytest.mark.parametrize(
    ("attempt", "outcome", "step"),
    [
        (Attempt("a"), "bridged", HangUp()),
        (Attempt("a", after_talk="return"), "bridged", NewStream()),
        (None, "bridged", HangUp()),
        (Attempt("a"), "no_answer", NewStream()),
        (None, "busy", NewStream()),
        (Attempt("a", if_nobody="message"), "busy", TakeMessage()),
        (
            Attempt("a", if_nobody="destination", if_nobody_destination="b"),
            "declined",
            Person("declined", "b", otherwise=NewStream()),
        ),
        (Attempt("a", decision="<Response/>"), "bridged", Repeat("<Response/>")),
    ],
)
def test_the_directory_says_what_follows_a_dial(attempt: Attempt | None, outcome: str, step: Step) -> None:
    assert decide_after_dial(CallRecord(), attempt, outcome) == step


def test_a_refused_caller_id_rings_the_same_people_once_more() -> None:
    attempt = Attempt("a", "desk", if_nobody="message", if_refused="business_number")

    assert decide_after_dial(CallRecord(), attempt, "failed", "caller_id") == Person(
        "caller_id", "desk", again="a", otherwise=NewStream()
    )
    second = decide_after_dial(CallRecord(), replace(attempt, dials=3), "failed", "caller_id", dial=1)
    assert second == Person("caller_id", "desk", again="a", otherwise=NewStream(), dial=1)
    assert decide_after_dial(CallRecord(), attempt, "failed", "refused") == TakeMessage()
    assert decide_after_dial(CallRecord(), replace(attempt, if_refused=""), "failed", "caller_id") == TakeMessage()


def test_a_failed_model_is_asked_again_only_while_the_call_may_have_a_stream() -> None:
    failed = tuple(Stream(f"j{number}", "MZ", "model_failed", 0, None, number) for number in range(MAX_STREAMS))

    otherwise = [decide_after_stream(CallRecord(streams=failed[: n + 1]), f"j{n}", 0) for n in range(MAX_STREAMS)]
    assert otherwise == [
        Person("model_failed", otherwise=NewStream()),
        Person("model_failed", otherwise=NewStream(pause=True)),
        Person("model_failed"),
    ]


TWO = Attempt("a", dials=2, if_nobody="message")


@pytest.mark.parametrize("outcome", ["no_answer", "busy", "declined", "not_accepted", "failed"])
def test_whoever_comes_next_in_the_destination_is_rung_before_the_directory_is_asked(outcome: str) -> None:
    assert decide_after_dial(CallRecord(), TWO, outcome, dial=0) == NextDial(1)
    assert (
        decide_after_dial(CallRecord(), TWO, outcome, dial=1)
        == decide_after_nobody(CallRecord(), TWO, outcome)
        == TakeMessage()
    )


@pytest.mark.parametrize(
    ("attempt", "outcome", "step"),
    [
        (TWO, "bridged", HangUp()),
        (TWO, "unconfirmed", NewStream()),
        (replace(TWO, decision="<Response/>"), "busy", Repeat("<Response/>")),
    ],
)
def test_nobody_else_is_rung_after_a_talk_or_a_decision(attempt: Attempt, outcome: str, step: Step) -> None:
    assert decide_after_dial(CallRecord(), attempt, outcome, dial=0) == step


def test_a_key_without_a_talk_keeps_nobody_else_from_the_call() -> None:
    assert decide_after_dial(CallRecord(), replace(TWO, accepted_by="CA1"), "failed", dial=0) == NextDial(1)


@pytest.mark.parametrize("outcome", ["bridged", "no_answer", "failed"])
def test_what_is_asked_about_an_earlier_dial_is_answered_as_before(outcome: str) -> None:
    gone_on = replace(TWO, dials=3, dial=2)

    assert decide_after_dial(CallRecord(), gone_on, outcome, "caller_id", dial=0) == NextDial(1)
    assert decide_after_dial(CallRecord(), gone_on, outcome, dial=1) == NextDial(2)
    assert decide_after_dial(CallRecord(), replace(gone_on, decision="<R/>"), outcome, dial=1) == Repeat("<R/>")


def test_a_dial_in_vain_is_no_way_round_the_count_of_streams() -> None:
    streams = tuple(Stream(f"j{number}", opened_at_ms=number) for number in range(MAX_STREAMS))

    assert decide_after_dial(CallRecord(streams=streams), Attempt("a"), "busy") == Person("too_many_streams")


@given(
    st.lists(
        st.builds(
            Stream,
            st.sampled_from(["a", "b", "c", "d"]),
            st.none() | st.just("MZ"),
            st.none() | st.sampled_from(["goodbye", "transferred", "model_failed", "draining"]),
            st.integers(0, MINUTE),
            st.none(),
            st.integers(0, 10),
        ),
        max_size=6,
        unique_by=lambda stream: stream.jti,
    ),
    st.lists(
        st.builds(
            Attempt,
            st.just("a"),
            status=st.sampled_from(["claimed", "moved", "failed", "bridged", "busy"]),
            claimed_at_ms=st.integers(0, 10),
        ),
        max_size=3,
    ),
    st.integers(0, MAX_WAITS),
)
def test_waiting_ends_and_new_streams_are_few(streams: list[Stream], attempts: list[Attempt], waits: int) -> None:
    streams.sort(key=lambda stream: stream.opened_at_ms)
    record = CallRecord(streams=tuple(streams), attempts=tuple(attempts))

    step = decide_after_stream(record, "a", waits)

    assert not isinstance(step, Wait) or step.waits == waits + 1 <= MAX_WAITS
    again = step.otherwise if isinstance(step, Person) else step
    assert not isinstance(again, NewStream) or count_streams_without_talk(record, "a") < MAX_STREAMS
