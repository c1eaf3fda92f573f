"""One call, decided: its phases, its timers, its end."""

import pytest

from socket_server.core.actions import (
    AddMessage,
    ClearAudio,
    CloseModel,
    CreateResponse,
    EndReason,
    EndStream,
    ForwardHeldAudio,
    RecordTurn,
    RunTool,
    SendMark,
    SendToolOutput,
    SetTurnTaking,
    Transfer,
    TruncateItem,
)
from socket_server.core.agent import Agent, Limits
from socket_server.core.conversation import Conversation
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
    PhoneLost,
    PhoneStopped,
    ResponseCreated,
    SpeechStarted,
    SpeechStopped,
    ToolFinished,
    TranscriptGrew,
    TransferFinished,
)
from socket_server.core.phases import Phase
from tests.socket_server.scripts import (
    DROPPED,
    DUE,
    READY,
    Frame,
    Says,
    ScriptEvent,
    Step,
    beep,
    done,
    greeted,
    new_call,
    play,
)

WISH = FunctionCall("c1", "transfer_to_human", "{}")
SHORT = Agent("Be brief.", "Greet.", limits=Limits(session_minutes=1, silence_seconds=120))
BY_KEY = Transfer("MZ1-1", "", "the caller pressed 0", "", announce=True)
MINUTE = 60_000


def typed(keys: str) -> AddMessage:
    return AddMessage("user", f"(The caller pressed these keys on the phone: {keys})")


def noted(at_ms: int, keys: str) -> RecordTurn:
    return RecordTurn(at_ms, "keys", keys, keys)


def short_session() -> Conversation:
    """A call whose session is over after a minute; greeted in silence at 1000, with a frame of the caller's."""
    call = new_call(agent=SHORT)
    play(
        call,
        (100, READY, [ForwardHeldAudio(), CreateResponse("Greet the caller.")]),
        (200, ResponseCreated("r0"), []),
        (300, Says("r0", "i0", 600), [SendMark("1")]),
        (400, done("r0", says=("i0",)), []),
        (900, MarkPlayed("1"), []),
        (1000, Frame(), ["forward"]),
    )
    return call


# --- the story of a call


def test_a_call_from_greeting_to_goodbye() -> None:
    call = greeted()

    play(
        call,
        (2000, SpeechStarted("u1"), []),
        (2500, SpeechStopped("u1"), []),
        (
            2600,
            CallerTranscribed("u1", "That was all."),
            [RecordTurn(2000, "caller", "That was all.", "That was all.")],
        ),
        (2700, ResponseCreated("r1"), []),
        (2800, TranscriptGrew("r1", "i1", "Goodbye."), []),
        (2800, Says("r1", "i1", 500), [SendMark("2")]),
        (2850, AudioFinished("r1", "i1"), []),
        (2900, done("r1", FunctionCall("c1", "end_call", "{}"), says=("i1",)), []),
        (3300, MarkPlayed("2"), [RecordTurn(2800, "model", "Goodbye.", "Goodbye."), EndStream("goodbye", 3300)]),
    )


def test_a_mark_while_the_model_speaks_on_is_no_event() -> None:
    call = greeted()
    play(call, (1100, ResponseCreated("r1"), []), (1110, Says("r1", "i1", 300), [SendMark("2")]))
    play(call, (1120, Says("r1", "i1", 300), [SendMark("3")]), (1130, TranscriptGrew("r1", "i1", "Yes."), []))

    assert not call.mark_played("2", 1410)
    assert call.mark_played("2", 1410), "it came back before"
    assert call.mark_played("3", 1710), "nothing is left to be heard"
    assert call.receive(MarkPlayed("3"), 1710) == []


def test_the_phase_is_told() -> None:
    call = new_call()
    phases = [call.phase]
    play(call, (100, READY, [ForwardHeldAudio(), CreateResponse("Greet the caller.")]))
    phases.append(call.phase)
    play(call, (200, PhoneStopped(), [EndStream("caller_gone", 200)]))
    phases.append(call.phase)

    assert phases == [Phase.OPENING, Phase.TALKING, Phase.ENDED]


def test_a_call_from_a_wish_to_a_person() -> None:
    play(
        greeted(),
        (2000, ResponseCreated("r1"), []),
        (2100, Says("r1", "i1", 500), [SendMark("2")]),
        (2200, CallStarted("r1", "transfer_to_human"), [SetTurnTaking(enabled=False)]),
        (2300, ModelError(ErrorKind.RATE_LIMIT), []),
        (2400, done("r1", WISH, says=("i1",)), []),
        (2600, MarkPlayed("2"), [Transfer("c1", "", "", "", announce=False)]),
        (4000, TransferFinished("c1", "moved"), [CloseModel()]),
        (4100, PhoneStopped(), [EndStream("transferred", 4100)]),
    )


# --- the end


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (PhoneStopped(), "caller_gone"),
        (PhoneLost(), "stream_lost"),
    ],
)
def test_the_end_of_the_stream_is_named(event: ScriptEvent, reason: EndReason) -> None:
    play(new_call(), (50, event, [EndStream(reason, 50)]))
    play(greeted(), (1100, event, [EndStream(reason, 1100)]))


def test_at_the_end_what_was_being_said_is_told_with_what_was_heard_of_it() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, TranscriptGrew("r1", "i1", "One two"), []),
        (1200, Says("r1", "i1", 1000), [SendMark("2")]),
        (1700, PhoneStopped(), [RecordTurn(1200, "model", "One two", "One"), EndStream("caller_gone", 1700)]),
    )


AFTER_THE_END: tuple[ScriptEvent, ...] = (
    MarkPlayed("1"),
    KeyPressed("0"),
    PhoneStopped(),
    PhoneLost(),
    READY,
    SpeechStarted("u1"),
    SpeechStopped("u1"),
    CallerTranscribed("u1", "Hello?"),
    ResponseCreated("r1"),
    CallStarted("r1", "transfer_to_human"),
    TranscriptGrew("r1", "i1", "Hello."),
    AudioFinished("r1", "i1"),
    done("r1", WISH, says=("i1",)),
    ModelError(ErrorKind.SESSION_EXPIRED),
    ModelLost("1006"),
    ToolFinished("c1", "{}"),
    TransferFinished("c1", "moved"),
    DUE,
)


@pytest.mark.parametrize("event", AFTER_THE_END)
def test_nothing_is_done_after_the_end(event: ScriptEvent) -> None:
    call = greeted()
    play(call, (1100, PhoneStopped(), [EndStream("caller_gone", 1100)]))

    play(call, (1200, event, []), (1200, Says("r1", "i1", 200), [DROPPED]), (1200, Frame(), ["drop"]))
    assert call.deadline_ms is None


@pytest.mark.parametrize("event", AFTER_THE_END[4:15])
def test_a_model_that_is_lost_has_nothing_more_to_say(event: ScriptEvent) -> None:
    call = greeted()
    by_failure = Transfer("MZ1-1", "", "the assistant failed", "", announce=True)
    play(call, (1100, ModelLost("HTTP 401", hopeless=True), [by_failure]))

    play(call, (1200, event, []))


# --- keys


def test_a_lone_0_asks_for_a_person_after_a_pause() -> None:
    play(greeted(), (1100, KeyPressed("0"), []), (2600, DUE, [SetTurnTaking(enabled=False), BY_KEY]))


@pytest.mark.parametrize("keys", ["1024", "10", "01", "5", "#", "0#0"])
def test_other_keys_are_told_to_the_model_as_they_were_typed(keys: str) -> None:
    call = greeted()
    play(call, *[(1100 + 100 * number, KeyPressed(key), []) for number, key in enumerate(keys)])

    at_ms = 1100 + 100 * (len(keys) - 1) + 1500
    play(call, (at_ms, DUE, [noted(at_ms, keys), typed(keys), CreateResponse()]))


def test_keys_between_pauses_are_told_apart() -> None:
    play(
        greeted(),
        (1100, KeyPressed("1"), []),
        (2600, DUE, [noted(2600, "1"), typed("1"), CreateResponse()]),
        (2601, KeyPressed("0"), []),
        (4101, DUE, [SetTurnTaking(enabled=False), BY_KEY]),
    )


def test_keys_do_not_interrupt_the_model() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1150, Says("r1", "i1", 20), []),
        (1200, KeyPressed("5"), []),
        (2700, DUE, [noted(2700, "5"), typed("5")]),
        (2800, done("r1", says=("i1",)), [SendMark("2"), CreateResponse()]),
    )


def test_keys_that_nobody_can_hear_yet_are_in_the_record() -> None:
    play(new_call(), (100, KeyPressed("5"), []), (1600, DUE, [noted(1600, "5")]))


@pytest.mark.parametrize("keys", ["00", "000"])
def test_0_pressed_in_a_hurry_asks_for_a_person(keys: str) -> None:
    call = greeted()
    play(call, *[(1100 + 100 * number, KeyPressed(key), []) for number, key in enumerate(keys)])

    play(call, (1100 + 100 * (len(keys) - 1) + 1500, DUE, [SetTurnTaking(enabled=False), BY_KEY]))


# --- timers


def test_a_call_whose_model_does_not_answer_ends_with_the_network_at_a_loss() -> None:
    play(
        new_call(),
        (3000, DUE, beep("1")),
        (3300, MarkPlayed("1"), []),
        (6000, DUE, beep("2")),
        (6300, MarkPlayed("2"), []),
        (8000, DUE, [CloseModel(), Transfer("MZ1-1", "", "the assistant failed", "", announce=True)]),
        (11_000, DUE, [EndStream("model_failed", 11_000)]),
    )


def test_a_deadline_that_is_not_due_changes_nothing() -> None:
    play(greeted(), (1100, DUE, []))


def test_a_session_that_is_over_goes_on_elsewhere_at_a_pause() -> None:
    play(short_session(), (MINUTE, DUE, [EndStream("draining", MINUTE)]))


# What keeps a session from ending, and the moment after which it may.
SPEAKING: tuple[Step, ...] = (
    (57_000, SpeechStarted("u1"), []),
    (59_500, DUE, []),  # a look whether the caller still speaks
    (MINUTE, DUE, []),
    (60_100, SpeechStopped("u1"), []),
    (60_600, ResponseCreated("r1"), []),
    (60_700, Says("r1", "i1", 1000), [SendMark("2")]),
    (60_800, done("r1", says=("i1",)), []),
)


def test_a_session_that_is_over_waits_until_question_and_answer_were_heard() -> None:
    play(short_session(), *SPEAKING, (61_700, MarkPlayed("2"), [EndStream("draining", 61_700)]))


def test_a_session_that_is_over_waits_for_a_tool() -> None:
    hours = FunctionCall("c1", "opening_hours", "{}")

    play(
        short_session(),
        (59_000, ResponseCreated("r1"), []),
        (59_100, done("r1", hours), [RunTool("c1", "opening_hours", "{}")]),
        (MINUTE, DUE, []),
        (60_100, ToolFinished("c1", "{}"), [SendToolOutput("c1", "{}"), CreateResponse()]),
    )


def test_a_session_that_is_over_does_not_wait_for_a_pause_for_ever() -> None:
    call = short_session()
    play(
        call,
        (58_900, ResponseCreated("r1"), []),
        (59_000, Says("r1", "i1", 3 * MINUTE), [SendMark("2")]),
        (MINUTE, DUE, []),
        (60_100, Frame(), ["forward"]),
        (61_900, DUE, []),
        (2 * MINUTE, DUE, []),
        (2 * MINUTE, Frame(), ["forward"]),
        (3 * MINUTE, DUE, [EndStream("draining", 3 * MINUTE)]),
    )


def test_a_session_does_not_end_during_a_hand_over() -> None:
    call = short_session()
    play(
        call,
        (59_000, ResponseCreated("r1"), []),
        (59_100, Says("r1", "i1", 900), [SendMark("2")]),
        (59_200, done("r1", WISH, says=("i1",)), [SetTurnTaking(enabled=False)]),
    )

    play(
        call,
        (MINUTE, DUE, []),
        (60_100, MarkPlayed("2"), [Transfer("c1", "", "", "", announce=False)]),
    )


# --- a process that has to go

DRAIN = Draining(pause_from_ms=10_000, latest_ms=16_000)
HANDING_OVER: tuple[Step, ...] = (
    (1100, ResponseCreated("r1"), []),
    (1200, Says("r1", "i1", 900), [SendMark("2")]),
    (1300, done("r1", WISH, says=("i1",)), [SetTurnTaking(enabled=False)]),
)


def test_a_call_goes_on_until_the_time_is_up_and_then_elsewhere_at_a_pause() -> None:
    play(
        greeted(),
        (1100, DRAIN, []),
        (1200, ResponseCreated("r1"), []),
        (1300, Says("r1", "i1", 200), [SendMark("2")]),
        (1400, done("r1", says=("i1",)), []),
        (1500, MarkPlayed("2"), []),
        (10_000, DUE, [EndStream("draining", 10_000)]),
    )


def test_a_sentence_that_is_being_heard_when_the_time_is_up_is_heard_to_its_end() -> None:
    play(
        greeted(),
        (1100, DRAIN, []),
        (9900, ResponseCreated("r1"), []),
        (9950, TranscriptGrew("r1", "i1", "One two"), []),
        (9950, Says("r1", "i1", 1000), [SendMark("2")]),
        (10_000, DUE, []),
        (10_500, done("r1", says=("i1",)), []),
        (10_950, MarkPlayed("2"), [RecordTurn(9950, "model", "One two", "One two"), EndStream("draining", 10_950)]),
    )


def test_a_call_without_a_pause_is_cut_at_last_with_what_was_heard() -> None:
    play(
        greeted(),
        (1100, DRAIN, []),
        (9000, ResponseCreated("r1"), []),
        (10_000, DUE, []),
        (11_000, TranscriptGrew("r1", "i1", "One two"), []),
        (11_000, Says("r1", "i1", 10_000), [SendMark("2")]),
        (12_000, DUE, []),
        (16_000, DUE, [RecordTurn(11_000, "model", "One two", "One"), EndStream("draining", 16_000)]),
    )


def test_keys_that_are_being_typed_are_waited_for() -> None:
    play(
        greeted(),
        (1100, Draining(1100, 9000), [EndStream("draining", 1100)]),
    )
    play(
        greeted(),
        (1050, KeyPressed("0"), []),
        (1100, Draining(1100, 9000), []),
        (1100, DUE, []),
        (2550, DUE, [SetTurnTaking(enabled=False), BY_KEY]),
    )


def test_a_caller_who_has_heard_nothing_yet_is_greeted_elsewhere() -> None:
    play(new_call(), (100, Draining(100, 6100), [EndStream("draining", 100)]))


def test_a_hand_over_in_time_is_not_touched() -> None:
    play(
        greeted(),
        *HANDING_OVER,
        (1400, Draining(1400, 7400), []),
        (1400, DUE, []),
        (2100, MarkPlayed("2"), [Transfer("c1", "", "", "", announce=False)]),
        (2500, TransferFinished("c1", "moved"), [CloseModel()]),
        (2600, PhoneStopped(), [EndStream("transferred", 2600)]),
    )


def test_a_sentence_before_a_transfer_is_cut_at_last() -> None:
    play(greeted(), *HANDING_OVER, (1400, Draining(1400, 1400), [EndStream("draining", 1400)]))


def test_a_transfer_under_way_is_left_to_the_net_at_last() -> None:
    asked: Step = (2100, MarkPlayed("2"), [Transfer("c1", "", "", "", announce=False)])
    play(greeted(), *HANDING_OVER, asked, (2200, Draining(2200, 2200), [EndStream("draining", 2200)]))


def test_a_call_that_was_moved_ends_as_moved_at_last() -> None:
    play(
        greeted(),
        *HANDING_OVER,
        (2100, MarkPlayed("2"), [Transfer("c1", "", "", "", announce=False)]),
        (2500, TransferFinished("c1", "moved"), [CloseModel()]),
        (2600, Draining(2600, 2600), [EndStream("transferred", 2600)]),
    )


def test_a_goodbye_is_the_end_at_last() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, Says("r1", "i1", 900), [SendMark("2")]),
        (1300, done("r1", FunctionCall("c1", "end_call", "{}"), says=("i1",)), []),
        (1400, Draining(1400, 1600), []),
        (1400, DUE, []),
        (1600, DUE, [EndStream("goodbye", 1600)]),
    )


@pytest.mark.parametrize("later", [Draining(20_000, 26_000), Draining(10_000, 16_000), Draining(10_000, 26_000)])
def test_of_two_times_to_go_the_earlier_one_counts(later: Draining) -> None:
    play(greeted(), (1100, DRAIN, []), (1200, later, []), (10_000, DUE, [EndStream("draining", 10_000)]))
    play(greeted(), (1100, later, []), (1200, DRAIN, []), (10_000, DUE, [EndStream("draining", 10_000)]))


def test_a_process_that_must_go_later_than_the_session_ends_changes_nothing() -> None:
    play(short_session(), (1100, Draining(2 * MINUTE, 3 * MINUTE), []), (MINUTE, DUE, [EndStream("draining", MINUTE)]))


def test_the_time_to_go_may_come_while_a_session_that_is_over_waits_for_a_pause() -> None:
    play(
        short_session(),
        (59_000, SpeechStarted("u1"), []),
        (MINUTE, DUE, []),
        (60_100, Draining(70_000, 63_000), []),
        (60_100, DUE, []),
        (61_500, DUE, []),
        (63_000, DUE, [EndStream("draining", 63_000)]),
    )


# --- absurd orders


def test_audio_may_come_before_its_response_is_announced() -> None:
    play(
        greeted(),
        (1100, Says("r1", "i1", 1000), [SendMark("2")]),
        (1200, ResponseCreated("r1"), []),
        (1600, SpeechStarted("u1"), [ClearAudio(), TruncateItem("i1", 500, 0, 1000)]),
        (1700, Says("r1", "i1", 1000), [DROPPED]),
    )


def test_events_of_responses_that_nobody_knows_change_nothing() -> None:
    play(
        greeted(),
        (1100, AudioFinished("r9", "i9"), []),
        (1200, MarkPlayed("9"), []),
        (1300, TransferFinished("c9", "failed"), []),
        (1400, ToolFinished("c9", "{}"), []),
        (1500, SpeechStopped("u9"), []),
    )
