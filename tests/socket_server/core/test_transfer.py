"""Putting the caller through to a person."""

import pytest

from socket_server.core.actions import (
    AddMessage,
    CancelResponse,
    ClearAudio,
    CloseModel,
    CreateResponse,
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
from socket_server.core.conversation import Conversation
from socket_server.core.events import (
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
    TransferFinished,
    TransferStatus,
)
from socket_server.core.phases import Phase, TransferStage
from socket_server.core.transfer_messages import ANNOUNCE, GOODBYE, refusal_output, transfer_output
from tests.socket_server.scripts import (
    DROPPED,
    DUE,
    READY,
    Frame,
    Outcome,
    Says,
    ScriptEvent,
    Step,
    done,
    greeted,
    new_call,
    play,
)

WISH = FunctionCall("c1", "transfer_to_human", '{"destination":"sales","reason":"angry","summary":"A bill."}')
GOODBYE_CALL = FunctionCall("c1", "end_call", "{}")
TOLD = Transfer("c1", "sales", "angry", "A bill.", announce=False)
UNTOLD = Transfer("c1", "sales", "angry", "A bill.", announce=True)
BY_KEY = Transfer("MZ1-1", "", "the caller pressed 0", "", announce=True)
BY_FAILURE = Transfer("MZ1-1", "", "the assistant failed", "", announce=True)


def wishing(ms: int = 1000) -> Conversation:
    """At 2000: response r1 has said a second and has called the tool; the sentence is protected."""
    call = greeted()
    play(
        call,
        (1100, ResponseCreated("r1"), []),
        (1200, Says("r1", "i1", ms), [SendMark("2")]),
        (2000, CallStarted("r1", "transfer_to_human"), [SetTurnTaking(enabled=False)]),
    )
    return call


def escalating() -> Conversation:
    """At 2000: the sentence is complete, 200 ms of it are still to be heard."""
    call = wishing()
    play(call, (2000, done("r1", WISH, says=("i1",)), []))
    return call


def transferring() -> Conversation:
    """At 2200: the transfer function has been asked."""
    call = escalating()
    play(call, (2200, MarkPlayed("2"), [TOLD]))
    return call


def leaving(ms: int = 1000) -> Conversation:
    """At 2000: the model has said goodbye, for so long from 1200 on."""
    call = greeted()
    play(
        call,
        (1100, ResponseCreated("r1"), []),
        (1200, Says("r1", "i1", ms), [SendMark("2")]),
        (2000, done("r1", GOODBYE_CALL, says=("i1",)), []),
    )
    return call


# --- the last word is heard


def test_the_transfer_waits_until_the_sentence_was_heard() -> None:
    play(
        wishing(),
        (2000, done("r1", WISH, says=("i1",)), []),
        (2100, Frame(), ["forward"]),
        (2200, MarkPlayed("2"), [TOLD]),
        (2300, Frame(), ["forward"]),
    )


def test_a_sentence_that_was_heard_before_its_response_ended_is_not_waited_for() -> None:
    call = wishing(800)

    play(call, (2000, MarkPlayed("2"), []), (2100, done("r1", WISH, says=("i1",)), [TOLD]))


def test_an_okay_over_the_sentence_changes_nothing() -> None:
    play(
        escalating(),
        (2050, SpeechStarted("u1"), []),
        (2100, SpeechStopped("u1"), []),
        (2200, MarkPlayed("2"), [TOLD]),
    )


def test_a_tool_call_that_nobody_saw_begin_is_protected_when_it_is_complete() -> None:
    call = greeted()

    play(
        call,
        (1100, ResponseCreated("r1"), []),
        (1200, Says("r1", "i1", 1000), [SendMark("2")]),
        (2000, done("r1", WISH, says=("i1",)), [SetTurnTaking(enabled=False)]),
    )


def test_where_the_last_mark_never_comes_the_transfer_goes_on() -> None:
    play(escalating(), (2000 + 200 + 3000, DUE, [TOLD]))


def test_a_response_that_was_still_wanted_does_not_come_between() -> None:
    call = greeted()
    play(
        call,
        (1100, ResponseCreated("r1"), []),
        (1150, done("r1", FunctionCall("c0", "opening_hours", "{}")), [RunTool("c0", "opening_hours", "{}")]),
        (1200, ResponseCreated("r2"), []),
        (1250, Says("r2", "i2", 1000), [SendMark("2")]),
        (1300, ToolFinished("c0", "{}"), [SendToolOutput("c0", "{}")]),
    )

    play(
        call,
        (1400, done("r2", WISH, says=("i2",)), [SetTurnTaking(enabled=False)]),
        (2250, MarkPlayed("2"), [TOLD]),
    )


# --- never a bare ring


def test_a_silent_hand_over_is_announced_first() -> None:
    call = greeted()

    play(
        call,
        (1100, ResponseCreated("r1"), []),
        (1200, CallStarted("r1", "transfer_to_human"), [SetTurnTaking(enabled=False)]),
        (1300, done("r1", WISH), [CreateResponse(ANNOUNCE, tools_allowed=False)]),
        (1400, SpeechStarted("u1"), []),
        (1500, ResponseCreated("r2"), []),
        (1600, Says("r2", "i2", 500), [SendMark("2")]),
        (1700, done("r2", says=("i2",)), []),
        (2100, MarkPlayed("2"), [TOLD]),
    )


SILENT: tuple[Step, ...] = (
    (1100, ResponseCreated("r1"), []),
    (1200, done("r1", WISH), [SetTurnTaking(enabled=False), CreateResponse(ANNOUNCE, tools_allowed=False)]),
)


@pytest.mark.parametrize("status", ["failed", "cancelled", "completed"])
def test_where_the_model_cannot_announce_it_the_network_does(status: str) -> None:
    call = greeted()
    play(call, *SILENT, (1300, ResponseCreated("r2"), []))

    play(call, (1400, done("r2", status=status), [UNTOLD]))


def test_an_announcement_is_not_waited_for_longer_than_it_can_take() -> None:
    call = greeted()
    play(call, *SILENT)

    play(call, (1200 + 3000 + 8000, DUE, [UNTOLD]))


def test_where_the_service_is_busy_with_an_answer_of_its_own_that_is_heard_first() -> None:
    call = greeted()
    play(call, *SILENT)

    play(
        call,
        (1300, ModelError(ErrorKind.RESPONSE_ACTIVE), []),
        (1310, ResponseCreated("r2"), []),
        (1400, Says("r2", "i2", 300), [SendMark("2")]),
        (1500, done("r2", says=("i2",)), [CreateResponse(ANNOUNCE, tools_allowed=False)]),
        (1600, ResponseCreated("r3", ours=True), []),
        (1700, Says("r3", "i3", 300), [SendMark("3")]),
        (1750, done("r3", says=("i3",)), []),
        (1800, MarkPlayed("3"), [TOLD]),
    )


# --- what comes of it


def test_a_call_that_has_moved_is_left_alone() -> None:
    play(
        transferring(),
        (2300, TransferFinished("c1", "moved"), [CloseModel()]),
        (2310, Frame(), ["drop"]),
        (2320, ModelLost("closed"), []),
        (2330, KeyPressed("0"), []),
        (2330 + 1500, DUE, [RecordTurn(3830, "keys", "0", "0")]),
        (7000, PhoneStopped(), [EndStream("transferred", 7000)]),
    )


def test_a_call_that_has_moved_cannot_fail_to_move_any_more() -> None:
    play(
        transferring(),
        (2300, TransferFinished("c1", "moved"), [CloseModel()]),
        (2400, TransferFinished("c1", "failed"), []),
        (2500, TransferFinished("c1", "moved"), []),
    )


def test_a_caller_who_is_gone_ends_the_call() -> None:
    play(transferring(), (2300, TransferFinished("c1", "caller_gone"), [EndStream("caller_gone", 2300)]))


@pytest.mark.parametrize("event", [PhoneStopped(), PhoneLost()])
def test_a_stream_that_ends_during_a_transfer_was_moved(event: ScriptEvent) -> None:
    play(transferring(), (2300, event, [EndStream("transferred", 2300)]))


@pytest.mark.parametrize("status", ["closed", "unknown_destination", "failed"])
def test_where_nobody_comes_the_model_is_told_and_goes_on(status: TransferStatus) -> None:
    play(
        transferring(),
        (
            2300,
            TransferFinished("c1", status, "open again tomorrow"),
            [
                SendToolOutput("c1", transfer_output(status, "open again tomorrow")),
                SetTurnTaking(enabled=True),
                CreateResponse(),
            ],
        ),
        (2400, ResponseCreated("r2"), []),
        (2500, Says("r2", "i2", 1000), [SendMark("3")]),
        (2600, SpeechStarted("u1"), [ClearAudio(), TruncateItem("i2", 100, 0, 1000)]),
    )


def test_after_a_failed_transfer_the_caller_can_be_put_through_again() -> None:
    call = transferring()
    play(
        call,
        (
            2300,
            TransferFinished("c1", "failed"),
            [SendToolOutput("c1", transfer_output("failed", "")), SetTurnTaking(enabled=True), CreateResponse()],
        ),
        (2400, ResponseCreated("r2"), []),
    )

    play(
        call,
        (
            2500,
            done("r2", FunctionCall("c2", "transfer_to_human", "")),
            [SetTurnTaking(enabled=False), CreateResponse(ANNOUNCE, tools_allowed=False)],
        ),
        (2500 + 11_000, DUE, [Transfer("c2", "", "", "", announce=True)]),
    )


@pytest.mark.parametrize("answers", [[], [(2300, TransferFinished("c1", "in_progress"), [])]])
def test_an_answer_that_never_comes_is_a_failure(answers: list[Step]) -> None:
    call = transferring()
    play(call, *answers)

    play(
        call,
        (
            2200 + 20_000,
            DUE,
            [
                SendToolOutput("c1", transfer_output("failed", "no answer in time")),
                SetTurnTaking(enabled=True),
                CreateResponse(),
            ],
        ),
        (22_300, TransferFinished("c1", "moved"), [CloseModel()]),  # it had only been slow
        (22_400, PhoneStopped(), [EndStream("transferred", 22_400)]),
    )


def test_a_call_that_is_moved_during_a_goodbye_is_left_alone() -> None:
    call = transferring()
    given_up: list[Outcome] = [
        SendToolOutput("c1", transfer_output("failed", "no answer in time")),
        SetTurnTaking(enabled=True),
        CreateResponse(),
    ]
    play(
        call,
        (22_200, DUE, given_up),
        (22_300, ResponseCreated("r2"), []),
        (22_400, Says("r2", "i2", 1000), [SendMark("3")]),
        (22_500, done("r2", FunctionCall("c2", "end_call", "{}"), says=("i2",)), []),
        (22_600, TransferFinished("c1", "moved"), [CloseModel()]),
        (22_700, MarkPlayed("3"), []),
    )
    assert (call.phase, call.stage) == (Phase.TALKING, TransferStage.MOVED)
    play(call, (22_800, PhoneStopped(), [EndStream("transferred", 22_800)]))


@pytest.mark.parametrize("status", ["moved", "failed"])
def test_the_answer_to_another_request_is_of_no_interest(status: TransferStatus) -> None:
    play(transferring(), (2300, TransferFinished("c0", status), []))


def test_an_answer_that_nobody_asked_for_is_of_no_interest() -> None:
    play(escalating(), (2100, TransferFinished("c1", "failed"), []))


# --- what the model may ask for


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ('{"destination":"boss"}', "unknown destination 'boss', expected one of: sales, workshop"),
        ("[]", "bad arguments: expected an object, got list"),
    ],
)
def test_a_bad_wish_is_answered_and_the_call_goes_on(arguments: str, why: str) -> None:
    call = wishing()

    play(
        call,
        (
            2000,
            done("r1", FunctionCall("c1", "transfer_to_human", arguments), says=("i1",)),
            [SendToolOutput("c1", refusal_output(why)), SetTurnTaking(enabled=True), CreateResponse()],
        ),
    )


def test_of_two_wishes_in_a_response_the_first_counts() -> None:
    second = FunctionCall("c2", "transfer_to_human", '{"destination":"workshop"}')

    play(
        wishing(),
        (
            2000,
            done("r1", WISH, second, says=("i1",)),
            [SendToolOutput("c2", refusal_output("the call is already being moved or ended"))],
        ),
        (2200, MarkPlayed("2"), [TOLD]),
    )


# --- key 0


def test_key_0_cuts_the_model_and_needs_none() -> None:
    call = greeted()
    play(
        call,
        (1100, ResponseCreated("r1"), []),
        (1200, Says("r1", "i1", 9000), [SendMark("2")]),
        (1300, KeyPressed("0"), []),
    )

    play(
        call,
        (
            2800,
            DUE,
            [
                ClearAudio(),
                CancelResponse("r1"),
                TruncateItem("i1", 1600, 0, 9000),
                SetTurnTaking(enabled=False),
                BY_KEY,
            ],
        ),
        (2810, Says("r1", "i1", 200), [DROPPED]),
        (2820, done("r1", says=("i1",), status="cancelled"), []),
        (
            2900,
            TransferFinished("MZ1-1", "closed", "open again tomorrow"),
            [
                AddMessage(
                    "system",
                    "The caller pressed 0 for a person. The outcome: "
                    + transfer_output("closed", "open again tomorrow"),
                ),
                SetTurnTaking(enabled=True),
                CreateResponse(),
            ],
        ),
    )


def test_key_0_before_the_model_is_ready_goes_to_a_person_in_silence() -> None:
    play(
        new_call(),
        (100, KeyPressed("0"), []),
        (1600, DUE, [BY_KEY]),
        (1700, READY, [SetTurnTaking(enabled=False), ForwardHeldAudio()]),
        (
            1800,
            TransferFinished("MZ1-1", "failed"),
            [
                AddMessage(
                    "system", "The caller pressed 0 for a person. The outcome: " + transfer_output("failed", "")
                ),
                SetTurnTaking(enabled=True),
                CreateResponse(),
            ],
        ),
    )


FAILED_BEFORE_READY: tuple[Step, ...] = (
    (100, KeyPressed("0"), []),
    (1600, DUE, [BY_KEY]),
    (1700, TransferFinished("MZ1-1", "failed"), []),
)


def test_where_nobody_comes_the_model_is_still_waited_for() -> None:
    call = new_call()
    play(call, *FAILED_BEFORE_READY)

    play(call, (1800, READY, [ForwardHeldAudio(), CreateResponse("Greet the caller.")]))


def test_where_nobody_comes_the_model_is_not_waited_for_for_ever() -> None:
    call = new_call()
    play(call, *FAILED_BEFORE_READY)

    play(
        call,
        (1700 + 8000, DUE, [CloseModel(), Transfer("MZ1-2", "", "the assistant failed", "", announce=True)]),
    )


def test_key_0_takes_a_goodbye_back() -> None:
    call = leaving(3000)
    play(call, (2100, KeyPressed("0"), []))

    play(
        call,
        (
            3600,
            DUE,
            [
                ClearAudio(),
                TruncateItem("i1", 2400, 0, 3000),
                SendToolOutput("c1", refusal_output("the caller pressed 0 for a person")),
                SetTurnTaking(enabled=False),
                BY_KEY,
            ],
        ),
    )


def test_key_0_during_a_hand_over_is_noted_and_changes_nothing() -> None:
    call = escalating()
    keys = AddMessage("user", "(The caller pressed these keys on the phone: 0)")
    play(
        call,
        (2100, KeyPressed("0"), []),
        (2200, MarkPlayed("2"), [TOLD]),
        (3600, DUE, [RecordTurn(3600, "keys", "0", "0"), keys]),
    )


def test_a_response_asked_for_before_key_0_is_not_heard() -> None:
    call = greeted()
    play(
        call,
        (1100, ResponseCreated("r1"), []),
        (1150, done("r1", FunctionCall("c0", "opening_hours", "{}")), [RunTool("c0", "opening_hours", "{}")]),
        (1200, KeyPressed("0"), []),
        (2699, ToolFinished("c0", "{}"), [SendToolOutput("c0", "{}"), CreateResponse()]),
        (2700, DUE, [SetTurnTaking(enabled=False), BY_KEY]),
    )

    play(call, (2710, ResponseCreated("r2"), [CancelResponse("r2")]), (2720, Says("r2", "i2", 200), [DROPPED]))


# --- the model fails


def test_a_model_that_is_lost_while_it_gets_ready_is_replaced_by_a_person() -> None:
    play(
        new_call(),
        (100, Frame(), ["hold"]),
        (200, ModelLost("HTTP 503"), [OpenModel()]),
        (205, Frame(), ["hold"]),
        (206, ModelLost("HTTP 503"), [BY_FAILURE]),
        (210, Frame(), ["drop"]),
        (300, TransferFinished("MZ1-1", "failed"), [EndStream("model_failed", 300)]),
    )


def test_a_model_that_is_lost_in_the_middle_of_a_sentence_is_replaced_by_a_person() -> None:
    call = greeted()

    play(
        call,
        (1100, ResponseCreated("r1"), []),
        (1200, Says("r1", "i1", 9000), [SendMark("2")]),
        (1300, ModelLost("1006", hopeless=True), []),
        (10_200, MarkPlayed("2"), [BY_FAILURE]),
        (10_300, TransferFinished("MZ1-1", "moved"), []),
    )


def test_a_fatal_error_closes_the_model() -> None:
    play(greeted(), (1100, ModelError(ErrorKind.ACCOUNT), [CloseModel(), BY_FAILURE]))


def test_a_model_that_is_lost_after_its_sentence_is_not_needed_for_the_hand_over() -> None:
    play(escalating(), (2100, ModelLost("1006"), []), (2200, MarkPlayed("2"), [TOLD]))


def test_a_model_that_is_lost_before_its_announcement_is_replaced_by_the_network() -> None:
    call = greeted()
    play(call, *SILENT)

    play(call, (1300, ModelLost("1006"), [UNTOLD]))


def test_a_model_that_is_lost_during_the_transfer_cannot_go_on() -> None:
    play(
        transferring(),
        (2250, ModelLost("1006"), []),
        (2300, TransferFinished("c1", "failed"), [EndStream("model_failed", 2300)]),
    )


# --- the goodbye


def test_a_goodbye_is_heard_to_its_end_even_from_a_model_that_is_lost() -> None:
    play(leaving(), (2100, ModelLost("1006"), []), (2200, MarkPlayed("2"), [EndStream("goodbye", 2200)]))


def test_where_the_goodbye_s_last_mark_never_comes_the_call_ends() -> None:
    play(leaving(), (2000 + 200 + 3000, DUE, [EndStream("goodbye", 5200)]))


def test_a_silent_goodbye_is_said_first() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, done("r1", GOODBYE_CALL), [CreateResponse(GOODBYE, tools_allowed=False)]),
        (1300, ResponseCreated("r2"), []),
        (1400, Says("r2", "i2", 300), [SendMark("2")]),
        (1500, done("r2", says=("i2",)), []),
        (1700, MarkPlayed("2"), [EndStream("goodbye", 1700)]),
    )
