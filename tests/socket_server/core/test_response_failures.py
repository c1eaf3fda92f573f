"""Responses that came to nothing, or to half a sentence."""

import pytest

from socket_server.core.actions import (
    AddMessage,
    CloseModel,
    CreateResponse,
    EndStream,
    ForwardHeldAudio,
    RecordTurn,
    RunTool,
    SendMark,
    SendToolOutput,
    SetTurnTaking,
    Transfer,
)
from socket_server.core.events import (
    ErrorKind,
    FunctionCall,
    KeyPressed,
    MarkPlayed,
    ModelError,
    ModelOpened,
    ResponseCreated,
    ResponseDone,
    SpeechStarted,
    SpeechStopped,
    ToolFinished,
)
from socket_server.core.response_failures import CUT_OFF
from socket_server.core.silence import CHECK_IN
from socket_server.core.tool_answers import ONE_MOMENT
from socket_server.core.transfer_messages import ANNOUNCE, GOODBYE
from tests.socket_server.scripts import (
    DUE,
    READY,
    Says,
    Step,
    beep,
    done,
    greeted,
    new_call,
    play,
)

END = FunctionCall("e1", "end_call", "{}")
HOURS = FunctionCall("c1", "opening_hours", "{}")
ASK_HOURS = RunTool("c1", "opening_hours", "{}")
GO_ON = CreateResponse(f"Be brief.\n\n{CUT_OFF}")
PRESSED_7 = AddMessage("user", "(The caller pressed these keys on the phone: 7)")
BY_KEY = Transfer("MZ1-1", "", "the caller pressed 0", "", announce=True)
TO_A_PERSON = Transfer("MZ1-1", "", "the assistant failed", "", announce=True)


def test_a_response_that_failed_is_asked_for_once_more_then_a_person() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, ResponseDone("r1", "failed", error=ModelError(ErrorKind.SERVER)), [CreateResponse()]),
        (1300, ResponseCreated("r2"), []),
        (1400, ResponseDone("r2", "incomplete", error=ModelError(code="content_filter")), [CloseModel(), TO_A_PERSON]),
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


def test_after_a_fatal_error_no_response_is_waited_for() -> None:
    refused = ModelError(ErrorKind.ACCOUNT, "insufficient_quota")
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, ResponseDone("r1", "failed", error=refused), [CloseModel(), TO_A_PERSON]),
    )
    play(greeted(), (1100, refused, [CloseModel(), TO_A_PERSON]))


SAID_HALF: tuple[Step, ...] = (
    (1100, ResponseCreated("r1"), []),
    (1200, Says("r1", "i1", 300), [SendMark("2")]),
)


@pytest.mark.parametrize("reason", ["content_filter", "max_output_tokens"])
def test_a_sentence_that_broke_off_in_the_middle_is_asked_for_again_then_a_person(reason: str) -> None:
    play(
        greeted(),
        *SAID_HALF,
        (1300, ResponseDone("r1", "incomplete", message_ids=("i1",), error=ModelError(code=reason)), [GO_ON]),
        (1400, ResponseCreated("r2"), []),
        (1500, Says("r2", "i2", 300), [SendMark("3")]),
        (1600, ResponseDone("r2", "incomplete", message_ids=("i2",), error=ModelError(code=reason)), [CloseModel()]),
        (1800, MarkPlayed("3"), [TO_A_PERSON]),
    )


def test_failures_count_however_they_alternate_with_tools() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, ResponseDone("r1", "failed", error=ModelError(ErrorKind.SERVER)), [CreateResponse()]),
        (1300, ResponseCreated("r2"), []),
        (1400, done("r2", HOURS), [ASK_HOURS]),
        (1500, ToolFinished("c1", "{}"), [SendToolOutput("c1", "{}"), CreateResponse()]),
        (1600, ResponseCreated("r3"), []),
        (1700, ResponseDone("r3", "failed", error=ModelError(ErrorKind.SERVER)), [CloseModel(), TO_A_PERSON]),
    )


def test_a_rate_limit_is_waited_for_as_long_as_the_service_says() -> None:
    limited = ResponseDone("r1", "failed", error=ModelError(ErrorKind.RATE_LIMIT, retry_after_ms=1200))
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1150, limited, []),
        (2350, DUE, [CreateResponse()]),
        (2360, ResponseCreated("r2"), []),
        (2400, ResponseDone("r2", "failed", error=ModelError(ErrorKind.RATE_LIMIT)), []),
        (3400, DUE, [CreateResponse()]),
        (3500, ResponseCreated("r3"), []),
        (3600, Says("r3", "i3", 300), [SendMark("2")]),
    )


def test_a_rate_limit_that_lasts_longer_than_a_caller_waits_is_a_case_for_a_person() -> None:
    limited = ResponseDone("r1", "failed", error=ModelError(ErrorKind.RATE_LIMIT, retry_after_ms=20_000))
    play(greeted(), (1100, ResponseCreated("r1"), []), (1150, limited, [CloseModel(), TO_A_PERSON]))


def test_a_rate_limit_that_does_not_end_is_a_case_for_a_person() -> None:
    call = greeted()
    play(call, (1100, ResponseCreated("r1"), []))
    for number in range(1, 4):
        limited = ResponseDone(f"r{number}", "failed", error=ModelError(ErrorKind.RATE_LIMIT, retry_after_ms=2500))
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
        (1150, ResponseDone("r1", "failed", error=ModelError(ErrorKind.RATE_LIMIT)), []),
        (1500, SpeechStarted("u1"), []),
        (2000, SpeechStopped("u1"), []),
        (2400, ResponseCreated("r2"), []),
    )


def test_a_rate_limit_is_not_waited_for_once_a_person_is_asked_for() -> None:
    play(
        greeted(),
        (1000, KeyPressed("0"), []),
        (1100, ResponseCreated("r1"), []),
        (2150, ResponseDone("r1", "failed", error=ModelError(ErrorKind.RATE_LIMIT)), []),
        (2500, DUE, [SetTurnTaking(enabled=False), BY_KEY]),
        (3150, DUE, []),
    )


# --- what is asked for once more is what was asked for


def test_a_greeting_that_failed_is_asked_for_again_in_its_own_words() -> None:
    greet = CreateResponse("Greet the caller.")
    play(
        new_call(),
        (50, ModelOpened(), [greet]),
        (100, READY, [ForwardHeldAudio()]),
        (300, ResponseCreated("r0", ours=True), []),
        (400, ResponseDone("r0", "failed", error=ModelError(ErrorKind.SERVER)), [greet]),
    )


def test_to_say_that_it_takes_a_moment_is_not_tried_again() -> None:
    """A response with tools in its place could run the tool twice."""
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1150, done("r1", HOURS), [ASK_HOURS]),
        (4100, DUE, [ONE_MOMENT]),
        (4200, ResponseCreated("r2", ours=True), []),
        (4300, ResponseDone("r2", "failed", error=ModelError(ErrorKind.SERVER)), []),
        (7100, DUE, [ONE_MOMENT]),
    )


@pytest.mark.parametrize(
    ("error", "wait_ms"),
    [
        (ModelError(ErrorKind.SERVER, of_request=True), 0),
        (ModelError(ErrorKind.RATE_LIMIT, of_request=True, retry_after_ms=500), 500),
        (ModelError(ErrorKind.RATE_LIMIT), 1000),
    ],
)
def test_a_request_that_the_service_refused_with_an_error_is_made_again(error: ModelError, wait_ms: int) -> None:
    call = greeted()
    play(
        call,
        (1100, ResponseCreated("r1"), []),
        (1150, done("r1", HOURS), [ASK_HOURS]),
        (1200, ToolFinished("c1", "{}"), [SendToolOutput("c1", "{}"), CreateResponse()]),
        (1300, error, [] if wait_ms else [CreateResponse()]),
    )
    if wait_ms:
        play(call, (1300 + wait_ms, DUE, [CreateResponse()]))


def test_an_error_that_no_request_caused_asks_for_nothing() -> None:
    play(greeted(), (1100, ModelError(ErrorKind.RATE_LIMIT), []))


# --- the goodbye


def test_a_goodbye_that_failed_is_tried_once_more_and_then_left_to_the_network() -> None:
    says_goodbye = CreateResponse(GOODBYE, tools_allowed=False)
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1150, done("r1", END), [says_goodbye]),
        (1200, ResponseCreated("r2"), []),
        (1300, ResponseDone("r2", "failed", error=ModelError(ErrorKind.SERVER)), [says_goodbye]),
        (1400, ModelError(ErrorKind.SERVER, of_request=True), [EndStream("goodbye_unsaid", 1400)]),
    )


def test_a_goodbye_that_was_said_at_the_second_try_is_one() -> None:
    says_goodbye = CreateResponse(GOODBYE, tools_allowed=False)
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1150, done("r1", END), [says_goodbye]),
        (1200, ResponseCreated("r2"), []),
        (1300, ResponseDone("r2", "failed", error=ModelError(ErrorKind.SERVER)), [says_goodbye]),
        (1400, ResponseCreated("r3"), []),
        (1500, Says("r3", "i3", 200), [SendMark("2")]),
        (1600, done("r3", says=("i3",)), []),
        (1700, MarkPlayed("2"), [EndStream("goodbye", 1700)]),
    )


def test_an_announcement_that_the_service_refused_is_left_to_the_network() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (
            1150,
            done("r1", FunctionCall("w1", "transfer_to_human", "{}")),
            [SetTurnTaking(enabled=False), CreateResponse(ANNOUNCE, tools_allowed=False)],
        ),
        (1200, ModelError(ErrorKind.SERVER, of_request=True), [Transfer("w1", "", "", "", announce=True)]),
    )


def test_a_rate_limit_that_says_at_once_is_not_asked_hundreds_of_times() -> None:
    limited = ResponseDone("r1", "failed", error=ModelError(ErrorKind.RATE_LIMIT, retry_after_ms=0))
    play(greeted(), (1100, ResponseCreated("r1"), []), (1150, limited, []), (1400, DUE, [CreateResponse()]))


def test_what_is_asked_for_while_a_rate_limit_is_waited_for_takes_its_place() -> None:
    limit = ModelError(ErrorKind.RATE_LIMIT, retry_after_ms=5000)
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, ResponseDone("r1", "failed", error=limit), []),
        (1300, KeyPressed("7"), []),
        (2800, DUE, [RecordTurn(2800, "keys", "7", "7"), PRESSED_7, CreateResponse()]),
        (2900, ResponseCreated("r2", ours=True), []),
        (3000, Says("r2", "i2", 600), [SendMark("2")]),
        (3010, done("r2", says=("i2",)), []),
        (3700, MarkPlayed("2"), []),
        (13_700, DUE, [CreateResponse(f"Be brief.\n\n{CHECK_IN}")]),  # and nothing at 6200
    )


def test_a_rate_limited_goodbye_waits_as_long_as_the_service_says() -> None:
    limit = ModelError(ErrorKind.RATE_LIMIT, of_request=True, retry_after_ms=500)
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, done("r1", END), [CreateResponse(GOODBYE, tools_allowed=False)]),
        (1210, limit, []),
        (1710, DUE, [CreateResponse(GOODBYE, tools_allowed=False)]),
        (1720, limit, [EndStream("goodbye_unsaid", 1720)]),
    )


def test_a_request_that_comes_through_after_all_is_not_made_again() -> None:
    call = new_call()
    play(
        call,
        (50, ModelOpened(), [CreateResponse("Greet the caller.")]),
        (100, READY, [ForwardHeldAudio()]),
        (110, ModelError(ErrorKind.RATE_LIMIT, retry_after_ms=500), []),
        (120, ResponseCreated("r0", ours=True), []),
        (200, Says("r0", "i0", 600), [SendMark("1")]),
        (210, done("r0", says=("i0",)), []),
        (800, MarkPlayed("1"), []),
        (10_800, DUE, [CreateResponse(f"Be brief.\n\n{CHECK_IN}")]),  # and nothing at 610
    )
