"""The tools that run, and what they answer."""

from dataclasses import replace

import pytest

from socket_server.core.actions import CreateResponse, RunTool, SendMark, SendToolOutput
from socket_server.core.conversation import Conversation
from socket_server.core.events import FunctionCall, MarkPlayed, ResponseCreated, ToolFinished
from socket_server.core.tool_answers import ONE_MOMENT, OUTPUT_CHARACTERS, TOOL_CHARACTERS, TOOL_ROUNDS, make_turn
from socket_server.core.transfer_messages import refusal_output
from tests.socket_server.scripts import DUE, Says, done, greeted, play

HOURS = FunctionCall("t1", "opening_hours", "null")
ASK_HOURS = RunTool("t1", "opening_hours", "null")


def speaking() -> Conversation:
    """At 1200: response r1 has said a second, which is heard until 2200."""
    call = greeted()
    play(call, (1100, ResponseCreated("r1"), []), (1200, Says("r1", "i1", 1000), [SendMark("2")]))
    return call


def test_rounds_of_tools_without_a_word_are_bounded() -> None:
    call = greeted()
    play(call, (1100, ResponseCreated("q0"), []))
    for number in range(1, TOOL_ROUNDS + 1):
        asks = CreateResponse(tools_allowed=number < TOOL_ROUNDS)
        tool = FunctionCall(f"t{number}", "opening_hours", "")
        last = number - 1
        play(
            call,
            (1100 + 100 * number, done(f"q{last}", tool), [RunTool(f"t{number}", "opening_hours", "")]),
            (1120 + 100 * number, ToolFinished(f"t{number}", "{}"), [SendToolOutput(f"t{number}", "{}"), asks]),
            (1150 + 100 * number, ResponseCreated(f"q{number}"), []),
        )

    at_ms = 1200 + 100 * TOOL_ROUNDS
    play(
        call,
        (at_ms, Says(f"q{TOOL_ROUNDS}", "i1", 200), [SendMark("2")]),
        (
            at_ms,
            done(f"q{TOOL_ROUNDS}", replace(HOURS, call_id="t9"), says=("i1",)),
            [replace(ASK_HOURS, call_id="t9")],
        ),
        (at_ms + 10, ToolFinished("t9", "{}"), [SendToolOutput("t9", "{}"), CreateResponse()]),
    )


@pytest.mark.parametrize(("arguments", "turn"), [("", "f {}: 1"), ('{"a":2}', 'f {"a":2}: 1')])
def test_a_tool_s_run_is_a_turn(arguments: str, turn: str) -> None:
    assert make_turn("f", arguments, "1") == turn


def test_to_say_that_it_takes_a_moment_is_no_answer() -> None:
    """A model that looks things up for ever, and says so now and then, is asked for an answer all the same."""
    call = greeted()
    at_ms = 1000
    for number in range(1, TOOL_ROUNDS + 1):
        last = number == TOOL_ROUNDS
        tool = FunctionCall(f"t{number}", "opening_hours", "{}")
        play(
            call,
            (at_ms, ResponseCreated(f"q{number}", ours=number > 1), []),
            (at_ms, done(f"q{number}", tool), [RunTool(f"t{number}", "opening_hours", "{}")]),
            (at_ms + 3000, DUE, [ONE_MOMENT]),
            (at_ms + 3100, ResponseCreated(f"f{number}", ours=True), []),
            (at_ms + 3200, Says(f"f{number}", f"f{number}", 300), [SendMark(str(number + 1))]),
            (at_ms + 3200, done(f"f{number}", says=(f"f{number}",)), []),
            (at_ms + 3500, MarkPlayed(str(number + 1)), []),
            (
                at_ms + 3500,
                ToolFinished(f"t{number}", "{}"),
                [SendToolOutput(f"t{number}", "{}"), CreateResponse(tools_allowed=not last)],
            ),
        )
        at_ms += 3500


def test_what_a_tool_told_is_kept_up_to_a_length() -> None:
    assert len(make_turn("f", "{}", "x" * 10_000)) == TOOL_CHARACTERS


def test_an_answer_that_no_model_could_read_is_a_refusal() -> None:
    why = refusal_output(f"expected an answer of at most {OUTPUT_CHARACTERS} characters, got {OUTPUT_CHARACTERS + 1}")
    play(
        speaking(),
        (1300, done("r1", HOURS, says=("i1",)), [ASK_HOURS]),
        (1400, ToolFinished("t1", "x" * (OUTPUT_CHARACTERS + 1)), [SendToolOutput("t1", why), CreateResponse()]),
    )
