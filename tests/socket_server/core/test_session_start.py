"""The model's session gets ready."""

import pytest

from socket_server.core.actions import (
    AddMessage,
    CancelResponse,
    CloseModel,
    CreateResponse,
    ForwardHeldAudio,
    OpenModel,
    RecordTurn,
    SendMark,
    SetTurnTaking,
    Transfer,
)
from socket_server.core.conversation import Conversation
from socket_server.core.events import (
    ErrorKind,
    KeyPressed,
    MarkPlayed,
    ModelError,
    ModelLost,
    ModelOpened,
    ResponseCreated,
    SessionReady,
    SpeechStarted,
    SpeechStopped,
    TransferFinished,
)
from socket_server.core.opening import Opening
from socket_server.core.transfer_messages import transfer_output
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

BY_KEY = Transfer("MZ1-1", "", "the caller pressed 0", "", announce=True)
TO_A_PERSON = Transfer("MZ1-1", "", "the assistant failed", "", announce=True)
CLOSED = AddMessage("system", f"The caller pressed 0 for a person. The outcome: {transfer_output('closed', '')}")
KEYS_1 = RecordTurn(1910, "keys", "1", "1")


def speaking(*, words_ms: int = 2000) -> Conversation:
    """At 1200: response r1 has sent two seconds of item i1, in pieces of a second, and goes on."""
    call = greeted()
    play(
        call,
        (1100, ResponseCreated("r1"), []),
        (1200, Says("r1", "i1", words_ms // 2), [SendMark("2")]),
        (1200, Says("r1", "i1", words_ms // 2), [SendMark("3")]),
    )
    return call


def test_the_caller_is_held_until_the_session_is_ready_and_then_greeted() -> None:
    play(
        new_call(),
        (20, Frame(), ["hold"]),
        (500, READY, [ForwardHeldAudio(), CreateResponse("Greet the caller.")]),
        (520, Frame(), ["forward"]),
        (600, READY, []),
    )


def test_the_greeting_is_asked_for_with_the_session_and_not_heard_before_it_is_ready() -> None:
    play(
        new_call(),
        (400, ModelOpened(), [CreateResponse("Greet the caller.")]),
        (450, Says("r0", "i0", 20), [DROPPED]),
        (500, READY, [ForwardHeldAudio()]),
        (510, ResponseCreated("r0"), []),
        (520, Says("r0", "i0", 200), [SendMark("1")]),
        (600, ModelOpened(), []),
    )


def test_a_session_is_ready_when_it_was_confirmed_and_can_be_used() -> None:
    call, other = new_call(), new_call()
    play(call, (400, ModelOpened(), [CreateResponse("Greet the caller.")]))
    assert not call.session_ready
    play(call, (500, READY, [ForwardHeldAudio()]))
    play(other, (500, SessionReady("another audio format"), [CloseModel(), TO_A_PERSON]))
    assert (call.session_ready, other.session_ready) == (True, False)


def test_what_was_before_is_told_before_the_caller_is_greeted() -> None:
    before = (AddMessage("user", "A person, please."), AddMessage("system", "They are back."))

    play(
        new_call(Opening("Say that you are back.", before)),
        (400, ModelOpened(), [*before, CreateResponse("Say that you are back.")]),
        (500, READY, [ForwardHeldAudio()]),
    )


def test_a_model_that_opens_in_place_of_a_lost_one_is_asked_for_the_greeting_too() -> None:
    keys = AddMessage("user", "(The caller pressed these keys on the phone: 1)")
    play(
        new_call(),
        (400, ModelOpened(), [CreateResponse("Greet the caller.")]),
        (410, KeyPressed("1"), []),
        (1910, DUE, [KEYS_1, keys]),
        (2000, ModelOpened(), [keys, CreateResponse("Greet the caller.")]),
        (2100, READY, [ForwardHeldAudio()]),
        (2200, ResponseCreated("r0"), []),
        (2300, Says("r0", "i0", 200), [SendMark("1")]),
        (2400, done("r0", says=("i0",)), []),
        (2600, MarkPlayed("1"), []),
    )


def test_a_spare_that_is_lost_before_its_session_is_ready_is_replaced_once_by_a_fresh_one() -> None:
    play(
        new_call(),
        (400, ModelOpened(), [CreateResponse("Greet the caller.")]),
        (450, ModelLost("closed with 1001", spare=True), [OpenModel(fresh=True)]),
        (460, Frame(), ["hold"]),
        (800, ModelOpened(), [CreateResponse("Greet the caller.")]),
        (850, ModelLost("closed with 1001"), [OpenModel()]),
        (900, ModelOpened(), [CreateResponse("Greet the caller.")]),
        (950, ModelLost("closed with 1001"), [TO_A_PERSON]),
    )


def test_a_spare_that_is_lost_later_is_a_lost_model() -> None:
    play(greeted(), (1100, ModelLost("closed with 1001", spare=True), [OpenModel()]), (1110, Frame(), ["hold"]))


def test_keys_typed_while_the_greeting_is_on_its_way_are_answered_after_it() -> None:
    keys = AddMessage("user", "(The caller pressed these keys on the phone: 1)")
    play(
        new_call(),
        (400, ModelOpened(), [CreateResponse("Greet the caller.")]),
        (410, KeyPressed("1"), []),
        (1910, DUE, [KEYS_1, keys]),
        (2100, READY, [ForwardHeldAudio()]),
        (2200, ResponseCreated("r0"), []),
        (2300, Says("r0", "i0", 200), [SendMark("1")]),
        (2400, done("r0", says=("i0",)), [CreateResponse()]),
    )


def test_a_greeting_that_was_asked_for_before_key_0_is_not_spoken_after_it() -> None:
    play(
        new_call(),
        (100, KeyPressed("0"), []),
        (400, ModelOpened(), [CreateResponse("Greet the caller.")]),
        (1600, DUE, [BY_KEY]),
        (1700, ResponseCreated("r0"), [CancelResponse("r0")]),
        (1710, READY, [SetTurnTaking(enabled=False), ForwardHeldAudio()]),
        (1720, Says("r0", "i0", 200), [DROPPED]),
    )


def test_a_caller_whom_nobody_could_be_found_for_is_greeted_as_soon_as_the_session_is_ready() -> None:
    play(
        new_call(),
        (100, KeyPressed("0"), []),
        (400, ModelOpened(), [CreateResponse("Greet the caller.")]),
        (1600, DUE, [BY_KEY]),
        (1700, TransferFinished("MZ1-1", "closed"), [CLOSED]),
        (1800, READY, [ForwardHeldAudio()]),
        (1810, ResponseCreated("r0"), [CancelResponse("r0")]),
        (1820, done("r0", status="cancelled"), [CreateResponse("Greet the caller.")]),
    )


def test_a_session_that_gets_ready_during_a_transfer_answers_nobody() -> None:
    play(
        new_call(),
        (100, KeyPressed("0"), []),
        (1600, DUE, [BY_KEY]),
        (1650, ModelOpened(), []),
        (1700, READY, [SetTurnTaking(enabled=False), ForwardHeldAudio()]),
        (1800, SpeechStarted("u1"), []),
        (1900, SpeechStopped("u1"), []),
    )


@pytest.mark.parametrize(
    "event",
    [
        SessionReady("another audio format"),
        ModelError(code="invalid_value"),
    ],
)
def test_a_session_that_cannot_be_used_is_given_up(event: ScriptEvent) -> None:
    play(new_call(), (500, event, [CloseModel(), TO_A_PERSON]), (520, Frame(), ["drop"]))


def test_a_session_that_does_not_get_ready_in_time_has_failed() -> None:
    play(
        new_call(),
        (3000, DUE, beep("1")),
        (3300, MarkPlayed("1"), []),
        (6000, DUE, beep("2")),
        (6300, MarkPlayed("2"), []),
        (8000, DUE, [CloseModel(), TO_A_PERSON]),
    )


@pytest.mark.parametrize("kind", [ErrorKind.OTHER, ErrorKind.RATE_LIMIT, ErrorKind.SERVER])
def test_any_other_error_leaves_the_session_as_it_was(kind: ErrorKind) -> None:
    play(speaking(), (1300, ModelError(kind), []), (1400, Says("r1", "i1", 20), []))


def test_keys_typed_before_the_session_is_ready_are_told_with_it() -> None:
    keys = AddMessage("user", "(The caller pressed these keys on the phone: 12)")
    play(
        new_call(),
        (100, KeyPressed("1"), []),
        (200, KeyPressed("2"), []),
        (1700, DUE, [RecordTurn(1700, "keys", "12", "12")]),
        (1800, ModelOpened(), [keys, CreateResponse("Greet the caller.")]),
        (1900, READY, [ForwardHeldAudio()]),
    )
