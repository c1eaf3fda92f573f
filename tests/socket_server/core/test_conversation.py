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
    SendMark,
    SetTurnTaking,
    Transfer,
    TruncateItem,
)
from socket_server.core.events import (
    AudioFinished,
    CallerTranscribed,
    CallStarted,
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
    beep,
    done,
    greeted,
    new_call,
    play,
)

WISH = FunctionCall("c1", "transfer_to_human", "{}")
BY_KEY = Transfer("MZ1-1", "", "the caller pressed 0", "", announce=True)


def typed(keys: str) -> AddMessage:
    return AddMessage("user", f"(The caller pressed these keys on the phone: {keys})")


def noted(at_ms: int, keys: str) -> RecordTurn:
    return RecordTurn(at_ms, "keys", keys, keys)


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
