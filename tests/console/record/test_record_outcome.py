"""What became of a call, by its record."""

from dataclasses import replace

import pytest

from call_rows import Attempt, Call, CallRecord, Goodbye, Stream, Turn
from console.record.record_outcome import summarize

SID = "CA" + "0" * 32
BEGAN = 1_800_000_000_000
CALL = Call("+15550100001", "+15550100000", "<Response/>", BEGAN)
LATER = BEGAN + 3_600_000

STREAM = Stream("j1", "MZ1", opened_at_ms=BEGAN + 1000)
GOODBYE = replace(STREAM, end_reason="goodbye", talked_ms=20_000)
MOVED = replace(STREAM, end_reason="transferred", talked_ms=20_000)
FAILED = replace(STREAM, end_reason="model_failed", talked_ms=5000)
DECIDED = replace(STREAM, decision="<Response/>")

RINGING = Attempt("r1", "front_desk", status="moved", claimed_at_ms=BEGAN + 19_000)
TALKED = replace(RINGING, status="bridged", settled_at_ms=BEGAN + 90_000, talked_s=64, decision="<Response/>")
NO_ANSWER = replace(RINGING, status="no_answer", settled_at_ms=BEGAN + 50_000, decision="<Response/>")
BACK = Stream("j2", "MZ2", "goodbye", 10_000, opened_at_ms=BEGAN + 51_000)


@pytest.mark.parametrize(
    ("streams", "attempts", "outcome", "text", "ended_ms"),
    [
        ((GOODBYE,), (), "answered", "the assistant said goodbye", 21_000),
        ((replace(GOODBYE, end_reason="caller_gone"),), (), "answered", "the caller hung up", 21_000),
        ((MOVED,), (TALKED,), "talked", "talked with front desk for 64 s", 90_000),
        ((MOVED, BACK), (NO_ANSWER,), "nobody", "front desk did not take the call", 61_000),
        (
            (MOVED,),
            (replace(NO_ANSWER, status="caller_gone"),),
            "nobody",
            "hung up before front desk took the call",
            50_000,
        ),
        (
            (MOVED,),
            (replace(NO_ANSWER, message_s=7, if_nobody="message"),),
            "message",
            "left a message of 7 s for front desk",
            57_000,
        ),
        (
            (MOVED,),
            (replace(TALKED, status="unconfirmed"),),
            "unknown",
            "may have talked with front desk; nobody can tell",
            90_000,
        ),
        ((FAILED,), (), "failed", "the model failed", 6000),
        ((DECIDED,), (), "failed", "nobody wrote why the media stream ended: the container may have died", 1000),
        (
            (replace(DECIDED, stream_sid=None),),
            (),
            "failed",
            "no container accepted the media stream",
            1000,
        ),
        ((GOODBYE,), (replace(RINGING, status="failed"),), "nobody", "front desk could not be rung", 21_000),
        ((FAILED,), (replace(RINGING, status="failed"),), "failed", "front desk could not be rung", 6000),
        ((), (), "unknown", "no media stream was opened", None),
    ],
)
def test_a_call_that_is_over_has_an_outcome(
    streams: tuple[Stream, ...], attempts: tuple[Attempt, ...], outcome: str, text: str, ended_ms: int | None
) -> None:
    summary = summarize(SID, CallRecord(CALL, streams, (), attempts), LATER)

    assert summary
    ended_at_ms = None if ended_ms is None else BEGAN + ended_ms
    assert (summary.outcome, summary.outcome_text, summary.ended_at_ms) == (outcome, text, ended_at_ms)


@pytest.mark.parametrize(
    ("streams", "attempts", "at_ms", "text"),
    [
        ((), (), 500, "is being answered"),
        ((STREAM,), (), 3_000_000, "talks with the assistant"),
        ((MOVED,), (RINGING,), 30_000, "front desk is being rung"),
        (
            (MOVED,),
            (replace(RINGING, accepted_by="CA2", accepted_at_ms=BEGAN + 25_000),),
            90_000,
            "talks with front desk",
        ),
        ((FAILED,), (), 7000, "waits for what comes next"),
        ((MOVED, replace(BACK, end_reason=None)), (NO_ANSWER,), 55_000, "talks with the assistant"),
        ((MOVED,), (replace(NO_ANSWER, if_nobody="message"),), 120_000, "is asked to leave a message"),
        ((STREAM,), (replace(RINGING, status="failed"),), 120_000, "talks with the assistant"),
        ((MOVED,), (replace(TALKED, after_talk="return"),), 95_000, "waits for what comes next"),
    ],
)
def test_a_call_that_runs_says_where_it_is(
    streams: tuple[Stream, ...], attempts: tuple[Attempt, ...], at_ms: int, text: str
) -> None:
    summary = summarize(SID, CallRecord(CALL, streams, (), attempts), BEGAN + at_ms)

    assert summary
    assert (summary.outcome, summary.outcome_text, summary.ended_at_ms) == ("running", text, None)


@pytest.mark.parametrize("record", [CallRecord(CALL, (STREAM,)), CallRecord(CALL, (MOVED,), (), (RINGING,))])
def test_no_call_runs_longer_than_twilio_lets_it(record: CallRecord) -> None:
    summary = summarize(SID, record, BEGAN + 24 * 3_600_000)

    assert summary
    assert (summary.outcome, summary.ended_at_ms) == ("unknown", None)


SAID = Goodbye("b1", "moved", claimed_at_ms=BEGAN + 30_000)


@pytest.mark.parametrize(
    ("record", "outcome", "text"),
    [
        (CallRecord(CALL, (GOODBYE,), goodbyes=(SAID,)), "answered", "you said goodbye"),
        (CallRecord(CALL, (MOVED,), (), (TALKED,), goodbyes=(SAID,)), "talked", "talked with front desk for 64 s"),
        (
            CallRecord(CALL, (MOVED,), (), (replace(RINGING, accepted_by="CA2"),), goodbyes=(SAID,)),
            "talked",
            "talked with front desk until you said goodbye",
        ),
        (
            CallRecord(CALL, (STREAM,), goodbyes=(replace(SAID, status="failed"),)),
            "running",
            "talks with the assistant",
        ),
    ],
)
def test_a_goodbye_from_outside_ends_the_call(record: CallRecord, outcome: str, text: str) -> None:
    summary = summarize(SID, record, BEGAN + 31_000)

    assert summary
    assert (summary.outcome, summary.outcome_text) == (outcome, text)


def test_an_end_that_was_written_is_believed() -> None:
    summary = summarize(SID, CallRecord(replace(CALL, ended_at_ms=BEGAN + 9000), (STREAM,)), BEGAN + 10_000)

    assert summary
    assert summary.ended_at_ms == BEGAN + 9000


def test_a_call_without_its_own_row_begins_with_the_first_thing_known() -> None:
    record = CallRecord(None, (GOODBYE,), (Turn(BEGAN + 2000, "caller", "hello", "hello"),))

    summary = summarize(SID, record, LATER)

    assert summary
    assert (summary.began_at_ms, summary.caller, summary.ended_at_ms) == (BEGAN + 1000, "", BEGAN + 21_000)


def test_an_unknown_call_has_no_summary() -> None:
    assert summarize(SID, CallRecord(), LATER) is None


def test_failures_are_counted() -> None:
    record = CallRecord(CALL, (FAILED, replace(DECIDED, jti="j2"), GOODBYE), (), (replace(RINGING, status="failed"),))

    summary = summarize(SID, record, LATER)

    assert summary
    assert summary.errors == 3
