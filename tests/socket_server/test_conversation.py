"""One call, decided: its phases, its timers, its end."""

import pytest

from socket_server.actions import (
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
from socket_server.agent import Agent, Limits
from socket_server.call_state import Phase
from socket_server.conversation import Conversation
from socket_server.events import (
    AudioFinished,
    CallerTranscribed,
    CallStarted,
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
from tests.socket_server.scripts import (
    DROPPED,
    DUE,
    MU_LAW,
    Frame,
    Happening,
    Says,
    Step,
    done,
    greeted,
    new_call,
    play,
)

WISH = FunctionCall("c1", "transfer_to_human", "{}")
SHORT = Agent("Be brief.", "Greet.", limits=Limits(session_minutes=1))
BY_KEY = Transfer("MZ1-1", "", "the caller pressed 0", "", announce=True)
MINUTE = 60_000


def typed(keys: str) -> AddMessage:
    return AddMessage("user", f"(The caller pressed these keys on the phone: {keys})")


def short_session() -> Conversation:
    """A call whose session is over after a minute; greeted in silence at 1000, with a frame of the caller's."""
    call = new_call(agent=SHORT)
    play(
        call,
        (100, MU_LAW, [ForwardHeldAudio(), CreateResponse("Greet the caller.")]),
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


def test_the_phase_is_told() -> None:
    call = new_call()
    phases = [call.phase]
    play(call, (100, MU_LAW, [ForwardHeldAudio(), CreateResponse("Greet the caller.")]))
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
        (2300, ModelError("rate_limit_exceeded", ""), []),
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
        (PhoneLost(draining=True), "draining"),
    ],
)
def test_the_end_of_the_stream_is_named(event: Happening, reason: EndReason) -> None:
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


AFTER_THE_END: tuple[Happening, ...] = (
    MarkPlayed("1"),
    KeyPressed("0"),
    PhoneStopped(),
    PhoneLost(),
    MU_LAW,
    SpeechStarted("u1"),
    SpeechStopped("u1"),
    CallerTranscribed("u1", "Hello?"),
    ResponseCreated("r1"),
    CallStarted("r1", "transfer_to_human"),
    TranscriptGrew("r1", "i1", "Hello."),
    AudioFinished("r1", "i1"),
    done("r1", WISH, says=("i1",)),
    ModelError("session_expired", ""),
    ModelLost("1006"),
    ToolFinished("c1", "{}"),
    TransferFinished("c1", "moved"),
    DUE,
)


@pytest.mark.parametrize("event", AFTER_THE_END)
def test_nothing_is_done_after_the_end(event: Happening) -> None:
    call = greeted()
    play(call, (1100, PhoneStopped(), [EndStream("caller_gone", 1100)]))

    play(call, (1200, event, []), (1200, Says("r1", "i1", 200), [DROPPED]), (1200, Frame(), ["drop"]))
    assert call.deadline_ms is None


@pytest.mark.parametrize("event", AFTER_THE_END[4:15])
def test_a_model_that_is_lost_has_nothing_more_to_say(event: Happening) -> None:
    call = greeted()
    play(call, (1100, ModelLost("1006"), [Transfer("MZ1-1", "", "the assistant failed", "", announce=True)]))

    play(call, (1200, event, []))


# --- keys


def test_a_lone_0_asks_for_a_person_after_a_pause() -> None:
    play(greeted(), (1100, KeyPressed("0"), []), (2600, DUE, [SetTurnTaking(enabled=False), BY_KEY]))


@pytest.mark.parametrize("keys", ["1024", "10", "01", "5", "#", "00"])
def test_other_keys_are_told_to_the_model_as_they_were_typed(keys: str) -> None:
    call = greeted()
    play(call, *[(1100 + 100 * number, KeyPressed(key), []) for number, key in enumerate(keys)])

    play(call, (1100 + 100 * (len(keys) - 1) + 1500, DUE, [typed(keys), CreateResponse()]))


def test_keys_between_pauses_are_told_apart() -> None:
    play(
        greeted(),
        (1100, KeyPressed("1"), []),
        (2600, DUE, [typed("1"), CreateResponse()]),
        (2601, KeyPressed("0"), []),
        (4101, DUE, [SetTurnTaking(enabled=False), BY_KEY]),
    )


def test_keys_do_not_interrupt_the_model() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1150, Says("r1", "i1", 20), []),
        (1200, KeyPressed("5"), []),
        (2700, DUE, [typed("5")]),
        (2800, done("r1", says=("i1",)), [SendMark("2"), CreateResponse()]),
    )


def test_keys_that_nobody_can_use_are_forgotten() -> None:
    play(new_call(), (100, KeyPressed("5"), []), (1600, DUE, []))


# --- timers


def test_a_call_whose_model_does_not_answer_ends_with_the_network_at_a_loss() -> None:
    play(
        new_call(),
        (8000, DUE, [CloseModel(), Transfer("MZ1-1", "", "the assistant failed", "", announce=True)]),
        (28_000, DUE, [EndStream("model_failed", 28_000)]),
    )


def test_a_deadline_that_is_not_due_changes_nothing() -> None:
    play(greeted(), (1100, DUE, []))


def test_a_phone_that_sends_nothing_at_all_is_dead() -> None:
    play(
        greeted(),
        (30_000, Frame(), ["forward"]),
        (MINUTE, DUE, []),
        (100_000, Frame(), ["forward"]),
        (2 * MINUTE, DUE, []),
        (3 * MINUTE, DUE, [EndStream("stream_lost", 3 * MINUTE)]),
    )


def test_a_session_that_is_over_goes_on_elsewhere_at_a_pause() -> None:
    play(short_session(), (MINUTE, DUE, [EndStream("draining", MINUTE)]))


# What keeps a session from ending, and the moment after which it may.
SPEAKING: tuple[Step, ...] = (
    (50_000, SpeechStarted("u1"), []),
    (MINUTE, DUE, []),
    (60_100, SpeechStopped("u1"), []),
    (60_500, DUE, []),
    (60_600, ResponseCreated("r1"), []),
    (60_700, Says("r1", "i1", 1000), [SendMark("2")]),
    (60_800, done("r1", says=("i1",)), []),
    (61_000, DUE, []),
    (61_500, DUE, []),
    (61_700, MarkPlayed("2"), []),
)


def test_a_session_that_is_over_waits_until_question_and_answer_were_heard() -> None:
    play(short_session(), *SPEAKING, (62_000, DUE, [EndStream("draining", 62_000)]))


def test_a_session_that_is_over_waits_for_a_tool() -> None:
    hours = FunctionCall("c1", "opening_hours", "{}")

    play(
        short_session(),
        (59_000, ResponseCreated("r1"), []),
        (59_100, done("r1", hours), [RunTool("c1", "opening_hours", "{}")]),
        (MINUTE, DUE, []),
        (60_100, ToolFinished("c1", "{}"), [SendToolOutput("c1", "{}"), CreateResponse()]),
        (60_500, DUE, []),
    )


def test_a_session_that_is_over_does_not_wait_for_a_pause_for_ever() -> None:
    call = short_session()
    play(call, (50_000, SpeechStarted("u1"), []), (MINUTE, DUE, []), (60_100, Frame(), ["forward"]))

    for at_ms in range(60_500, 3 * MINUTE, 500):
        play(call, (at_ms, DUE, []), (at_ms, Frame(), ["forward"]))

    play(call, (3 * MINUTE, DUE, [EndStream("draining", 3 * MINUTE)]))


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
        (60_500, DUE, []),
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
