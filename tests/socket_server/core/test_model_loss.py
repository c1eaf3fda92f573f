"""What becomes of the call when its model is lost."""

import pytest

from socket_server.core.actions import (
    Action,
    AddMessage,
    ClearAudio,
    CloseModel,
    CreateResponse,
    EndStream,
    ForwardHeldAudio,
    OpenModel,
    RecordTurn,
    RunTool,
    SendMark,
    SetTurnTaking,
    Transfer,
)
from socket_server.core.conversation import Conversation
from socket_server.core.events import (
    AudioFinished,
    CallAdmitted,
    CallerTranscribed,
    CallStarted,
    ErrorKind,
    FunctionCall,
    KeyPressed,
    MarkPlayed,
    ModelError,
    ModelLost,
    ModelOpened,
    ResponseCreated,
    ResponseDone,
    SpeechStarted,
    SpeechStopped,
    ToolFinished,
    TranscriptGrew,
)
from socket_server.core.model_loss import PASSING_ERRORS, STEADY_MS
from socket_server.core.opening import GO_ON, INTERRUPTED, Opening
from socket_server.core.recorded_greeting import Recorded
from socket_server.core.transfer_messages import GOODBYE
from tests.socket_server.scripts import DUE, READY, Frame, Says, Step, done, greeted, new_call, play

LOST = ModelLost("closed with 1001")
GONE = ModelLost("HTTP 401", hopeless=True)
END = FunctionCall("e1", "end_call", "{}")
HOURS = FunctionCall("t1", "opening_hours", "{}")
TO_A_PERSON = Transfer("MZ1-1", "", "the assistant failed", "", announce=True)
HELLO = AddMessage("assistant", "Hello.")
NOTE = AddMessage("system", INTERRUPTED)
GOES_ON = CreateResponse(f"Be brief.\n\n{INTERRUPTED} {GO_ON}")
BEGINS_ANEW: list[Step] = [(1100, LOST, [OpenModel()]), (1110, Frame(), ["hold"])]


def answering(words: str = "One two three four.") -> Conversation:
    """At 1300: all that response r1 has to say is in the phone's buffer, ten seconds of it, and nothing was heard."""
    call = greeted()
    play(
        call,
        (1100, ResponseCreated("r1"), []),
        (1200, TranscriptGrew("r1", "i1", words), []),
        (1200, Says("r1", "i1", 10_000), [SendMark("2")]),
        (1250, AudioFinished("r1", "i1"), []),
        (1300, done("r1", says=("i1",)), []),
    )
    return call


# --- a second attempt


def test_a_lost_session_is_replaced_by_one_that_knows_what_was_said_and_the_caller_notices_nothing() -> None:
    play(
        greeted(),
        *BEGINS_ANEW,
        (1200, ModelOpened(), [HELLO, NOTE]),
        (1300, READY, [ForwardHeldAudio()]),
        (1310, Frame(), ["forward"]),
    )


def test_what_the_caller_said_and_typed_is_known_too() -> None:
    play(
        greeted(),
        (1100, SpeechStarted("u1"), []),
        (1200, SpeechStopped("u1"), []),
        (1250, CallerTranscribed("u1", "Order"), [RecordTurn(1100, "caller", "Order", "Order")]),
        (1300, KeyPressed("5"), []),
        (2800, DUE, [RecordTurn(2800, "keys", "5", "5"), typed("5")]),
        (2900, LOST, [OpenModel()]),
        (3000, ModelOpened(), [HELLO, AddMessage("user", "Order"), typed("5"), NOTE, GOES_ON]),
    )


def typed(keys: str) -> AddMessage:
    return AddMessage("user", f"(The caller pressed these keys on the phone: {keys})")


def test_what_was_before_this_stream_is_told_first() -> None:
    call = new_call(Opening("Say that you are back.", (AddMessage("user", "A person, please."),)))
    play(
        call,
        (400, ModelOpened(), [AddMessage("user", "A person, please."), CreateResponse("Say that you are back.")]),
        (500, READY, [ForwardHeldAudio()]),
        (600, LOST, [OpenModel()]),
        (700, ModelOpened(), [AddMessage("user", "A person, please."), NOTE, GOES_ON]),
    )


def test_an_answer_that_is_in_the_phone_s_buffer_is_heard_to_its_end() -> None:
    play(
        answering(),
        (1400, LOST, [OpenModel()]),
        (1500, ModelOpened(), [HELLO, AddMessage("assistant", "One two three four."), NOTE]),
        (1600, READY, [ForwardHeldAudio()]),
        (4100, DUE, []),
        (11_200, MarkPlayed("2"), [RecordTurn(1200, "model", "One two three four.", "One two three four.")]),
    )


def test_what_the_new_session_does_not_know_is_never_named_to_it() -> None:
    play(
        answering(),
        (1400, LOST, [OpenModel()]),
        (1500, ModelOpened(), [HELLO, AddMessage("assistant", "One two three four."), NOTE]),
        (1600, READY, [ForwardHeldAudio()]),
        (1700, SpeechStarted("u1"), [ClearAudio(), RecordTurn(1200, "model", "One two three four.", "")]),
    )


def test_a_sentence_that_broke_off_with_its_session_is_gone_on_with() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, TranscriptGrew("r1", "i1", "One"), []),
        (1200, Says("r1", "i1", 300), [SendMark("2")]),
        (1300, LOST, [OpenModel()]),
        (1400, ModelOpened(), [HELLO, AddMessage("assistant", "One"), NOTE, GOES_ON]),
    )


def test_a_recorded_greeting_that_is_being_played_is_known_to_the_next_session() -> None:
    call = new_call(Opening("Greet.", recorded=Recorded("Hello.", b"\x11" * 1600)))
    told = AddMessage("assistant", "Hello.", "recorded_greeting", first=True)
    call.receive(CallAdmitted(), 10)
    play(
        call,
        (60, ModelOpened(), [told]),
        (100, READY, [ForwardHeldAudio()]),
        (110, LOST, [OpenModel()]),
        (120, ModelOpened(), [HELLO, NOTE]),
        (130, READY, [ForwardHeldAudio()]),
        (150, SpeechStarted("u1"), [ClearAudio(), RecordTurn(10, "model", "Hello.", "")]),
    )


def test_a_tool_that_the_lost_session_called_is_told_of_in_words() -> None:
    answer = AddMessage("system", '(A tool that you called has answered. opening_hours {}: "From nine.")')
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, done("r1", HOURS), [RunTool("t1", "opening_hours", "{}")]),
        (1300, LOST, [OpenModel()]),
        (1400, ModelOpened(), [HELLO, NOTE]),
        (1500, READY, [ForwardHeldAudio()]),
        (1600, ToolFinished("t1", '"From nine."'), [answer, CreateResponse()]),
    )


def test_a_tool_that_answers_before_the_next_session_is_there_is_told_to_it() -> None:
    answer = AddMessage("system", "(A tool that you called has answered. opening_hours {}: 1)")
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, done("r1", HOURS), [RunTool("t1", "opening_hours", "{}")]),
        (1300, LOST, [OpenModel()]),
        (1350, ToolFinished("t1", "1"), []),
        (1400, ModelOpened(), [HELLO, NOTE, answer, GOES_ON]),
    )


def test_a_protected_sentence_leaves_the_next_session_its_own_turn_taking() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1150, Says("r1", "i1", 300), [SendMark("2")]),
        (1200, CallStarted("r1", "transfer_to_human"), [SetTurnTaking(enabled=False)]),
        (1250, LOST, [OpenModel()]),
        (1300, ModelOpened(), [HELLO, NOTE, GOES_ON]),
        (1400, READY, [ForwardHeldAudio()]),
        (1500, SpeechStarted("u1"), [ClearAudio()]),
    )


def test_a_goodbye_that_waits_for_a_tool_is_off() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, done("r1", HOURS, END), [RunTool("t1", "opening_hours", "{}")]),
        (1300, LOST, [OpenModel()]),
        (1400, ModelOpened(), [HELLO, NOTE]),
        (1500, READY, [ForwardHeldAudio()]),
        (1600, SpeechStarted("u1"), []),
    )


# --- how often


def test_there_is_one_second_attempt_and_then_a_person() -> None:
    play(greeted(), *BEGINS_ANEW, (1200, LOST, [TO_A_PERSON]), (1210, Frame(), ["drop"]))
    play(
        greeted(),
        *BEGINS_ANEW,
        (1200, ModelOpened(), [HELLO, NOTE]),
        (1300, READY, [ForwardHeldAudio()]),
        (1400, LOST, [TO_A_PERSON]),
    )


def test_a_spare_in_place_of_a_lost_session_may_be_lost_too() -> None:
    play(
        greeted(),
        *BEGINS_ANEW,
        (1150, ModelLost("closed with 1001", spare=True), [OpenModel(fresh=True)]),
        (1200, ModelOpened(), [HELLO, NOTE]),
    )


def test_a_session_that_was_steady_is_worth_another_attempt() -> None:
    call = greeted()
    play(call, *BEGINS_ANEW, (1200, ModelOpened(), [HELLO, NOTE]), (1300, READY, [ForwardHeldAudio()]))
    at_ms = 1300 + STEADY_MS
    call.receive(SpeechStarted("u1"), at_ms - 100)
    call.receive(SpeechStopped("u1"), at_ms - 50)

    assert call.receive(LOST, at_ms) == [OpenModel()]


@pytest.mark.parametrize("event", [GONE, ModelLost("closed with 1001", spare=True, hopeless=True)])
def test_what_another_session_would_be_refused_for_too_is_not_tried_again(event: ModelLost) -> None:
    play(greeted(), (1100, event, [TO_A_PERSON]))


@pytest.mark.parametrize("kind", [kind for kind in ErrorKind if kind in PASSING_ERRORS])
def test_an_error_of_the_moment_is_worth_a_second_attempt(kind: ErrorKind) -> None:
    opened: Step = (400, ModelOpened(), [CreateResponse("Greet the caller.")])
    play(new_call(), opened, (500, ModelError(kind), [OpenModel()]), (600, ModelError(kind), ENDED))


ENDED: list[Action | str] = [CloseModel(), TO_A_PERSON]


def test_a_session_that_expired_goes_on_in_another() -> None:
    play(greeted(), (1100, ModelError(ErrorKind.SESSION_EXPIRED), [OpenModel()]))
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, ResponseDone("r1", "failed", error=ModelError(ErrorKind.SESSION_EXPIRED)), [OpenModel()]),
        (1300, ModelOpened(), [HELLO, NOTE, GOES_ON]),
    )


# --- no model is left


def test_a_person_is_asked_for_when_what_is_in_the_buffer_was_heard() -> None:
    heard = RecordTurn(1200, "model", "One two three four.", "One two three four.")
    play(
        answering(),
        (1400, GONE, []),
        (11_200, MarkPlayed("2"), [heard, TO_A_PERSON]),
    )


def test_a_last_mark_that_never_comes_keeps_nobody_from_a_person() -> None:
    play(answering(), (1400, GONE, []), (4400, DUE, []), (14_200, DUE, [TO_A_PERSON]))


def test_a_recorded_greeting_is_heard_before_a_person_is_rung() -> None:
    call = new_call(Opening("Greet.", recorded=Recorded("Hello.", b"\x11" * 1600)))
    call.receive(CallAdmitted(), 10)
    heard = RecordTurn(10, "model", "Hello.", "Hello.")

    play(call, (60, GONE, []), (210, MarkPlayed("1"), [heard, TO_A_PERSON]))


def test_a_goodbye_that_the_model_could_not_say_is_left_to_the_network() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, done("r1", END), [CreateResponse(GOODBYE, tools_allowed=False)]),
        (1300, LOST, [EndStream("goodbye_unsaid", 1300)]),
    )


def test_an_answer_that_waited_for_a_rate_limit_is_asked_for_in_the_next_session() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1150, ResponseDone("r1", "failed", error=ModelError(ErrorKind.RATE_LIMIT)), []),
        (1200, LOST, [OpenModel()]),
        (1300, ModelOpened(), [HELLO, NOTE, GOES_ON]),
    )


def test_a_tool_that_answers_while_the_next_session_gets_ready_is_answered_by_it() -> None:
    answer = AddMessage("system", "(A tool that you called has answered. opening_hours {}: 1)")
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, done("r1", HOURS), [RunTool("t1", "opening_hours", "{}")]),
        (1300, LOST, [OpenModel()]),
        (1400, ModelOpened(), [HELLO, NOTE]),
        (1450, ToolFinished("t1", "1"), [answer]),
        (1500, READY, [ForwardHeldAudio(), CreateResponse()]),
    )


def test_a_sentence_that_a_lost_session_did_not_end_is_a_turn_when_it_was_heard() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, TranscriptGrew("r1", "i1", "One"), []),
        (1200, Says("r1", "i1", 100), []),
        (1250, LOST, [SendMark("2"), OpenModel()]),
        (1300, MarkPlayed("2"), [RecordTurn(1200, "model", "One", "One")]),
    )


def test_a_sentence_that_was_heard_in_the_moment_of_the_loss_is_known_too() -> None:
    expired = ModelError(ErrorKind.SESSION_EXPIRED)
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, TranscriptGrew("r1", "i1", "It is ready."), []),
        (1200, Says("r1", "i1", 600), [SendMark("2")]),
        (1210, AudioFinished("r1", "i1"), []),
        (1850, MarkPlayed("2"), []),
        (
            1900,
            ResponseDone("r1", "failed", message_ids=("i1",), error=expired),
            [RecordTurn(1200, "model", "It is ready.", "It is ready."), OpenModel()],
        ),
        (1950, ModelOpened(), [HELLO, AddMessage("assistant", "It is ready."), NOTE, GOES_ON]),
    )


def test_what_failed_in_the_lost_session_is_not_held_against_the_next_one() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, ResponseDone("r1", "failed", error=ModelError(ErrorKind.SESSION_EXPIRED)), [OpenModel()]),
        (1300, ModelOpened(), [HELLO, NOTE, GOES_ON]),
        (1350, READY, [ForwardHeldAudio()]),
        (1400, ResponseCreated("r2", ours=True), []),
        (1500, ResponseDone("r2", "failed", error=ModelError(ErrorKind.SERVER)), [GOES_ON]),
    )


def test_noise_of_a_lost_model_is_cleared_before_a_person_is_asked_for() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, Says("r1", "i1", 10_000), [SendMark("2")]),
        (
            1300,
            ModelLost("no audio", hopeless=True, noise=True),
            [ClearAudio("2"), TO_A_PERSON],
        ),
    )
