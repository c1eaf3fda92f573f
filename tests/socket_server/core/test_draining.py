"""A call goes on elsewhere: its session is over, or its process has to go."""

import pytest

from socket_server.core.actions import (
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
from socket_server.core.agent import Agent, Limits
from socket_server.core.conversation import Conversation
from socket_server.core.events import (
    Draining,
    FunctionCall,
    KeyPressed,
    MarkPlayed,
    PhoneStopped,
    ResponseCreated,
    SpeechStarted,
    SpeechStopped,
    ToolFinished,
    TranscriptGrew,
    TransferFinished,
)
from tests.socket_server.scripts import (
    DUE,
    READY,
    Frame,
    Says,
    Step,
    done,
    greeted,
    new_call,
    play,
)

WISH = FunctionCall("c1", "transfer_to_human", "{}")
SHORT = Agent("Be brief.", "Greet.", limits=Limits(session_minutes=1, silence_seconds=120))
BY_KEY = Transfer("MZ1-1", "", "the caller pressed 0", "", announce=True)
MINUTE = 60_000


def short_session() -> Conversation:
    """A call whose session is over after a minute; greeted in silence at 1000, with a frame of the caller's."""
    call = new_call(agent=SHORT)
    play(
        call,
        (100, READY, [ForwardHeldAudio(), CreateResponse("Greet the caller.")]),
        (200, ResponseCreated("r0"), []),
        (300, Says("r0", "i0", 600), [SendMark("1")]),
        (400, done("r0", says=("i0",)), []),
        (900, MarkPlayed("1"), []),
        (1000, Frame(), ["forward"]),
    )
    return call


def test_a_session_that_is_over_goes_on_elsewhere_at_a_pause() -> None:
    play(short_session(), (MINUTE, DUE, [EndStream("draining", MINUTE)]))


# What keeps a session from ending, and the moment after which it may.
SPEAKING: tuple[Step, ...] = (
    (57_000, SpeechStarted("u1"), []),
    (59_500, DUE, []),  # a look whether the caller still speaks
    (MINUTE, DUE, []),
    (60_100, SpeechStopped("u1"), []),
    (60_600, ResponseCreated("r1"), []),
    (60_700, Says("r1", "i1", 1000), [SendMark("2")]),
    (60_800, done("r1", says=("i1",)), []),
)


def test_a_session_that_is_over_waits_until_question_and_answer_were_heard() -> None:
    play(short_session(), *SPEAKING, (61_700, MarkPlayed("2"), [EndStream("draining", 61_700)]))


def test_a_session_that_is_over_waits_for_a_tool() -> None:
    hours = FunctionCall("c1", "opening_hours", "{}")

    play(
        short_session(),
        (59_000, ResponseCreated("r1"), []),
        (59_100, done("r1", hours), [RunTool("c1", "opening_hours", "{}")]),
        (MINUTE, DUE, []),
        (60_100, ToolFinished("c1", "{}"), [SendToolOutput("c1", "{}"), CreateResponse()]),
    )


def test_a_session_that_is_over_does_not_wait_for_a_pause_for_ever() -> None:
    call = short_session()
    play(
        call,
        (58_900, ResponseCreated("r1"), []),
        (59_000, Says("r1", "i1", 3 * MINUTE), [SendMark("2")]),
        (MINUTE, DUE, []),
        (60_100, Frame(), ["forward"]),
        (61_900, DUE, []),
        (2 * MINUTE, DUE, []),
        (2 * MINUTE, Frame(), ["forward"]),
        (3 * MINUTE, DUE, [EndStream("draining", 3 * MINUTE)]),
    )


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
    )


# --- a process that has to go

DRAIN = Draining(pause_from_ms=10_000, latest_ms=16_000)
HANDING_OVER: tuple[Step, ...] = (
    (1100, ResponseCreated("r1"), []),
    (1200, Says("r1", "i1", 900), [SendMark("2")]),
    (1300, done("r1", WISH, says=("i1",)), [SetTurnTaking(enabled=False)]),
)


def test_a_call_goes_on_until_the_time_is_up_and_then_elsewhere_at_a_pause() -> None:
    play(
        greeted(),
        (1100, DRAIN, []),
        (1200, ResponseCreated("r1"), []),
        (1300, Says("r1", "i1", 200), [SendMark("2")]),
        (1400, done("r1", says=("i1",)), []),
        (1500, MarkPlayed("2"), []),
        (10_000, DUE, [EndStream("draining", 10_000)]),
    )


def test_a_sentence_that_is_being_heard_when_the_time_is_up_is_heard_to_its_end() -> None:
    play(
        greeted(),
        (1100, DRAIN, []),
        (9900, ResponseCreated("r1"), []),
        (9950, TranscriptGrew("r1", "i1", "One two"), []),
        (9950, Says("r1", "i1", 1000), [SendMark("2")]),
        (10_000, DUE, []),
        (10_500, done("r1", says=("i1",)), []),
        (10_950, MarkPlayed("2"), [RecordTurn(9950, "model", "One two", "One two"), EndStream("draining", 10_950)]),
    )


def test_a_call_without_a_pause_is_cut_at_last_with_what_was_heard() -> None:
    play(
        greeted(),
        (1100, DRAIN, []),
        (9000, ResponseCreated("r1"), []),
        (10_000, DUE, []),
        (11_000, TranscriptGrew("r1", "i1", "One two"), []),
        (11_000, Says("r1", "i1", 10_000), [SendMark("2")]),
        (12_000, DUE, []),
        (16_000, DUE, [RecordTurn(11_000, "model", "One two", "One"), EndStream("draining", 16_000)]),
    )


def test_keys_that_are_being_typed_are_waited_for() -> None:
    play(
        greeted(),
        (1100, Draining(1100, 9000), [EndStream("draining", 1100)]),
    )
    play(
        greeted(),
        (1050, KeyPressed("0"), []),
        (1100, Draining(1100, 9000), []),
        (1100, DUE, []),
        (2550, DUE, [SetTurnTaking(enabled=False), BY_KEY]),
    )


def test_a_caller_who_has_heard_nothing_yet_is_greeted_elsewhere() -> None:
    play(new_call(), (100, Draining(100, 6100), [EndStream("draining", 100)]))


def test_a_hand_over_in_time_is_not_touched() -> None:
    play(
        greeted(),
        *HANDING_OVER,
        (1400, Draining(1400, 7400), []),
        (1400, DUE, []),
        (2100, MarkPlayed("2"), [Transfer("c1", "", "", "", announce=False)]),
        (2500, TransferFinished("c1", "moved"), [CloseModel()]),
        (2600, PhoneStopped(), [EndStream("transferred", 2600)]),
    )


def test_a_sentence_before_a_transfer_is_cut_at_last() -> None:
    play(greeted(), *HANDING_OVER, (1400, Draining(1400, 1400), [EndStream("draining", 1400)]))


def test_a_transfer_under_way_is_left_to_the_net_at_last() -> None:
    asked: Step = (2100, MarkPlayed("2"), [Transfer("c1", "", "", "", announce=False)])
    play(greeted(), *HANDING_OVER, asked, (2200, Draining(2200, 2200), [EndStream("draining", 2200)]))


def test_a_call_that_was_moved_ends_as_moved_at_last() -> None:
    play(
        greeted(),
        *HANDING_OVER,
        (2100, MarkPlayed("2"), [Transfer("c1", "", "", "", announce=False)]),
        (2500, TransferFinished("c1", "moved"), [CloseModel()]),
        (2600, Draining(2600, 2600), [EndStream("transferred", 2600)]),
    )


def test_a_goodbye_is_the_end_at_last() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, Says("r1", "i1", 900), [SendMark("2")]),
        (1300, done("r1", FunctionCall("c1", "end_call", "{}"), says=("i1",)), []),
        (1400, Draining(1400, 1600), []),
        (1400, DUE, []),
        (1600, DUE, [EndStream("goodbye", 1600)]),
    )


@pytest.mark.parametrize("later", [Draining(20_000, 26_000), Draining(10_000, 16_000), Draining(10_000, 26_000)])
def test_of_two_times_to_go_the_earlier_one_counts(later: Draining) -> None:
    play(greeted(), (1100, DRAIN, []), (1200, later, []), (10_000, DUE, [EndStream("draining", 10_000)]))
    play(greeted(), (1100, later, []), (1200, DRAIN, []), (10_000, DUE, [EndStream("draining", 10_000)]))


def test_a_process_that_must_go_later_than_the_session_ends_changes_nothing() -> None:
    play(short_session(), (1100, Draining(2 * MINUTE, 3 * MINUTE), []), (MINUTE, DUE, [EndStream("draining", MINUTE)]))


def test_the_time_to_go_may_come_while_a_session_that_is_over_waits_for_a_pause() -> None:
    play(
        short_session(),
        (59_000, SpeechStarted("u1"), []),
        (MINUTE, DUE, []),
        (60_100, Draining(70_000, 63_000), []),
        (60_100, DUE, []),
        (61_500, DUE, []),
        (63_000, DUE, [EndStream("draining", 63_000)]),
    )
