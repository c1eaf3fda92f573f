"""What is measured of a call, as scripts: what happens at which millisecond, and the measurements that come of it."""

from collections.abc import Callable

import pytest

from socket_server.core.actions import ClearAudio
from socket_server.core.events import (
    AudioFinished,
    CallerTranscribed,
    CallStarted,
    Draining,
    ErrorKind,
    FunctionCall,
    KeyPressed,
    MarkPlayed,
    ModelError,
    ModelLost,
    ModelOpened,
    PhoneLost,
    PhoneStopped,
    ResponseCreated,
    ResponseDone,
    SpeechStarted,
    SpeechStopped,
    TranscriptGrew,
    TransferFinished,
)
from socket_server.core.measures import Measured, Measures
from socket_server.core.usage import Spent, Usage
from tests.socket_server.fakes import TARIFF
from tests.socket_server.scripts import DUE, READY, Says, ScriptEvent, done, new_call

type Step = tuple[int, ScriptEvent, list[Measured]]

WISH = FunctionCall("c1", "transfer_to_human", "{}")
STARTED_MS = 50
INTERRUPTED = Measured("Interruptions")
LOST, TO_A_PERSON = Measured("ModelLosses"), Measured("ModelFailures")
FIRST_WORD = Measured("FirstWordMs", 350)


def measure(*script: Step) -> Measures:
    """Let it happen to a call that began at 0, 50 ms after Twilio's `start`, and compare all that was measured."""
    __tracebackhide__ = True
    call = new_call()
    measures = Measures(call, TARIFF, -STARTED_MS)
    came: list[Step] = []
    for at_ms, what, _ in script:
        if isinstance(what, Says):
            call.model_audio(what.response_id, what.item_id, what.ms * 8, at_ms)
            came.append((at_ms, what, []))
        else:
            if isinstance(what, MarkPlayed):
                call.mark_played(what.name, at_ms)
            came.append((at_ms, what, measures.observe(what, call.receive(what, at_ms), at_ms)))  # type: ignore[arg-type]
    assert came == list(script)
    return measures


# A greeting of 600 ms that is heard to its end at 1000, mark "1".
GREETED: list[Step] = [
    (100, READY, []),
    (200, ResponseCreated("r0"), []),
    (300, Says("r0", "i0", 600), []),
    (310, AudioFinished("r0", "i0"), [FIRST_WORD]),
    (320, done("r0", says=("i0",)), []),
    (1000, MarkPlayed("1"), []),
]


# --- the first word


def test_the_first_word_is_timed_from_the_start_of_the_stream_to_the_first_audio() -> None:
    measure(
        (100, READY, []),
        (200, ResponseCreated("r0"), []),
        (300, Says("r0", "i0", 20), []),
        (340, Says("r0", "i0", 20), []),
        (390, TranscriptGrew("r0", "i0", "Hello"), [Measured("FirstWordMs", 300 + STARTED_MS)]),
        (400, Says("r0", "i1", 20), []),
        (410, AudioFinished("r0", "i1"), []),
    )


def test_a_caller_who_leaves_before_they_heard_anything_has_no_first_word() -> None:
    measure((100, READY, []), (900, PhoneStopped(), [Measured("CallMs", 900)]))


def test_a_spare_that_was_replaced_is_no_loss() -> None:
    measure(
        (100, ModelOpened(), []),
        (110, ModelLost("1001", spare=True), []),
        (400, ModelOpened(), []),
        (500, ModelLost("1001"), [Measured("ModelLosses")]),
    )


# --- dead air


def test_dead_air_is_from_the_end_of_the_caller_s_turn_to_the_first_audio_of_the_answer() -> None:
    measure(
        *GREETED,
        (2000, SpeechStarted("u1"), []),
        (3000, SpeechStopped("u1"), []),
        (3100, ResponseCreated("r1"), []),
        (3700, Says("r1", "i1", 200), []),
        (3720, TranscriptGrew("r1", "i1", "Yes."), [Measured("DeadAirMs", 700)]),
        (3900, Says("r1", "i2", 200), []),
        (3920, TranscriptGrew("r1", "i2", "And?"), []),
    )


def test_a_caller_who_goes_on_has_not_waited() -> None:
    measure(
        *GREETED,
        (2000, SpeechStarted("u1"), []),
        (3000, SpeechStopped("u1"), []),
        (3400, SpeechStarted("u2"), []),
        (5000, SpeechStopped("u2"), []),
        (5300, Says("r1", "i1", 200), []),
        (5320, AudioFinished("r1", "i1"), [Measured("DeadAirMs", 300)]),
    )


def test_a_tool_that_runs_before_the_answer_is_part_of_the_dead_air() -> None:
    measure(
        *GREETED,
        (2000, SpeechStarted("u1"), []),
        (3000, SpeechStopped("u1"), []),
        (3100, ResponseCreated("r1"), []),
        (3200, CallStarted("r1", "opening_hours"), []),
        (3300, done("r1", FunctionCall("c1", "opening_hours", "{}")), []),
        (5300, Says("r2", "i2", 200), []),
        (5320, AudioFinished("r2", "i2"), [Measured("DeadAirMs", 2300)]),
    )


def test_while_the_model_is_heard_there_is_no_dead_air() -> None:
    measure(
        *GREETED,
        (1100, ResponseCreated("r1"), []),
        (1200, Says("r1", "i1", 900), []),
        (1300, CallStarted("r1", "transfer_to_human"), []),  # its sentence is protected: the caller does not cut it
        (1400, SpeechStarted("u1"), []),
        (1500, SpeechStopped("u1"), []),
        (1600, AudioFinished("r1", "i1"), []),
        (2600, Says("r2", "i2", 200), []),
        (2700, TranscriptGrew("r2", "i2", "So."), []),
    )


def test_what_is_said_after_a_transfer_that_failed_answers_no_turn() -> None:
    measure(
        *GREETED,
        (2000, SpeechStarted("u1"), []),
        (3000, SpeechStopped("u1"), []),
        (3100, KeyPressed("0"), []),
        (4600, DUE, []),
        (9000, TransferFinished("MZ1-1", "failed"), []),
        (9500, Says("r1", "i1", 200), []),
        (9600, AudioFinished("r1", "i1"), []),
    )


# --- interruptions


def test_a_barge_in_ends_when_the_phone_s_buffer_is_known_to_be_empty() -> None:
    measure(
        *GREETED,
        (1100, ResponseCreated("r1"), []),
        (1200, Says("r1", "i1", 300), []),  # mark "2"
        (1210, Says("r1", "i1", 300), []),  # mark "3"
        (1500, SpeechStarted("u1"), [INTERRUPTED]),
        (1540, MarkPlayed("2"), []),
        (1541, MarkPlayed("3"), [Measured("BargeInMs", 41)]),
        (1542, MarkPlayed("3"), []),
    )


def test_where_no_mark_was_in_the_buffer_nothing_tells_when_it_was_empty() -> None:
    measure(
        *GREETED,
        (1100, ResponseCreated("r1"), []),
        (1200, Says("r1", "i1", 100), []),
        (1250, SpeechStarted("u1"), [INTERRUPTED]),
        (1300, MarkPlayed(""), []),
    )


def test_a_key_interrupts_too() -> None:
    measure(
        *GREETED,
        (1200, Says("r1", "i1", 3000), []),
        (1300, KeyPressed("0"), []),
        (2800, DUE, [INTERRUPTED]),
        (2860, MarkPlayed("2"), [Measured("BargeInMs", 60)]),
    )


def test_a_caller_who_speaks_when_nothing_is_heard_interrupts_nobody() -> None:
    measure(*GREETED, (2000, SpeechStarted("u1"), []))


def test_the_order_to_clear_is_the_same_whatever_mark_it_names() -> None:
    assert ClearAudio("1") == ClearAudio("2")


# --- moving the call


def test_a_hand_over_s_silence_is_from_the_last_word_to_the_end_of_the_stream() -> None:
    measure(
        *GREETED,
        (1200, Says("r1", "i1", 600), []),
        (1300, CallStarted("r1", "transfer_to_human"), []),
        (1400, done("r1", WISH, says=("i1",)), []),
        (1900, MarkPlayed("2"), []),
        (2300, TransferFinished("c1", "moved"), []),
        (2550, PhoneStopped(), [Measured("HandOverSilenceMs", 650), Measured("CallMs", 2550)]),
    )


def test_a_hand_over_that_failed_does_not_lengthen_the_next_one() -> None:
    measure(
        *GREETED,
        (2000, KeyPressed("0"), []),
        (3500, DUE, []),
        (4000, TransferFinished("MZ1-1", "failed"), []),
        (6000, KeyPressed("0"), []),
        (7500, DUE, []),
        (8100, PhoneStopped(), [Measured("HandOverSilenceMs", 600), Measured("CallMs", 8100)]),
    )


def test_a_call_that_moves_after_it_was_given_up_is_silent_from_then_on() -> None:
    measure(
        *GREETED,
        (2000, KeyPressed("0"), []),
        (3500, DUE, []),
        (23_500, DUE, []),
        (24_000, TransferFinished("MZ1-1", "moved"), []),
        (24_200, PhoneStopped(), [Measured("HandOverSilenceMs", 200), Measured("CallMs", 24_200)]),
    )


def test_a_call_that_moves_when_it_has_to_end_has_no_silence() -> None:
    measure(
        *GREETED,
        (2000, KeyPressed("0"), []),
        (3500, DUE, []),
        (23_500, DUE, []),
        (23_600, ResponseCreated("r1"), []),
        (23_700, Draining(23_700, 24_000), []),
        (24_000, TransferFinished("MZ1-1", "moved"), [Measured("CallMs", 24_000)]),
    )


# --- the model


@pytest.mark.parametrize(
    ("gone", "measured"),
    [
        (ModelLost("1006"), [LOST]),  # another session takes its place
        (ModelLost("HTTP 401", hopeless=True), [LOST, TO_A_PERSON]),
        (ModelError(ErrorKind.SESSION_EXPIRED), [LOST]),
        (ModelError(ErrorKind.ACCOUNT), [LOST, TO_A_PERSON]),
    ],
)
def test_a_model_that_is_lost_or_given_up_is_counted_once_and_so_is_the_caller_whom_it_fails(
    gone: ModelLost | ModelError, measured: list[Measured]
) -> None:
    measure(*GREETED, (2000, gone, measured))


def test_a_model_that_is_not_needed_any_more_is_not_lost() -> None:
    measure(*GREETED, (2000, KeyPressed("0"), []), (3500, DUE, []), (4000, TransferFinished("MZ1-1", "moved"), []))


# --- money


def test_each_response_and_each_transcript_is_paid_for() -> None:
    measures = measure(
        (100, READY, []),
        (200, ResponseCreated("r0"), []),
        (300, ResponseDone("r0", "completed", usage=Usage(text_in=1000, audio_out=1000)), [Measured("CostUSD", 0.007)]),
        (400, CallerTranscribed("u1", "Hello?", Usage(seconds=2)), [Measured("CostUSD", 0.02)]),
        (500, ResponseDone("r1", "cancelled", usage=Usage(text_cached=1000)), [Measured("CostUSD", 0.002)]),
    )
    assert measures.cost_usd == pytest.approx(0.029)
    assert measures.spent == Spent(3000, measures.cost_usd)


@pytest.mark.parametrize(
    "event",
    [
        ResponseDone("r0", "completed"),
        ResponseDone("r0", "completed", usage=Usage(seconds=1)),
        CallerTranscribed("u1", "Hello?"),
        CallerTranscribed("u1", "Hello?", Usage(text_in=1)),
    ],
    ids=["response-uncounted", "response-without-a-price", "transcript-uncounted", "transcript-without-a-price"],
)
def test_what_has_no_price_costs_nothing_that_is_known(event: ResponseDone | CallerTranscribed) -> None:
    assert measure(*GREETED, (2000, event, [])).cost_usd == 0


def test_a_sum_of_which_a_part_has_no_price_is_not_told() -> None:
    priced = ResponseDone("r0", "completed", usage=Usage(text_in=1000, audio_out=1000))
    unpriced = ResponseDone("r1", "completed", usage=Usage(text_out=7, seconds=1))

    measures = measure(*GREETED, (2000, priced, [Measured("CostUSD", 0.007)]), (3000, unpriced, []))

    assert measures.spent == Spent(2007, None)


# --- the end


@pytest.mark.parametrize("end", [PhoneStopped, PhoneLost])
def test_a_call_is_as_long_as_its_record_says(end: Callable[[], PhoneStopped | PhoneLost]) -> None:
    measure(*GREETED, (61_000, end(), [Measured("CallMs", 61_000)]))
