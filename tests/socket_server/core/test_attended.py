"""People ring while the caller goes on talking with the model."""

from dataclasses import replace

import pytest

from socket_server.core.actions import (
    AddMessage,
    Brief,
    CancelResponse,
    CancelTransfer,
    ClearAudio,
    CloseModel,
    Connect,
    CreateResponse,
    EndReason,
    EndStream,
    ForwardHeldAudio,
    OpenModel,
    RunTool,
    SendMark,
    SendToolOutput,
    SetTurnTaking,
    StopWatching,
    Transfer,
    TruncateItem,
    WatchAttempt,
)
from socket_server.core.attempt_events import AttemptChanged, AttemptState
from socket_server.core.conversation import Conversation
from socket_server.core.events import (
    CallAdmitted,
    CallStarted,
    Draining,
    ErrorKind,
    FunctionCall,
    KeyPressed,
    MarkPlayed,
    ModelError,
    ModelLost,
    ModelOpened,
    PhoneLost,
    PhoneStopped,
    ResponseCreated,
    SpeechStarted,
    SpeechStopped,
    ToolFinished,
    TransferFinished,
    TransferStatus,
)
from socket_server.core.function_calls import MOVING, NOBODY_REACHED, RINGS_ALREADY
from socket_server.core.opening import GO_ON, INTERRUPTED, Opening
from socket_server.core.phases import TransferStage
from socket_server.core.silence import RINGING_STILL
from socket_server.core.tool_answers import ONE_MOMENT
from socket_server.core.transfer_messages import (
    ANSWER_THEN_GOODBYE,
    CANCELLED,
    Ringing,
    announce_person,
    describe_change,
    refusal_output,
    ringing_output,
    transfer_output,
)
from tests.socket_server.scripts import (
    DUE,
    READY,
    Outcome,
    Says,
    ScriptEvent,
    beep,
    done,
    greeted,
    new_call,
    play,
)

MIXED = Opening("Greet the caller.", destinations=("sales", "workshop"), attended=frozenset({"sales"}))
ALWAYS = Opening("Greet the caller.", destinations=("sales",), attended=frozenset({"sales"}))
NEXT = Opening(
    "Go on.", destinations=("sales",), attended=frozenset({"sales"}), ringing=Ringing("c1", "sales", answered=True)
)
WISH = FunctionCall(
    "c1", "transfer_to_human", '{"destination":"sales","reason":"angry","summary":"A bill.","who":"Jo"}'
)
ASKED = Transfer("c1", "sales", "angry", "A bill.", announce=False, attended=True, brief=Brief("Jo"))
ASKED_AGAIN = Transfer("c2", "sales", "", "", announce=False, attended=True)
RINGS: list[Outcome] = [SendToolOutput("c1", ringing_output(2)), CreateResponse()]
NEVER_MIND = FunctionCall("n1", "cancel_transfer", "{}")
END = FunctionCall("e1", "end_call", "{}")
CANCEL = CancelTransfer("c1", "cancelled_by_caller")
ANNOUNCE = CreateResponse(announce_person("Anna"), tools_allowed=False)
CONNECT = Connect("c1", announce=False)


def happens(state: AttemptState, person: str = "", note: str = "", people: int = 0) -> AttemptChanged:
    return AttemptChanged("c1", state, person, note, people)


def told(state: AttemptState, person: str = "", note: str = "", people: int = 0) -> AddMessage:
    return AddMessage("system", describe_change(happens(state, person, note, people)))


ACCEPTED: list[Outcome] = [StopWatching(), told("accepted", "Anna")]


def asking(opening: Opening = ALWAYS) -> Conversation:
    """At 1200: the model has called the tool, and said a sentence that is heard until 1400."""
    call = greeted(opening=opening)
    held: list[Outcome] = [] if opening is ALWAYS else [SetTurnTaking(enabled=False)]
    released: list[Outcome] = [] if opening is ALWAYS else [SetTurnTaking(enabled=True)]
    play(
        call,
        (1050, ResponseCreated("r1"), []),
        (1100, Says("r1", "i1", 300), [SendMark("2")]),
        (1150, CallStarted("r1", "transfer_to_human"), held),
        (1200, done("r1", WISH, says=("i1",)), [ASKED, *released]),
    )
    return call


def ringing(opening: Opening = ALWAYS) -> Conversation:
    """At 2000: two people ring, and the caller has heard that. They are silent."""
    call = asking(opening)
    play(
        call,
        (1300, TransferFinished("c1", "ringing", people=2), [WatchAttempt("c1"), *RINGS]),
        (1350, ResponseCreated("r2"), []),
        (1400, MarkPlayed("2"), []),
        (1400, Says("r2", "i2", 600), [SendMark("3")]),
        (1500, done("r2", says=("i2",)), []),
        (2000, MarkPlayed("3"), []),
    )
    return call


def accepted(opening: Opening = ALWAYS) -> Conversation:
    """At 2600: Anna has taken the call, and 100 ms of her announcement are still to be heard."""
    call = ringing(opening)
    play(
        call,
        (2100, happens("accepted", "Anna"), [*ACCEPTED, SetTurnTaking(enabled=False), ANNOUNCE]),
        (2200, ResponseCreated("r3"), []),
        (2300, Says("r3", "i3", 400), [SendMark("4")]),
        (2400, done("r3", says=("i3",)), []),
    )
    return call


def connecting() -> Conversation:
    """At 2700: the function has been asked to move the call to Anna."""
    call = accepted()
    play(call, (2700, MarkPlayed("4"), [CONNECT]))
    return call


# --- people begin to ring


def test_people_are_rung_at_once_and_the_sentence_may_be_interrupted() -> None:
    play(asking(), (1300, SpeechStarted("u1"), [ClearAudio(), TruncateItem("i1", 200, 0, 300)]))


def test_where_others_are_not_rung_beside_the_talk_the_sentence_is_protected_until_the_name_is_known() -> None:
    call = asking(MIXED)

    assert call.talks
    play(call, (1300, SpeechStarted("u1"), [ClearAudio(), TruncateItem("i1", 200, 0, 300)]))


def test_a_destination_of_another_mode_is_reached_as_ever() -> None:
    call = greeted(opening=MIXED)
    wish = FunctionCall("c1", "transfer_to_human", '{"destination":"workshop"}')
    play(call, (1100, ResponseCreated("r1"), []), (1150, Says("r1", "i1", 300), [SendMark("2")]))

    play(
        call,
        (1200, done("r1", wish, says=("i1",)), [SetTurnTaking(enabled=False)]),
        (1450, MarkPlayed("2"), [Transfer("c1", "workshop", "", "", announce=False)]),
    )


def test_the_output_of_the_tool_is_that_people_ring() -> None:
    play(asking(), (1300, TransferFinished("c1", "ringing", people=2), [WatchAttempt("c1"), *RINGS]))


def test_a_repeated_request_that_is_being_worked_on_rings() -> None:
    output = SendToolOutput("c1", ringing_output(0))
    play(asking(), (1300, TransferFinished("c1", "in_progress"), [WatchAttempt("c1"), output, CreateResponse()]))


def test_an_answer_that_comes_twice_counts_once() -> None:
    play(ringing(), (2100, TransferFinished("c1", "ringing"), []), (2200, TransferFinished("c1", "failed"), []))


def test_while_the_function_is_asked_the_caller_hears_that_it_takes_a_moment() -> None:
    play(asking(), (1400, MarkPlayed("2"), []), (4400, DUE, [ONE_MOMENT]))


@pytest.mark.parametrize("status", ["closed", "unknown_destination"])
def test_where_nobody_can_be_rung_the_model_is_told_and_goes_on(status: TransferStatus) -> None:
    output = SendToolOutput("c1", transfer_output(status, "open again tomorrow"))
    call = asking()
    play(call, (1300, TransferFinished("c1", status, "open again tomorrow"), [output, CreateResponse()]))
    play(call, (1350, happens("accepted", "Anna"), []))


def test_where_the_answer_may_be_lost_nobody_is_left_ringing() -> None:
    output = SendToolOutput("c1", transfer_output("failed", ""))
    cancel = CancelTransfer("c1", "failed")
    play(asking(), (1300, TransferFinished("c1", "failed"), [cancel, output, CreateResponse()]))


def test_an_answer_that_no_tool_gave_changes_nothing_of_the_ringing() -> None:
    play(
        asking(),
        (1250, ToolFinished("c1", "{}"), [SendToolOutput("c1", "{}"), CreateResponse()]),
        (1300, TransferFinished("c1", "ringing"), [WatchAttempt("c1")]),
        (1350, happens("nobody"), [StopWatching(), told("nobody")]),
    )


def test_a_caller_who_is_gone_ends_the_call() -> None:
    ends: list[Outcome] = [CancelTransfer("c1", "caller_gone"), EndStream("caller_gone", 1300)]
    play(asking(), (1300, TransferFinished("c1", "caller_gone"), ends))


def test_a_call_that_the_function_moves_after_all_is_left_alone() -> None:
    play(
        asking(),
        (1300, TransferFinished("c1", "moved"), [CloseModel()]),
        (1400, PhoneStopped(), [EndStream("transferred", 1400)]),
    )


def test_a_goodbye_of_the_same_response_is_refused() -> None:
    call = greeted(opening=ALWAYS)
    refused = SendToolOutput("e1", refusal_output("people are being rung for the caller"))
    play(call, (1050, ResponseCreated("r1"), []), (1200, done("r1", END, WISH), [refused, ASKED]))


def test_a_goodbye_that_waits_for_a_tool_is_called_off() -> None:
    call = greeted(opening=ALWAYS)
    hours = FunctionCall("t1", "opening_hours", "{}")
    play(
        call,
        (1050, ResponseCreated("r1"), []),
        (1100, done("r1", hours, END), [RunTool("t1", "opening_hours", "{}")]),
        (1200, ResponseCreated("r2"), []),
        (
            1300,
            done("r2", WISH),
            [SendToolOutput("e1", refusal_output("people are being rung for the caller")), ASKED],
        ),
    )


def test_people_are_rung_once_at_a_time() -> None:
    again = FunctionCall("c2", "transfer_to_human", '{"destination":"workshop"}')
    play(
        ringing(MIXED),
        (2100, ResponseCreated("r3"), []),
        (2150, CallStarted("r3", "transfer_to_human"), [SetTurnTaking(enabled=False)]),
        (
            2200,
            done("r3", again),
            [SendToolOutput("c2", refusal_output(RINGS_ALREADY)), SetTurnTaking(enabled=True), CreateResponse()],
        ),
    )


def test_where_the_function_rings_beside_the_talk_although_it_was_to_move_the_call_the_talk_goes_on() -> None:
    """The list of destinations is a minute old, or the model named none."""
    call = greeted(opening=MIXED)
    wish = FunctionCall("c1", "transfer_to_human", "{}")
    play(call, (1100, ResponseCreated("r1"), []), (1150, Says("r1", "i1", 300), [SendMark("2")]))
    play(
        call,
        (1200, done("r1", wish, says=("i1",)), [SetTurnTaking(enabled=False)]),
        (1450, MarkPlayed("2"), [Transfer("c1", "", "", "", announce=False)]),
        (
            1500,
            TransferFinished("c1", "ringing", people=2),
            [WatchAttempt("c1"), RINGS[0], SetTurnTaking(enabled=True), CreateResponse()],
        ),
    )

    assert call.talks
    play(call, (1600, happens("nobody"), [StopWatching(), told("nobody")]))


def test_key_0_that_rings_beside_the_talk_is_told_to_the_model() -> None:
    call = greeted()
    direct = Transfer("MZ1-1", "", "the caller pressed 0", "", announce=True)
    outcome = AddMessage("system", f"The caller pressed 0 for a person. The outcome: {ringing_output(0)}")
    play(
        call,
        (1100, KeyPressed("0"), []),
        (2600, DUE, [SetTurnTaking(enabled=False), direct]),
        (
            2700,
            TransferFinished("MZ1-1", "ringing"),
            [WatchAttempt("MZ1-1"), outcome, SetTurnTaking(enabled=True), CreateResponse()],
        ),
    )


def test_key_0_before_there_is_a_session_may_ring_beside_the_talk() -> None:
    """The session that is being prepared is told when it is asked for."""
    call = new_call()
    direct = Transfer("MZ1-1", "", "the caller pressed 0", "", announce=True)
    outcome = AddMessage("system", f"The caller pressed 0 for a person. The outcome: {ringing_output(0)}")
    play(
        call,
        (100, KeyPressed("0"), []),
        (1600, DUE, [direct]),
        (1700, TransferFinished("MZ1-1", "ringing"), [WatchAttempt("MZ1-1")]),
        (1800, ModelOpened(), [outcome, CreateResponse("Greet the caller.")]),
    )


# --- what happens to them


@pytest.mark.parametrize(
    "change", [happens("ringing", people=1), happens("listening", "Anna"), happens("passed", "Anna")]
)
def test_a_change_is_told_to_the_model_and_needs_no_words(change: AttemptChanged) -> None:
    play(ringing(), (2100, change, [AddMessage("system", describe_change(change))]))


@pytest.mark.parametrize(
    ("change", "called_off"),
    [
        (happens("nobody"), []),
        (happens("answered_through", "Anna", "On Monday."), []),
        (happens("failed", note="no line"), [CancelTransfer("c1", "failed")]),
    ],
)
def test_what_ends_the_ringing_is_told_to_the_caller(change: AttemptChanged, called_off: list[Outcome]) -> None:
    call = ringing()

    play(
        call,
        (2100, change, [StopWatching(), *called_off, AddMessage("system", describe_change(change)), CreateResponse()]),
        (2200, happens("accepted", "Anna"), []),
    )
    assert call.talks


def test_while_the_caller_speaks_it_waits_for_the_answer_to_them() -> None:
    """The service answers by itself, and knows what it has been told."""
    play(
        ringing(),
        (2100, SpeechStarted("u1"), []),
        (2200, happens("nobody"), [StopWatching(), told("nobody")]),
        (2300, SpeechStopped("u1"), []),
        (2400, ResponseCreated("r3"), []),
        (2450, Says("r3", "i3", 300), [SendMark("4")]),
        (2500, done("r3", says=("i3",)), []),
    )


def test_while_the_model_speaks_it_waits_for_the_end_of_the_sentence() -> None:
    play(
        ringing(),
        (2100, ResponseCreated("r3"), []),
        (2150, Says("r3", "i3", 300), [SendMark("4")]),
        (2200, happens("nobody"), [StopWatching(), told("nobody")]),
        (2250, done("r3", says=("i3",)), [CreateResponse()]),
    )


def test_changes_of_an_attempt_that_nobody_knows_are_dropped() -> None:
    play(greeted(), (1100, happens("accepted", "Anna"), []))
    play(ringing(), (2100, AttemptChanged("c0", "accepted", "Anna"), []))


def test_in_vain_is_counted_until_the_caller_says_something() -> None:
    call = ringing()
    at_ms, mark = 2000, 3
    for number in (1, 2):
        wish = FunctionCall(f"c{number + 1}", "transfer_to_human", '{"destination":"sales"}')
        at_ms, mark = at_ms + 500, mark + 1
        play(
            call,
            (at_ms, AttemptChanged(f"c{number}", "nobody"), [StopWatching(), told("nobody"), CreateResponse()]),
            (at_ms, ResponseCreated(f"q{number}"), []),
            (at_ms, done(f"q{number}", wish), [replace(ASKED_AGAIN, request_id=wish.call_id)]),
            (
                at_ms,
                TransferFinished(wish.call_id, "ringing"),
                [WatchAttempt(wish.call_id), SendToolOutput(wish.call_id, ringing_output(0)), CreateResponse()],
            ),
            (at_ms, ResponseCreated(f"s{number}"), []),
            (at_ms, Says(f"s{number}", f"s{number}", 200), [SendMark(str(mark))]),
            (at_ms, done(f"s{number}", says=(f"s{number}",)), []),
            (at_ms + 200, MarkPlayed(str(mark)), []),
        )

    play(
        call,
        (4000, AttemptChanged("c3", "nobody"), [StopWatching(), told("nobody"), CreateResponse()]),
        (4100, ResponseCreated("t"), []),
        (
            4200,
            done("t", FunctionCall("c9", "transfer_to_human", "{}")),
            [SendToolOutput("c9", refusal_output(NOBODY_REACHED)), CreateResponse(tools_allowed=False)],
        ),
    )


# --- the caller waits


def test_a_silent_caller_hears_that_people_still_ring_and_is_never_hung_up_on() -> None:
    call = ringing()
    still = CreateResponse(f"Be brief.\n\n{RINGING_STILL}")
    at_ms = 2000
    for number in range(5):
        mark = 4 + 4 * number
        play(
            call,
            (at_ms + 3000, DUE, beep(str(mark))),
            (at_ms + 3300, MarkPlayed(str(mark)), []),
            (at_ms + 6000, DUE, beep(str(mark + 1))),
            (at_ms + 6300, MarkPlayed(str(mark + 1)), []),
            (at_ms + 9000, DUE, beep(str(mark + 2))),
            (at_ms + 9300, MarkPlayed(str(mark + 2)), []),
            (at_ms + 10_000, DUE, [still]),
            (at_ms + 10_000, ResponseCreated(f"q{number}", ours=True), []),
            (at_ms + 10_000, Says(f"q{number}", f"q{number}", 1000), [SendMark(str(mark + 3))]),
            (at_ms + 10_000, done(f"q{number}", says=(f"q{number}",)), []),
            (at_ms + 11_000, MarkPlayed(str(mark + 3)), []),
        )
        at_ms += 11_000


def test_people_do_not_ring_without_end() -> None:
    call = ringing()
    call.receive(SpeechStarted("u1"), 2500)
    for at_ms in range(50_000, 600_000, 50_000):
        call.receive(DUE, at_ms)
        call.receive(SpeechStarted("u1"), at_ms)

    ordered = call.receive(DUE, 1300 + 600_000)

    assert [StopWatching(), CancelTransfer("c1", "failed"), told("failed", note="it took too long")] == ordered[1:4]


# --- a person takes the call


def test_the_caller_hears_who_it_is_to_the_end_and_only_then_the_call_moves() -> None:
    play(
        accepted(),
        (2500, SpeechStarted("u1"), []),
        (2600, SpeechStopped("u1"), []),
        (2700, MarkPlayed("4"), [CONNECT]),
        (2800, TransferFinished("c1", "moved"), [CloseModel()]),
        (2900, PhoneStopped(), [EndStream("transferred", 2900)]),
    )


def test_what_the_model_is_saying_is_heard_before_the_announcement() -> None:
    play(
        ringing(),
        (2100, ResponseCreated("r3"), []),
        (2150, Says("r3", "i3", 300), [SendMark("4")]),
        (2200, happens("accepted", "Anna"), [*ACCEPTED, SetTurnTaking(enabled=False)]),
        (2250, done("r3", says=("i3",)), [ANNOUNCE]),
        (2300, ResponseCreated("r4", ours=True), []),
        (2350, Says("r4", "i4", 300), [SendMark("5")]),
        (2400, done("r4", says=("i4",)), []),
        (2450, MarkPlayed("4"), []),
        (2750, MarkPlayed("5"), [CONNECT]),
    )


def test_a_caller_who_is_speaking_may_end_their_sentence() -> None:
    play(
        ringing(),
        (2100, SpeechStarted("u1"), []),
        (2200, happens("accepted", "Anna"), ACCEPTED),
        (4000, SpeechStopped("u1"), [SetTurnTaking(enabled=False), ANNOUNCE]),
        (4100, ResponseCreated("own"), [CancelResponse("own")]),
    )


def test_a_person_does_not_wait_for_the_end_of_a_long_sentence() -> None:
    play(
        ringing(),
        (2100, SpeechStarted("u1"), []),
        (2200, happens("accepted", "Anna"), ACCEPTED),
        (7200, DUE, [SetTurnTaking(enabled=False), ANNOUNCE]),
    )


def test_an_announcement_that_cannot_be_made_is_left_to_the_network() -> None:
    call = ringing()
    play(call, (2100, happens("accepted", "Anna"), [*ACCEPTED, SetTurnTaking(enabled=False), ANNOUNCE]))

    play(
        call,
        (5100, DUE, beep("4")),
        (5400, MarkPlayed("4"), []),
        (8100, DUE, beep("5")),
        (8400, MarkPlayed("5"), []),
        (10_100, DUE, [Connect("c1", announce=True)]),
    )


def test_a_request_that_the_service_refuses_does_not_take_the_place_of_the_announcement() -> None:
    call = new_call(NEXT)
    play(
        call,
        (10, CallAdmitted(), [WatchAttempt("c1")]),
        (50, ModelOpened(), [CreateResponse("Go on.")]),
        (100, READY, [ForwardHeldAudio()]),
        (200, happens("accepted", "Anna"), [*ACCEPTED, SetTurnTaking(enabled=False)]),
        (300, ModelError(ErrorKind.RESPONSE_ACTIVE), []),
        (400, ResponseCreated("own"), []),
        (500, done("own"), [ANNOUNCE]),
    )


def test_a_person_whose_name_is_unknown_is_announced_all_the_same() -> None:
    announce = CreateResponse(announce_person(""), tools_allowed=False)
    play(
        ringing(),
        (2100, happens("accepted"), [StopWatching(), told("accepted"), SetTurnTaking(enabled=False), announce]),
    )


@pytest.mark.parametrize("state", ["nobody", "accepted", "failed"])
def test_a_late_change_cannot_undo_an_acceptance(state: AttemptState) -> None:
    play(accepted(), (2500, happens(state, "Bob"), []), (2700, MarkPlayed("4"), [CONNECT]))


def test_tools_that_the_model_calls_meanwhile_are_refused() -> None:
    hours = FunctionCall("t1", "opening_hours", "{}")
    play(
        ringing(),
        (2100, ResponseCreated("r3"), []),
        (2200, happens("accepted", "Anna"), [*ACCEPTED, SetTurnTaking(enabled=False)]),
        (
            2250,
            done("r3", hours),
            [SendToolOutput("t1", refusal_output(MOVING)), ANNOUNCE],
        ),
    )


def test_a_person_comes_before_a_goodbye_that_waits_for_a_tool() -> None:
    """Nobody is rung any more once the model says goodbye."""
    hours = FunctionCall("t1", "opening_hours", "{}")
    play(
        ringing(),
        (2100, ResponseCreated("r3"), []),
        (2200, done("r3", hours, END), [RunTool("t1", "opening_hours", "{}"), StopWatching(), CANCEL]),
        (2300, happens("accepted", "Anna"), []),
        (
            2400,
            ToolFinished("t1", "{}"),
            [SendToolOutput("t1", "{}"), CreateResponse(ANSWER_THEN_GOODBYE, tools_allowed=False)],
        ),
    )


@pytest.mark.parametrize("status", ["failed", "ringing"])
def test_where_the_call_cannot_be_moved_the_talk_goes_on(status: TransferStatus) -> None:
    call = connecting()
    outcome = f"The person who took the call could not be connected: {transfer_output(status, 'no line')}"

    play(
        call,
        (
            2800,
            TransferFinished("c1", status, "no line"),
            [
                CancelTransfer("c1", "failed"),
                AddMessage("system", outcome),
                SetTurnTaking(enabled=True),
                CreateResponse(),
            ],
        ),
        (2900, happens("accepted", "Anna"), []),
    )
    assert call.talks


def test_a_move_that_is_not_answered_is_a_failure_and_may_succeed_late() -> None:
    call = connecting()
    outcome = f"The person who took the call could not be connected: {transfer_output('failed', 'no answer in time')}"
    play(
        call,
        (
            12_700,
            DUE,
            [
                CancelTransfer("c1", "failed"),
                AddMessage("system", outcome),
                SetTurnTaking(enabled=True),
                CreateResponse(),
            ],
        ),
        (12_800, TransferFinished("c1", "moved"), [CloseModel()]),
    )


def test_a_caller_who_is_gone_when_the_call_is_to_move_leaves_nobody_waiting() -> None:
    ends: list[Outcome] = [CancelTransfer("c1", "caller_gone"), EndStream("caller_gone", 2800)]
    play(connecting(), (2800, TransferFinished("c1", "caller_gone"), ends))


# --- nobody is wanted any more


def test_the_caller_changes_their_mind() -> None:
    play(
        ringing(),
        (2100, ResponseCreated("r3"), []),
        (
            2200,
            done("r3", NEVER_MIND, FunctionCall("n2", "cancel-transfer", "")),
            [
                StopWatching(),
                CANCEL,
                SendToolOutput("n1", CANCELLED),
                SendToolOutput("n2", refusal_output("nobody is being rung")),
                CreateResponse(),
            ],
        ),
        (2300, happens("accepted", "Anna"), []),
    )


def test_the_caller_changes_their_mind_before_anybody_rings() -> None:
    play(
        asking(),
        (1300, ResponseCreated("r2"), []),
        (
            1350,
            done("r2", NEVER_MIND),
            [CANCEL, SendToolOutput("c1", CANCELLED), SendToolOutput("n1", CANCELLED), CreateResponse()],
        ),
        (1400, TransferFinished("c1", "ringing"), []),
    )


def test_the_caller_wants_somebody_else() -> None:
    other = FunctionCall("c2", "transfer_to_human", '{"destination":"sales"}')
    play(
        ringing(),
        (2100, ResponseCreated("r3"), []),
        (
            2200,
            done("r3", other, NEVER_MIND),
            [
                StopWatching(),
                CANCEL,
                SendToolOutput("n1", CANCELLED),
                Transfer("c2", "sales", "", "", announce=False, attended=True),
            ],
        ),
    )


def test_a_caller_who_says_goodbye_waits_for_nobody() -> None:
    play(
        ringing(),
        (2100, ResponseCreated("r3"), []),
        (2150, Says("r3", "i3", 300), [SendMark("4")]),
        (2200, done("r3", END, says=("i3",)), [StopWatching(), CANCEL]),
        (2450, MarkPlayed("4"), [EndStream("goodbye", 2450)]),
    )


@pytest.mark.parametrize(
    ("event", "reason", "cancelled"),
    [
        (PhoneStopped(), "caller_gone", [CancelTransfer("c1", "caller_gone")]),
        (PhoneLost(), "stream_lost", []),
        (Draining(0, 0), "draining", []),
    ],
)
def test_people_ring_on_only_where_the_call_may_go_on(
    event: ScriptEvent, reason: EndReason, cancelled: list[Outcome]
) -> None:
    play(ringing(), (2100, event, [*cancelled, EndStream(reason, 2100)]))


@pytest.mark.parametrize(("event", "reason"), [(PhoneStopped(), "transferred"), (PhoneLost(), "transferred")])
def test_a_stream_that_ends_while_the_call_moves_cancels_nothing(event: ScriptEvent, reason: EndReason) -> None:
    play(connecting(), (2800, event, [EndStream(reason, 2800)]))


def test_a_caller_who_hangs_up_during_the_announcement_leaves_nobody_waiting() -> None:
    call = accepted()
    play(call, (2600, PhoneStopped(), [CancelTransfer("c1", "caller_gone"), EndStream("caller_gone", 2600)]))


# --- without the model


def direct(reason: str) -> Transfer:
    return Transfer("MZ1-1", "", reason, "", announce=True)


def test_key_0_while_people_ring_calls_them_off_and_takes_the_short_way() -> None:
    play(
        ringing(),
        (2100, KeyPressed("0"), []),
        (
            3600,
            DUE,
            [
                SetTurnTaking(enabled=False),
                StopWatching(),
                CancelTransfer("c1", "replaced"),
                direct("the caller pressed 0"),
            ],
        ),
        (3700, happens("accepted", "Anna"), []),
    )


def test_key_0_while_the_function_is_asked_answers_the_tool() -> None:
    play(
        asking(),
        (1250, KeyPressed("0"), []),
        (1400, MarkPlayed("2"), []),
        (
            2750,
            DUE,
            [
                SetTurnTaking(enabled=False),
                CancelTransfer("c1", "replaced"),
                SendToolOutput("c1", CANCELLED),
                direct("the caller pressed 0"),
            ],
        ),
    )


def test_key_0_while_a_person_waits_puts_the_caller_through_at_once() -> None:
    play(
        ringing(),
        (2100, SpeechStarted("u1"), []),
        (2200, happens("accepted", "Anna"), ACCEPTED),
        (2300, KeyPressed("0"), []),
        (3800, DUE, [SetTurnTaking(enabled=False), Connect("c1", announce=True)]),
    )


def test_a_model_that_is_lost_while_people_ring_calls_them_off() -> None:
    play(
        ringing(),
        (
            2100,
            ModelLost("HTTP 401", hopeless=True),
            [StopWatching(), CancelTransfer("c1", "replaced"), direct("the assistant failed")],
        ),
    )


def test_a_model_that_is_lost_while_a_person_waits_puts_the_caller_through_at_once() -> None:
    call = ringing()
    play(call, (2100, SpeechStarted("u1"), []), (2200, happens("accepted", "Anna"), ACCEPTED))

    play(
        call,
        (2300, ModelLost("HTTP 401", hopeless=True), [Connect("c1", announce=True)]),
        (2400, TransferFinished("c1", "failed"), [EndStream("model_failed", 2400)]),
    )


def test_a_model_that_is_lost_during_the_announcement_changes_nothing() -> None:
    play(accepted(), (2600, ModelLost("HTTP 401", hopeless=True), []), (2700, MarkPlayed("4"), [CONNECT]))


# --- sessions and streams


def test_a_session_that_replaces_a_lost_one_knows_what_happened() -> None:
    call = ringing()
    play(
        call,
        (2100, happens("listening", "Anna"), [told("listening", "Anna")]),
        (2200, ModelLost("1006"), [OpenModel()]),
    )
    greeting, output = call.receive(ModelOpened(), 2300)[:2]

    assert greeting == AddMessage("assistant", "Hello.")
    assert isinstance(output, AddMessage)
    assert '"status": "ringing"' in output.text
    ordered = call.receive(READY, 2400)
    assert ordered == [ForwardHeldAudio()]


def test_what_happens_between_two_sessions_is_told_to_the_next_one() -> None:
    call = ringing()
    play(call, (2100, ModelLost("1006"), [OpenModel()]), (2200, happens("nobody"), [StopWatching()]))

    ordered = call.receive(ModelOpened(), 2300)

    assert ordered[-2:] == [told("nobody"), CreateResponse(f"Be brief.\n\n{INTERRUPTED} {GO_ON}")]


def test_what_happens_while_a_session_is_prepared_is_said_in_it() -> None:
    call = ringing()
    play(call, (2100, ModelLost("1006"), [OpenModel()]))
    call.receive(ModelOpened(), 2300)

    play(
        call,
        (2350, happens("nobody"), [StopWatching(), told("nobody")]),
        (2400, READY, [ForwardHeldAudio(), CreateResponse()]),
    )


def test_a_person_who_takes_the_call_between_two_sessions_is_announced_by_the_next_one() -> None:
    call = ringing()
    play(
        call,
        (2100, ModelLost("1006"), [OpenModel()]),
        (2200, happens("accepted", "Anna"), [StopWatching()]),
    )
    call.receive(ModelOpened(), 2300)

    play(
        call,
        (2400, READY, [ForwardHeldAudio(), SetTurnTaking(enabled=False)]),
        (2500, ResponseCreated("r3"), []),
        (2600, Says("r3", "i3", 200), [SendMark("4")]),
        (2650, done("r3", says=("i3",)), [ANNOUNCE]),
    )


def test_an_answer_of_the_function_between_two_sessions_is_told_to_the_next_one() -> None:
    call = asking()
    play(
        call,
        (1250, ModelLost("1006"), [OpenModel()]),
        (1300, TransferFinished("c1", "ringing"), [WatchAttempt("c1")]),
    )

    ordered = call.receive(ModelOpened(), 1400)

    assert any(isinstance(each, AddMessage) and '"ringing"' in each.text for each in ordered)


def test_the_next_stream_looks_on_at_once() -> None:
    call = new_call(NEXT)
    play(
        call,
        (10, CallAdmitted(), [WatchAttempt("c1")]),
        (50, ModelOpened(), [CreateResponse("Go on.")]),
        (100, READY, [ForwardHeldAudio()]),
        (200, ResponseCreated("r1"), []),
        (300, Says("r1", "i1", 200), [SendMark("1")]),
        (400, done("r1", says=("i1",)), []),
        (500, MarkPlayed("1"), []),
        (600, happens("accepted", "Anna"), [*ACCEPTED, SetTurnTaking(enabled=False), ANNOUNCE]),
    )


def test_where_a_key_has_called_them_off_before_the_next_stream_began_nobody_looks_on() -> None:
    call = new_call(NEXT)
    instead: list[Outcome] = [StopWatching(), CancelTransfer("c1", "replaced"), direct("the assistant failed")]
    play(
        call,
        (10, ModelLost("HTTP 401", hopeless=True), instead),
        (20, CallAdmitted(), []),
    )


def test_people_who_ring_are_no_reason_to_stay_where_the_process_has_to_go() -> None:
    play(ringing(), (2050, Draining(2050, 10_000), [EndStream("draining", 2050)]))


def test_the_stage_is_none_while_people_ring() -> None:
    assert (ringing().stage, accepted().stage, connecting().stage) == (
        TransferStage.NONE,
        TransferStage.LAST_WORDS,
        TransferStage.ASKED,
    )
