"""Taking turns."""

import pytest

from socket_server.core.actions import (
    AddMessage,
    CancelResponse,
    ClearAudio,
    CloseModel,
    CreateResponse,
    DeleteItem,
    EndStream,
    RecordTurn,
    RunTool,
    SendMark,
    SendToolOutput,
    SetTurnTaking,
    Transfer,
    TruncateItem,
)
from socket_server.core.conversation import Conversation
from socket_server.core.events import (
    CallStarted,
    ErrorKind,
    FunctionCall,
    KeyPressed,
    MarkPlayed,
    ModelError,
    ModelLost,
    ResponseCreated,
    SpeechStarted,
    SpeechStopped,
    ToolFinished,
)
from socket_server.core.response_failures import CUT_OFF
from socket_server.core.transfer_messages import ANNOUNCE, GOODBYE, refusal_output
from tests.socket_server.scripts import (
    DROPPED,
    DUE,
    Says,
    beep,
    done,
    greeted,
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
        (1400, done("r1", WISH, says=("i1",)), [SendToolOutput("c1", refusal_output("the caller interrupted"))]),
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
                SendToolOutput("c1", refusal_output("the caller interrupted")),
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
        (1400, ModelError(ErrorKind.ACCOUNT), [CloseModel()]),
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
            [SendToolOutput("c2", refusal_output(BUSY))],
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
                SendToolOutput("c1", refusal_output("the response broke off")),
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
                SendToolOutput("c1", refusal_output("the caller went on talking")),
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
        (1300, SpeechStarted("u1"), [SendToolOutput("c1", refusal_output("the caller went on talking"))]),
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
            [SendToolOutput("c1", refusal_output("the caller is being put through"))],
        ),
        (3200, MarkPlayed("3"), [Transfer("c2", "", "", "", announce=False)]),
    )


# --- the model fails


def test_where_the_service_does_not_answer_the_caller_the_model_is_asked_to() -> None:
    play(
        greeted(),
        (1100, SpeechStarted("u1"), []),
        (1500, SpeechStopped("u1"), []),
        (1500 + 3000, DUE, [*beep("2"), CreateResponse()]),
        (1500 + 3300, MarkPlayed("2"), []),
        (1500 + 6000, DUE, beep("3")),
        (1500 + 6300, MarkPlayed("3"), []),
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
        (1500, ModelError(ErrorKind.RESPONSE_ACTIVE), []),
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
        (1510, ModelError(ErrorKind.RESPONSE_ACTIVE), []),
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
                SendToolOutput("c1", refusal_output("the caller pressed keys")),
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
