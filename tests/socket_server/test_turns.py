"""Taking turns."""

import pytest

from socket_server.actions import (
    AddMessage,
    CancelResponse,
    ClearAudio,
    CloseModel,
    CreateResponse,
    DeleteItem,
    EndStream,
    ForwardHeldAudio,
    OpenModel,
    RecordTurn,
    RunTool,
    SendMark,
    SendToolOutput,
    SetTurnTaking,
    Transfer,
    TruncateItem,
)
from socket_server.conversation import Conversation
from socket_server.events import (
    CallStarted,
    FunctionCall,
    KeyPressed,
    MarkPlayed,
    ModelError,
    ModelLost,
    ModelOpened,
    ResponseCreated,
    ResponseDone,
    SessionUpdated,
    SpeechStarted,
    SpeechStopped,
    ToolFinished,
    TransferFinished,
)
from socket_server.handover_words import ANNOUNCE, GOODBYE, outcome, refusal
from socket_server.opening import Opening
from socket_server.turns import CUT_OFF, FATAL_ERRORS
from tests.socket_server.scripts import (
    DROPPED,
    DUE,
    MU_LAW,
    Frame,
    Happening,
    Says,
    Step,
    beep,
    done,
    greeted,
    new_call,
    play,
)

HOURS = FunctionCall("c1", "opening_hours", "{}")
ASK_HOURS = RunTool("c1", "opening_hours", "{}")
END = FunctionCall("c1", "end_call", "{}")
WISH = FunctionCall("c1", "transfer_to_human", "{}")
BUSY = "the call is already being moved or ended"
GO_ON = CreateResponse(f"Be brief.\n\n{CUT_OFF}")
BY_KEY = Transfer("MZ1-1", "", "the caller pressed 0", "", announce=True)
TO_A_PERSON = Transfer("MZ1-1", "", "the assistant failed", "", announce=True)


CLOSED = AddMessage("system", f"The caller pressed 0 for a person. The outcome: {outcome('closed', '')}")
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


# --- the session gets ready


def test_the_caller_is_held_until_the_session_is_ready_and_then_greeted() -> None:
    play(
        new_call(),
        (20, Frame(), ["hold"]),
        (500, MU_LAW, [ForwardHeldAudio(), CreateResponse("Greet the caller.")]),
        (520, Frame(), ["forward"]),
        (600, MU_LAW, []),
    )


def test_the_greeting_is_asked_for_with_the_session_and_not_heard_before_it_is_ready() -> None:
    play(
        new_call(),
        (400, ModelOpened(), [CreateResponse("Greet the caller.")]),
        (450, Says("r0", "i0", 20), [DROPPED]),
        (500, MU_LAW, [ForwardHeldAudio()]),
        (510, ResponseCreated("r0"), []),
        (520, Says("r0", "i0", 200), [SendMark("1")]),
        (600, ModelOpened(), []),
    )


def test_a_session_is_ready_when_it_was_confirmed_in_the_right_format() -> None:
    call, other = new_call(), new_call()
    play(call, (400, ModelOpened(), [CreateResponse("Greet the caller.")]))
    assert not call.session_ready
    play(call, (500, MU_LAW, [ForwardHeldAudio()]))
    play(other, (500, SessionUpdated("audio/pcm", None), [CloseModel(), TO_A_PERSON]))
    assert (call.session_ready, other.session_ready) == (True, False)


def test_what_was_before_is_told_before_the_caller_is_greeted() -> None:
    before = (AddMessage("user", "A person, please."), AddMessage("system", "He is back."))

    play(
        new_call(Opening("Say that you are back.", before)),
        (400, ModelOpened(), [*before, CreateResponse("Say that you are back.")]),
        (500, MU_LAW, [ForwardHeldAudio()]),
    )


def test_a_model_that_opens_in_place_of_a_lost_one_is_asked_for_the_greeting_too() -> None:
    keys = AddMessage("user", "(The caller pressed these keys on the phone: 1)")
    play(
        new_call(),
        (400, ModelOpened(), [CreateResponse("Greet the caller.")]),
        (410, KeyPressed("1"), []),
        (1910, DUE, [KEYS_1, keys]),
        (2000, ModelOpened(), [keys, CreateResponse("Greet the caller.")]),
        (2100, MU_LAW, [ForwardHeldAudio()]),
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
        (2100, MU_LAW, [ForwardHeldAudio()]),
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
        (1710, MU_LAW, [ForwardHeldAudio(), SetTurnTaking(enabled=False)]),
        (1720, Says("r0", "i0", 200), [DROPPED]),
    )


def test_a_caller_whom_nobody_could_be_found_for_is_greeted_as_soon_as_the_session_is_ready() -> None:
    play(
        new_call(),
        (100, KeyPressed("0"), []),
        (400, ModelOpened(), [CreateResponse("Greet the caller.")]),
        (1600, DUE, [BY_KEY]),
        (1700, TransferFinished("MZ1-1", "closed"), [CLOSED]),
        (1800, MU_LAW, [ForwardHeldAudio()]),
        (1810, ResponseCreated("r0"), [CancelResponse("r0")]),
        (1820, done("r0", status="cancelled"), [CreateResponse("Greet the caller.")]),
    )


def test_a_session_that_gets_ready_during_a_transfer_answers_nobody() -> None:
    play(
        new_call(),
        (100, KeyPressed("0"), []),
        (1600, DUE, [BY_KEY]),
        (1650, ModelOpened(), []),
        (1700, MU_LAW, [ForwardHeldAudio(), SetTurnTaking(enabled=False)]),
        (1800, SpeechStarted("u1"), []),
        (1900, SpeechStopped("u1"), []),
    )


@pytest.mark.parametrize(
    "event",
    [
        SessionUpdated("audio/pcm", "audio/pcm"),
        SessionUpdated("audio/pcmu", "audio/pcm"),
        SessionUpdated("audio/pcm", "audio/pcmu"),
        SessionUpdated(None, None),
        ModelError("invalid_value", "no such voice"),
    ],
)
def test_a_session_in_another_format_would_be_noise(event: Happening) -> None:
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


# --- the caller interrupts


def test_an_interruption_cuts_the_response_at_what_was_heard() -> None:
    play(
        speaking(),
        (1200, Says("r1", "i2", 400), [SendMark("4")]),
        (2200, MarkPlayed("2"), []),
        (2450, SpeechStarted("u1"), [ClearAudio(), TruncateItem("i1", 1250, 1000, 2000), DeleteItem("i2")]),
        (2460, Says("r1", "i2", 400), [DROPPED]),
        (2470, done("r1", says=("i1", "i2", "i3"), status="cancelled"), [DeleteItem("i3")]),
    )


def test_a_second_interruption_is_cut_after_the_marks_of_the_first_came_back_late() -> None:
    play(
        speaking(),
        (1700, SpeechStarted("u1"), [ClearAudio(), TruncateItem("i1", 500, 0, 2000)]),
        (1710, done("r1", says=("i1",), status="cancelled"), []),
        (2000, SpeechStopped("u1"), []),
        (2400, ResponseCreated("r2"), []),
        (2500, Says("r2", "i2", 1000), [SendMark("4")]),
        (2510, MarkPlayed("2"), []),
        (2511, MarkPlayed("3"), []),
        (2800, SpeechStarted("u2"), [ClearAudio(), TruncateItem("i2", 300, 0, 1000)]),
    )


def test_a_response_is_cut_before_its_first_audio() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, SpeechStarted("u1"), []),
        (1210, Says("r1", "i1", 20), [DROPPED]),
    )


def test_a_response_asked_for_just_before_the_caller_spoke_is_not_spoken_over_him() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1150, done("r1", HOURS), [ASK_HOURS]),
        (1200, ToolFinished("c1", "{}"), [SendToolOutput("c1", "{}"), CreateResponse()]),
        (1210, SpeechStarted("u1"), []),
        (1220, ResponseCreated("r2"), [CancelResponse("r2")]),
        (1230, Says("r2", "i2", 20), [DROPPED]),
        (1240, done("r2", status="cancelled"), []),
        (2000, SpeechStopped("u1"), []),
        (2100, ResponseCreated("r3"), []),
        (2200, Says("r3", "i3", 20), []),
    )


def test_calls_of_a_response_that_was_interrupted_are_not_carried_out() -> None:
    play(
        speaking(),
        (1300, SpeechStarted("u1"), [ClearAudio(), TruncateItem("i1", 100, 0, 2000)]),
        (1310, CallStarted("r1", "transfer_to_human"), []),
        (1400, done("r1", WISH, says=("i1",)), [SendToolOutput("c1", refusal("the caller interrupted"))]),
    )


def test_a_turn_that_begins_twice_began_once() -> None:
    play(
        greeted(),
        (1100, SpeechStarted("u1"), []),
        (2000, SpeechStarted("u2"), []),
        (2500, SpeechStopped("u2"), []),
        (2600, ResponseCreated("r1"), []),
    )


# --- a sentence is protected


def test_a_sentence_is_protected_for_the_transfer_alone() -> None:
    play(
        speaking(),
        (1300, CallStarted("r1", "opening_hours"), []),
        (1310, CallStarted("r1", "transfer_to_human"), [SetTurnTaking(enabled=False)]),
        (1320, CallStarted("r1", "transfer_to_human"), []),
    )


def test_a_sentence_that_was_not_protected_in_time_is_cut() -> None:
    play(
        speaking(),
        (1300, CallStarted("r1", "transfer_to_human"), [SetTurnTaking(enabled=False)]),
        (1400, SpeechStarted("u1"), []),
        (
            1450,
            done("r1", WISH, says=("i1",), status="cancelled"),
            [
                ClearAudio(),
                TruncateItem("i1", 250, 0, 2000),
                SendToolOutput("c1", refusal("the caller interrupted")),
                SetTurnTaking(enabled=True),
            ],
        ),
        (1460, Says("r1", "i1", 20), [DROPPED]),
    )


def test_a_caller_whose_turn_ended_while_nobody_might_answer_is_answered() -> None:
    play(
        speaking(),
        (1300, CallStarted("r1", "transfer_to_human"), [SetTurnTaking(enabled=False)]),
        (1400, SpeechStarted("u1"), []),
        (1500, SpeechStopped("u1"), []),
        (
            1550,
            done("r1", says=("i1",), status="cancelled"),
            [ClearAudio(), TruncateItem("i1", 350, 0, 2000), SetTurnTaking(enabled=True), CreateResponse()],
        ),
    )


def test_a_caller_who_spoke_over_a_transfer_that_broke_off_is_answered() -> None:
    play(
        speaking(),
        (1300, CallStarted("r1", "transfer_to_human"), [SetTurnTaking(enabled=False)]),
        (1400, SpeechStarted("u1"), []),
        (1500, SpeechStopped("u1"), []),
        (1550, done("r1", says=("i1",), status="incomplete"), [SetTurnTaking(enabled=True), CreateResponse()]),
    )


def test_a_sentence_that_broke_off_in_a_failure_is_gone_on_with() -> None:
    play(
        speaking(),
        (1300, CallStarted("r1", "transfer_to_human"), [SetTurnTaking(enabled=False)]),
        (1400, done("r1", says=("i1",), status="failed"), [SetTurnTaking(enabled=True), CreateResponse()]),
    )


@pytest.mark.parametrize(("status", "then"), [("cancelled", []), ("incomplete", [GO_ON])])
def test_a_sentence_that_nobody_spoke_over_goes_on(status: str, then: list[CreateResponse]) -> None:
    play(
        speaking(),
        (1300, CallStarted("r1", "transfer_to_human"), [SetTurnTaking(enabled=False)]),
        (1400, done("r1", says=("i1",), status=status), [SetTurnTaking(enabled=True), *then]),
    )


def test_what_was_said_over_an_earlier_sentence_is_forgotten() -> None:
    call = speaking()
    play(
        call,
        (1300, CallStarted("r1", "transfer_to_human"), [SetTurnTaking(enabled=False)]),
        (1400, SpeechStarted("u1"), []),
        (1450, SpeechStopped("u1"), []),
        (1500, done("r1", says=("i1",), status="incomplete"), [SetTurnTaking(enabled=True), CreateResponse()]),
        (1600, ResponseCreated("r2"), []),
        (1700, Says("r2", "i2", 20), []),
        (1800, CallStarted("r2", "transfer_to_human"), [SetTurnTaking(enabled=False)]),
    )

    play(call, (1900, done("r2", says=("i2",), status="cancelled"), [SendMark("4"), SetTurnTaking(enabled=True)]))


def test_keys_do_not_take_back_the_goodbye_of_a_model_that_is_lost() -> None:
    play(
        speaking(words_ms=8000),
        (1300, done("r1", END, says=("i1",)), []),
        (1400, KeyPressed("5"), []),
        (1500, ModelLost("1006"), []),
        (2900, DUE, [RecordTurn(2900, "keys", "5", "5")]),
        (9200, MarkPlayed("3"), [EndStream("goodbye", 9200)]),
    )


def test_keys_typed_while_a_transfer_is_prepared_are_not_lost() -> None:
    keys = AddMessage("user", "(The caller pressed these keys on the phone: 5)")
    play(
        speaking(),
        (1300, done("r1", WISH, says=("i1",)), [SetTurnTaking(enabled=False)]),
        (1400, KeyPressed("5"), []),
        (2900, DUE, [RecordTurn(2900, "keys", "5", "5"), keys]),
    )


# --- tools


def test_a_tool_runs_beside_the_talk_and_its_result_is_spoken() -> None:
    play(
        speaking(),
        (1300, done("r1", HOURS, says=("i1",)), [ASK_HOURS]),
        (1400, ToolFinished("c1", '{"a": 1}'), [SendToolOutput("c1", '{"a": 1}'), CreateResponse()]),
        (1500, ToolFinished("c1", "{}"), []),
    )


def test_of_several_tools_the_last_result_is_spoken() -> None:
    second = FunctionCall("c2", "weather", "")

    play(
        speaking(),
        (1300, done("r1", HOURS, second, says=("i1",)), [ASK_HOURS, RunTool("c2", "weather", "")]),
        (1400, ToolFinished("c2", "{}"), [SendToolOutput("c2", "{}")]),
        (1500, ToolFinished("c1", "{}"), [SendToolOutput("c1", "{}"), CreateResponse()]),
    )


def test_a_result_that_comes_during_a_hand_over_is_told_but_not_spoken() -> None:
    wish = FunctionCall("c2", "transfer_to_human", "{}")

    play(
        speaking(),
        (1300, done("r1", HOURS, wish, says=("i1",)), [ASK_HOURS, SetTurnTaking(enabled=False)]),
        (1400, ToolFinished("c1", "{}"), [SendToolOutput("c1", "{}")]),
    )


def test_a_result_that_comes_after_the_model_is_told_to_nobody() -> None:
    play(
        speaking(),
        (1300, done("r1", HOURS, says=("i1",)), [ASK_HOURS]),
        (1400, ModelError("invalid_api_key", ""), [CloseModel()]),
        (1500, ToolFinished("c1", "{}"), []),
        (3200, MarkPlayed("3"), [TO_A_PERSON]),
    )


@pytest.mark.parametrize("first", [END, WISH])
def test_calls_after_the_one_that_ends_the_talk_are_refused(first: FunctionCall) -> None:
    call = speaking()
    call.receive(done("r1", first, says=("i1",)), 1300)
    play(call, (1310, ResponseCreated("r2"), []))

    play(
        call,
        (
            1400,
            done("r2", FunctionCall("c2", "transfer_to_human", "{}")),
            [SendToolOutput("c2", refusal(BUSY))],
        ),
    )


@pytest.mark.parametrize("status", ["incomplete", "failed", "cancelled"])
def test_calls_of_a_response_that_broke_off_are_answered_and_the_model_goes_on(status: str) -> None:
    play(
        speaking(),
        (
            1300,
            done("r1", HOURS, says=("i1",), status=status),
            [
                SendToolOutput("c1", refusal("the response broke off")),
                GO_ON if status == "incomplete" else CreateResponse(),
            ],
        ),
    )


# --- the goodbye


def test_a_caller_who_goes_on_talking_takes_the_goodbye_back() -> None:
    call = speaking()
    play(call, (1300, done("r1", END, says=("i1",)), []))

    play(
        call,
        (
            1400,
            SpeechStarted("u1"),
            [
                ClearAudio(),
                TruncateItem("i1", 200, 0, 2000),
                SendToolOutput("c1", refusal("the caller went on talking")),
            ],
        ),
        (2000, SpeechStopped("u1"), []),
        (2100, ResponseCreated("r2"), []),
        (2200, Says("r2", "i2", 20), []),
        (5000, DUE, []),  # something was heard since
    )


def test_a_goodbye_that_was_asked_for_is_not_said_to_a_caller_who_goes_on_talking() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, done("r1", END), [CreateResponse(GOODBYE, tools_allowed=False)]),
        (1300, SpeechStarted("u1"), [SendToolOutput("c1", refusal("the caller went on talking"))]),
        (1310, ResponseCreated("r2"), [CancelResponse("r2")]),
        (1320, Says("r2", "i2", 20), [DROPPED]),
    )


def test_a_transfer_beats_the_goodbye_before_it() -> None:
    wish = FunctionCall("c2", "transfer_to_human", "{}")
    call = speaking()
    play(
        call,
        (1300, CallStarted("r1", "transfer_to_human"), [SetTurnTaking(enabled=False)]),
        (1400, SpeechStarted("u1"), []),
        (1450, SpeechStopped("u1"), []),
    )

    play(
        call,
        (
            1500,
            done("r1", END, wish, says=("i1",)),
            [SendToolOutput("c1", refusal("the caller is being put through"))],
        ),
        (3200, MarkPlayed("3"), [Transfer("c2", "", "", "", announce=False)]),
    )


# --- the model fails


def test_a_response_that_failed_is_asked_for_once_more_then_a_person() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, ResponseDone("r1", "failed", error="server_error"), [CreateResponse()]),
        (1300, ResponseCreated("r2"), []),
        (1400, ResponseDone("r2", "incomplete", error="content_filter"), [CloseModel(), TO_A_PERSON]),
    )


def test_a_response_that_says_nothing_has_failed() -> None:
    play(greeted(), (1100, ResponseCreated("r1"), []), (1200, done("r1"), [CreateResponse()]))


def test_a_response_that_succeeds_makes_up_for_the_failed_one() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, done("r1"), [CreateResponse()]),
        (1300, ResponseCreated("r2"), []),
        (1350, Says("r2", "i2", 20), []),
        (1400, done("r2", says=("i2",)), [SendMark("2")]),
        (1500, ResponseCreated("r3"), []),
        (1600, done("r3"), [CreateResponse()]),
    )


@pytest.mark.parametrize("code", sorted(FATAL_ERRORS - {"session_expired"}))
def test_after_a_fatal_error_no_response_is_waited_for(code: str) -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, ResponseDone("r1", "failed", error=code), [CloseModel(), TO_A_PERSON]),
    )
    play(greeted(), (1100, ModelError(code, ""), [CloseModel(), TO_A_PERSON]))


@pytest.mark.parametrize("code", ["response_cancel_not_active", "rate_limit_exceeded", "", "unsupported_content_type"])
def test_any_other_error_leaves_the_session_as_it_was(code: str) -> None:
    play(speaking(), (1300, ModelError(code, ""), []), (1400, Says("r1", "i1", 20), []))


def test_where_the_service_does_not_answer_the_caller_the_model_is_asked_to() -> None:
    play(
        greeted(),
        (1100, SpeechStarted("u1"), []),
        (1500, SpeechStopped("u1"), []),
        (1500 + 3000, DUE, [CreateResponse()]),
        (1500 + 6000, DUE, beep("2")),
        (1500 + 6300, MarkPlayed("2"), []),
        (1500 + 8000, DUE, [CloseModel(), TO_A_PERSON]),
    )


def test_a_response_that_does_not_speak_in_time_has_failed() -> None:
    play(greeted(), (1100, ResponseCreated("r1"), []), (1100 + 8000, DUE, [CloseModel(), TO_A_PERSON]))


def test_where_key_0_and_the_patience_with_the_model_are_noticed_in_one_moment_the_key_counts() -> None:
    call = greeted()
    play(call, (1100, KeyPressed("0"), []), (1200, ResponseCreated("r1"), []))

    play(call, (9200, DUE, [CancelResponse("r1"), SetTurnTaking(enabled=False), BY_KEY]))


def test_where_the_service_is_busy_the_request_waits_for_its_answer() -> None:
    play(
        speaking(),
        (1300, done("r1", HOURS, says=("i1",)), [ASK_HOURS]),
        (1400, ToolFinished("c1", "{}"), [SendToolOutput("c1", "{}"), CreateResponse()]),
        (1500, ModelError("conversation_already_has_active_response", ""), []),
        (1600, ResponseCreated("r2"), []),
        (1700, Says("r2", "i2", 20), []),
        (1800, done("r2", says=("i2",)), [SendMark("4"), CreateResponse()]),
    )


def test_what_a_tool_told_is_said_after_an_answer_that_the_service_began_before_it_knew() -> None:
    play(
        speaking(),
        (1300, done("r1", HOURS, says=("i1",)), [ASK_HOURS]),
        (1400, ToolFinished("c1", "{}"), [SendToolOutput("c1", "{}"), CreateResponse()]),
        (1500, ResponseCreated("r2"), []),
        (1510, ModelError("conversation_already_has_active_response", ""), []),
        (1700, Says("r2", "i2", 20), []),
        (1800, done("r2", says=("i2",)), [SendMark("4"), CreateResponse()]),
        (1900, ResponseCreated("r3", ours=True), []),
    )


def test_a_response_that_stalls_after_its_first_words_has_failed() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, Says("r1", "i1", 200), [SendMark("2")]),
        (1400, MarkPlayed("2"), []),
        (1100 + 3000, DUE, []),  # something was heard since: another wait has begun
        (1400 + 3000, DUE, beep("3")),
        (1400 + 3300, MarkPlayed("3"), []),
        (1400 + 6000, DUE, beep("4")),
        (1400 + 6300, MarkPlayed("4"), []),
        (1400 + 8000, DUE, [CloseModel(), TO_A_PERSON]),
    )


def test_a_protected_sentence_whose_end_never_comes_is_not_waited_for_forever() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, CallStarted("r1", "transfer_to_human"), [SetTurnTaking(enabled=False)]),
        (1300, SpeechStarted("u1"), []),
        (1400, SpeechStopped("u1"), []),
        (1100 + 8000, DUE, [CloseModel(), TO_A_PERSON]),
    )


def test_keys_typed_before_the_session_is_ready_are_told_with_it() -> None:
    keys = AddMessage("user", "(The caller pressed these keys on the phone: 12)")
    play(
        new_call(),
        (100, KeyPressed("1"), []),
        (200, KeyPressed("2"), []),
        (1700, DUE, [RecordTurn(1700, "keys", "12", "12")]),
        (1800, ModelOpened(), [keys, CreateResponse("Greet the caller.")]),
        (1900, MU_LAW, [ForwardHeldAudio()]),
    )


def test_keys_typed_over_the_goodbye_take_it_back() -> None:
    keys = AddMessage("user", "(The caller pressed these keys on the phone: 5)")
    call = speaking()
    play(call, (1300, done("r1", END, says=("i1",)), []), (1400, KeyPressed("5"), []))

    play(
        call,
        (
            2900,
            DUE,
            [
                RecordTurn(2900, "keys", "5", "5"),
                ClearAudio(),
                TruncateItem("i1", 1000, 0, 2000),
                SendToolOutput("c1", refusal("the caller pressed keys")),
                keys,
                CreateResponse(),
            ],
        ),
    )


def test_an_announcement_is_made_where_the_wish_came_without_a_word() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, done("r1", WISH), [SetTurnTaking(enabled=False), CreateResponse(ANNOUNCE, tools_allowed=False)]),
    )


# --- half an answer, and rate limits

SAID_HALF: tuple[Step, ...] = (
    (1100, ResponseCreated("r1"), []),
    (1200, Says("r1", "i1", 300), [SendMark("2")]),
)


@pytest.mark.parametrize("reason", ["content_filter", "max_output_tokens"])
def test_a_sentence_that_broke_off_in_the_middle_is_asked_for_again_then_a_person(reason: str) -> None:
    play(
        greeted(),
        *SAID_HALF,
        (1300, ResponseDone("r1", "incomplete", message_ids=("i1",), error=reason), [GO_ON]),
        (1400, ResponseCreated("r2"), []),
        (1500, Says("r2", "i2", 300), [SendMark("3")]),
        (1600, ResponseDone("r2", "incomplete", message_ids=("i2",), error=reason), [CloseModel()]),
        (1800, MarkPlayed("3"), [TO_A_PERSON]),
    )


def test_failures_count_however_they_alternate_with_tools() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, ResponseDone("r1", "failed", error="server_error"), [CreateResponse()]),
        (1300, ResponseCreated("r2"), []),
        (1400, done("r2", HOURS), [ASK_HOURS]),
        (1500, ToolFinished("c1", "{}"), [SendToolOutput("c1", "{}"), CreateResponse()]),
        (1600, ResponseCreated("r3"), []),
        (1700, ResponseDone("r3", "failed", error="server_error"), [CloseModel(), TO_A_PERSON]),
    )


def test_a_rate_limit_is_waited_for_as_long_as_the_service_says() -> None:
    limited = ResponseDone("r1", "failed", error="rate_limit_exceeded", retry_after_ms=1200)
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1150, limited, []),
        (2350, DUE, [CreateResponse()]),
        (2360, ResponseCreated("r2"), []),
        (2400, ResponseDone("r2", "failed", error="rate_limit_exceeded"), []),
        (3400, DUE, [CreateResponse()]),
        (3500, ResponseCreated("r3"), []),
        (3600, Says("r3", "i3", 300), [SendMark("2")]),
    )


def test_a_rate_limit_that_lasts_longer_than_a_caller_waits_is_a_case_for_a_person() -> None:
    limited = ResponseDone("r1", "failed", error="rate_limit_exceeded", retry_after_ms=20_000)
    play(greeted(), (1100, ResponseCreated("r1"), []), (1150, limited, [CloseModel(), TO_A_PERSON]))


def test_a_rate_limit_that_does_not_end_is_a_case_for_a_person() -> None:
    call = greeted()
    play(call, (1100, ResponseCreated("r1"), []))
    for number in range(1, 4):
        limited = ResponseDone(f"r{number}", "failed", error="rate_limit_exceeded", retry_after_ms=2500)
        at_ms = 1200 + 2600 * (number - 1)
        beeps: tuple[Step, ...] = ()
        if number == 2:
            beeps = ((4100, DUE, beep("2")), (4400, MarkPlayed("2"), []))
        if number == 3:
            beeps = ((7100, DUE, beep("3")), (7400, MarkPlayed("3"), []))
        play(call, (at_ms, limited, []), *beeps)
        if number < 3:
            play(
                call,
                (at_ms + 2500, DUE, [CreateResponse()]),
                (at_ms + 2550, ResponseCreated(f"r{number + 1}"), []),
            )

    play(call, (8900, DUE, [CreateResponse()]), (9100, DUE, [CloseModel(), TO_A_PERSON]))


def test_a_caller_who_speaks_while_a_rate_limit_is_waited_for_is_answered_by_the_service() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1150, ResponseDone("r1", "failed", error="rate_limit_exceeded"), []),
        (1500, SpeechStarted("u1"), []),
        (2000, SpeechStopped("u1"), []),
        (2400, ResponseCreated("r2"), []),
    )


def test_a_rate_limit_is_not_waited_for_once_a_person_is_asked_for() -> None:
    play(
        greeted(),
        (1000, KeyPressed("0"), []),
        (1100, ResponseCreated("r1"), []),
        (2150, ResponseDone("r1", "failed", error="rate_limit_exceeded"), []),
        (2500, DUE, [SetTurnTaking(enabled=False), BY_KEY]),
        (3150, DUE, []),
    )
