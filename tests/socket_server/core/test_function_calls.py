"""The function calls of one response, decided together."""

from dataclasses import replace
from itertools import permutations

import pytest

from socket_server.core.actions import (
    ClearAudio,
    CreateResponse,
    EndStream,
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
    FunctionCall,
    KeyPressed,
    MarkPlayed,
    ResponseCreated,
    SpeechStarted,
    ToolFinished,
    TransferFinished,
)
from socket_server.core.function_calls import (
    FRUITLESS_TRANSFERS,
    MOST_CALLS,
    MOVING,
)
from socket_server.core.transfer_messages import ANSWER_THEN_GOODBYE, refusal_output, transfer_output
from tests.socket_server.scripts import DUE, Says, Step, done, greeted, play

WISH = FunctionCall("w1", "transfer_to_human", '{"destination":"sales","reason":null}')
BAD_WISH = FunctionCall("w2", "transfer_to_human", '{"destination":"boss","reason":"angry"}')
END = FunctionCall("e1", "end_call", "{}")
HOURS = FunctionCall("t1", "opening_hours", "null")
ASK_HOURS = RunTool("t1", "opening_hours", "null")
TO_SALES = Transfer("w1", "sales", "", "", announce=False)
UNKNOWN = "unknown destination 'boss', expected one of: sales, workshop"


def speaking() -> Conversation:
    """At 1200: response r1 has said a second, which is heard until 2200."""
    call = greeted()
    play(call, (1100, ResponseCreated("r1"), []), (1200, Says("r1", "i1", 1000), [SendMark("2")]))
    return call


# --- a transfer and a goodbye


@pytest.mark.parametrize("calls", [*permutations((WISH, END))])
def test_a_transfer_beats_a_goodbye_in_any_order(calls: tuple[FunctionCall, ...]) -> None:
    play(
        speaking(),
        (
            1300,
            done("r1", *calls, says=("i1",)),
            [SendToolOutput("e1", refusal_output("the caller is being put through")), SetTurnTaking(enabled=False)],
        ),
        (2200, MarkPlayed("2"), [TO_SALES]),
    )


@pytest.mark.parametrize("calls", [*permutations((BAD_WISH, END))])
def test_a_refused_transfer_calls_the_goodbye_of_its_response_off(calls: tuple[FunctionCall, ...]) -> None:
    play(
        speaking(),
        (
            1300,
            done("r1", *calls, says=("i1",)),
            [
                SendToolOutput("w2", refusal_output(UNKNOWN)),
                SendToolOutput("e1", refusal_output("the transfer was refused")),
                CreateResponse(),
            ],
        ),
    )


@pytest.mark.parametrize("calls", [*permutations((BAD_WISH, WISH))])
def test_of_two_transfers_the_one_that_can_be_made_is_made(calls: tuple[FunctionCall, ...]) -> None:
    play(
        speaking(),
        (
            1300,
            done("r1", *calls, says=("i1",)),
            [SendToolOutput("w2", refusal_output(UNKNOWN)), SetTurnTaking(enabled=False)],
        ),
        (2200, MarkPlayed("2"), [TO_SALES]),
    )


def test_of_two_goodbyes_one_counts() -> None:
    second = FunctionCall("e2", "end_call", "")
    play(
        speaking(),
        (1300, done("r1", END, second, says=("i1",)), [SendToolOutput("e2", refusal_output(MOVING))]),
        (2200, MarkPlayed("2"), [EndStream("goodbye", 2200)]),
    )


# --- a goodbye beside tools


ANSWERED: tuple[Step, ...] = (
    (
        1400,
        ToolFinished("t1", '"From nine."'),
        [SendToolOutput("t1", '"From nine."'), CreateResponse(ANSWER_THEN_GOODBYE, tools_allowed=False)],
    ),
)


@pytest.mark.parametrize("calls", [*permutations((HOURS, END))])
def test_a_goodbye_waits_until_the_answers_of_the_tools_were_heard(calls: tuple[FunctionCall, ...]) -> None:
    play(
        speaking(),
        (1300, done("r1", *calls, says=("i1",)), [ASK_HOURS]),
        *ANSWERED,
        (2200, MarkPlayed("2"), []),
        (2300, ResponseCreated("r2"), []),
        (2400, Says("r2", "i2", 900), [SendMark("3")]),
        (2500, done("r2", says=("i2",)), []),
        (3300, MarkPlayed("3"), [EndStream("goodbye", 3300)]),
    )


def test_a_caller_who_speaks_while_the_goodbye_waits_for_a_tool_stays() -> None:
    play(
        speaking(),
        (1300, done("r1", HOURS, END, says=("i1",)), [ASK_HOURS]),
        (
            1350,
            SpeechStarted("u1"),
            [
                ClearAudio(),
                TruncateItem("i1", 150, 0, 1000),
                SendToolOutput("e1", refusal_output("the caller went on talking")),
            ],
        ),
        (1400, ToolFinished("t1", "{}"), [SendToolOutput("t1", "{}")]),
    )


@pytest.mark.parametrize(
    ("then", "told", "orders"),
    [
        (WISH, "the caller is being put through", [SetTurnTaking(enabled=False)]),
        (FunctionCall("e2", "end_call", "{}"), "it is asked for once more", []),
    ],
)
def test_a_goodbye_that_waits_is_answered_when_something_else_takes_its_place(
    then: FunctionCall, told: str, orders: list[SetTurnTaking]
) -> None:
    play(
        speaking(),
        (1300, done("r1", HOURS, END, says=("i1",)), [ASK_HOURS]),
        (1400, ResponseCreated("r2"), []),
        (1500, Says("r2", "i2", 200), [SendMark("3")]),
        (1600, done("r2", then, says=("i2",)), [SendToolOutput("e1", refusal_output(told)), *orders]),
    )


# --- a transfer beside tools


def test_a_refused_transfer_is_answered_together_with_the_tools_of_its_response() -> None:
    play(
        speaking(),
        (1300, done("r1", HOURS, BAD_WISH, says=("i1",)), [ASK_HOURS, SendToolOutput("w2", refusal_output(UNKNOWN))]),
        (1400, ToolFinished("t1", "{}"), [SendToolOutput("t1", "{}"), CreateResponse()]),
    )


def test_a_transfer_waits_for_a_tool_of_its_response() -> None:
    play(
        speaking(),
        (1300, done("r1", HOURS, WISH, says=("i1",)), [ASK_HOURS, SetTurnTaking(enabled=False)]),
        (2200, MarkPlayed("2"), []),
        (3000, ToolFinished("t1", "{}"), [SendToolOutput("t1", "{}"), TO_SALES]),
    )


def test_a_transfer_does_not_wait_for_a_tool_for_ever() -> None:
    play(
        speaking(),
        (1300, done("r1", HOURS, WISH, says=("i1",)), [ASK_HOURS, SetTurnTaking(enabled=False)]),
        (2200, MarkPlayed("2"), []),
        (5200, DUE, [TO_SALES]),
        (5300, ToolFinished("t1", "{}"), [SendToolOutput("t1", "{}")]),
    )


# --- refusals are counted


def test_after_two_refusals_of_a_transfer_whoever_is_there_is_rung() -> None:
    first = FunctionCall("w3", "transfer_to_human", "{")
    call = speaking()
    play(
        call,
        (1300, CallStarted("r1", "transfer_to_human"), [SetTurnTaking(enabled=False)]),
        (
            1400,
            done("r1", first, says=("i1",)),
            [
                SendToolOutput("w3", refusal_output("bad arguments: Input data was truncated")),
                SetTurnTaking(enabled=True),
                CreateResponse(),
            ],
        ),
        (1500, ResponseCreated("r2"), []),
        (1600, Says("r2", "i2", 1000), [SendMark("3")]),
        (1700, done("r2", BAD_WISH, says=("i2",)), [SetTurnTaking(enabled=False)]),
        (2200, MarkPlayed("2"), []),
        (3200, MarkPlayed("3"), [Transfer("w2", "", "angry", "", announce=False)]),
    )


def test_a_name_that_the_transfer_function_does_not_know_is_not_tried_for_ever() -> None:
    call = greeted()
    at_ms = 2000
    for number in (1, 2):
        wish = FunctionCall(f"w{number}", "transfer_to_human", '{"destination":"sales","summary":"A bill."}')
        told = SendToolOutput(f"w{number}", transfer_output("unknown_destination", ""))
        play(
            call,
            (at_ms, ResponseCreated(f"r{number}"), []),
            (at_ms, Says(f"r{number}", f"i{number}", 200), [SendMark(str(number + 1))]),
            (at_ms, done(f"r{number}", wish, says=(f"i{number}",)), [SetTurnTaking(enabled=False)]),
            (
                at_ms + 200,
                MarkPlayed(str(number + 1)),
                [Transfer(f"w{number}", "sales", "", "A bill.", announce=False)],
            ),
            (
                at_ms + 300,
                TransferFinished(f"w{number}", "unknown_destination"),
                [told, SetTurnTaking(enabled=True), CreateResponse()],
            ),
        )
        at_ms += 1000

    play(
        call,
        (at_ms, ResponseCreated("r3"), []),
        (at_ms, Says("r3", "i3", 200), [SendMark("4")]),
        (at_ms, done("r3", replace(WISH, call_id="w3"), says=("i3",)), [SetTurnTaking(enabled=False)]),
        (at_ms + 200, MarkPlayed("4"), [Transfer("w3", "", "", "", announce=False)]),
    )


# --- names


@pytest.mark.parametrize("name", ["functions.transfer_to_human", "Transfer-To-Human"])
def test_the_name_of_the_transfer_is_folded(name: str) -> None:
    play(
        speaking(),
        (1250, CallStarted("r1", name), [SetTurnTaking(enabled=False)]),
        (1300, done("r1", FunctionCall("w1", name, WISH.arguments), says=("i1",)), []),
        (2200, MarkPlayed("2"), [TO_SALES]),
    )


def test_a_key_during_the_goodbye_is_waited_for() -> None:
    """0 is a person, also where the last word is heard before it is sure that no other key follows."""
    play(
        speaking(),
        (1300, done("r1", END, says=("i1",)), []),
        (2100, KeyPressed("0"), []),
        (2200, MarkPlayed("2"), []),
        (
            3600,
            DUE,
            [
                SendToolOutput("e1", refusal_output("the caller pressed 0 for a person")),
                SetTurnTaking(enabled=False),
                Transfer("MZ1-1", "", "the caller pressed 0", "", announce=True),
            ],
        ),
    )


def test_people_are_not_rung_for_ever_while_the_caller_says_nothing() -> None:
    call = greeted()
    at_ms = 2000
    for number in range(1, FRUITLESS_TRANSFERS + 2):
        wish = FunctionCall(f"w{number}", "transfer_to_human", "{}")
        says: tuple[Step, ...] = (
            (at_ms, ResponseCreated(f"q{number}"), []),
            (at_ms, Says(f"q{number}", f"q{number}", 200), [SendMark(str(number + 1))]),
        )
        if number > FRUITLESS_TRANSFERS:
            told = refusal_output("nobody could be reached; say so, and wait for what the caller says")
            ends = done(f"q{number}", wish, says=(f"q{number}",))
            play(call, *says, (at_ms, ends, [SendToolOutput(f"w{number}", told), CreateResponse(tools_allowed=False)]))
            break
        play(
            call,
            *says,
            (at_ms, done(f"q{number}", wish, says=(f"q{number}",)), [SetTurnTaking(enabled=False)]),
            (at_ms + 200, MarkPlayed(str(number + 1)), [Transfer(f"w{number}", "", "", "", announce=False)]),
            (
                at_ms + 300,
                TransferFinished(f"w{number}", "closed"),
                [
                    SendToolOutput(f"w{number}", transfer_output("closed", "")),
                    SetTurnTaking(enabled=True),
                    CreateResponse(),
                ],
            ),
        )
        at_ms += 1000


def test_a_function_call_that_comes_again_is_the_same_one() -> None:
    """A booking must not be made twice because a message came twice."""
    play(
        speaking(),
        (1300, done("r1", HOURS, HOURS, says=("i1",)), [ASK_HOURS]),
        (1310, done("r1", HOURS, says=("i1",)), []),
        (1400, ToolFinished("t1", "{}"), [SendToolOutput("t1", "{}"), CreateResponse()]),
    )


def test_of_too_many_calls_in_one_response_the_first_are_made() -> None:
    many = [FunctionCall(f"t{number}", "opening_hours", "{}") for number in range(MOST_CALLS + 1)]
    told = SendToolOutput(f"t{MOST_CALLS}", refusal_output(f"a response may call {MOST_CALLS} functions"))
    runs = [RunTool(each.call_id, each.name, each.arguments) for each in many[:MOST_CALLS]]

    play(speaking(), (1300, done("r1", *many, says=("i1",)), [told, *runs]))
