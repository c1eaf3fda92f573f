"""The one clock of the caller's silence: frames flow, and in no state does nothing follow."""

import pytest

from socket_server.core.actions import (
    Action,
    AddMessage,
    CancelResponse,
    ClearAudio,
    CloseModel,
    CommitAudio,
    CreateResponse,
    EndStream,
    ForwardHeldAudio,
    PlayAudio,
    RecordTurn,
    RunTool,
    SendMark,
    SendToolOutput,
    SetTurnTaking,
    Transfer,
    TruncateItem,
)
from socket_server.core.agent import Agent, Limits
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
    TransferFinished,
)
from socket_server.core.phases import Phase, TransferStage
from socket_server.core.response_requests import Owes
from socket_server.core.silence import CHECK_IN, SilenceClock, WaitsFor, waits_for
from socket_server.core.state import CallState, Timer, ToolRun
from socket_server.core.tone import TONE
from socket_server.core.tool_answers import ONE_MOMENT
from socket_server.core.transfer_messages import ANNOUNCE, GOODBYE, transfer_output
from tests.socket_server.scripts import (
    AGENT,
    DROPPED,
    DUE,
    OPENING,
    READY,
    Frame,
    Says,
    Step,
    beep,
    done,
    greeted,
    play,
)

WISH = FunctionCall("c1", "transfer_to_human", "{}")
END = FunctionCall("c1", "end_call", "{}")
HOURS = FunctionCall("c1", "opening_hours", "{}")
ASK_HOURS = RunTool("c1", "opening_hours", "{}")
TO_A_PERSON = Transfer("MZ1-1", "", "the assistant failed", "", announce=True)
BY_KEY = Transfer("MZ1-1", "", "the caller pressed 0", "", announce=True)
KEYS = AddMessage("user", "(The caller pressed these keys on the phone: 5)")
END_OF_TURN: list[Action | str] = [CommitAudio(), CreateResponse()]
CHECKS_IN = CreateResponse(f"Be brief.\n\n{CHECK_IN}")
GONE = ModelLost("HTTP 401", hopeless=True)


def says(at_ms: int, number: int, mark: str, ms: int = 300) -> tuple[Step, ...]:
    """From then on response `r<number>` says one item, which is heard to its end."""
    response_id, item_id = f"r{number}", f"i{number}"
    return (
        (at_ms, ResponseCreated(response_id), []),
        (at_ms, Says(response_id, item_id, ms), [SendMark(mark)]),
        (at_ms, done(response_id, says=(item_id,)), []),
        (at_ms + ms, MarkPlayed(mark), []),
    )


# --- both are silent


def test_where_both_are_silent_the_model_asks_whether_the_caller_is_there_and_at_last_says_goodbye() -> None:
    play(
        greeted(),
        (11_000, DUE, [CHECKS_IN]),
        *says(12_000, 1, "2"),
        (14_000, DUE, []),
        (22_300, DUE, [CHECKS_IN]),
        *says(23_000, 2, "3"),
        (25_300, DUE, []),
        (33_300, DUE, [CHECKS_IN]),
        *says(34_000, 3, "4"),
        (36_300, DUE, []),
        (44_300, DUE, [CreateResponse(GOODBYE, tools_allowed=False)]),
        (45_000, ResponseCreated("r4"), []),
        (45_000, Says("r4", "i4", 300), [SendMark("5")]),
        (45_000, done("r4", says=("i4",)), []),
        (45_300, MarkPlayed("5"), [EndStream("goodbye", 45_300)]),
    )


def test_a_caller_who_speaks_is_there() -> None:
    play(
        greeted(),
        (11_000, DUE, [CHECKS_IN]),
        (11_500, SpeechStarted("u1"), []),
        (11_600, ResponseCreated("r1"), [CancelResponse("r1")]),
        (12_000, SpeechStopped("u1"), []),
        *says(13_000, 2, "2"),
        (15_000, DUE, []),
        (23_300, DUE, [CHECKS_IN]),
        *says(24_000, 3, "3"),
        (26_300, DUE, []),
        (34_300, DUE, [CHECKS_IN]),
        *says(35_000, 4, "4"),
        (37_300, DUE, []),
        (45_300, DUE, [CHECKS_IN]),
    )


def test_a_goodbye_of_our_own_is_taken_back_by_a_caller_who_speaks() -> None:
    call = greeted()
    for number, at_ms in enumerate((11_000, 22_000, 33_000), start=1):
        play(
            call,
            (at_ms, DUE, [CHECKS_IN]),
            (at_ms + 700, ResponseCreated(f"r{number}"), []),
            (at_ms + 700, Says(f"r{number}", f"i{number}", 300), [SendMark(str(number + 1))]),
            (at_ms + 700, done(f"r{number}", says=(f"i{number}",)), []),
            (at_ms + 1000, MarkPlayed(str(number + 1)), []),
            (at_ms + 3000, DUE, []),
        )

    play(
        call,
        (44_000, DUE, [CreateResponse(GOODBYE, tools_allowed=False)]),
        (44_500, ResponseCreated("r4"), []),
        (44_600, SpeechStarted("u1"), []),
        (44_700, Says("r4", "i4", 300), [DROPPED]),
    )


def test_a_model_that_promised_a_transfer_and_did_nothing_is_asked_to_act() -> None:
    """ "I am putting you through", without a call of the tool: both would be silent for ever."""
    play(
        greeted(),
        *says(2000, 1, "2"),
        (5000, DUE, []),
        (12_300, DUE, [CHECKS_IN]),
        (12_400, ResponseCreated("r2"), []),
        (12_500, CallStarted("r2", "transfer_to_human"), [SetTurnTaking(enabled=False)]),
        (12_600, done("r2", WISH), [CreateResponse(ANNOUNCE, tools_allowed=False)]),
    )


def test_a_check_in_that_is_not_spoken_is_a_failed_model() -> None:
    play(
        greeted(),
        (11_000, DUE, [CHECKS_IN]),
        (14_000, DUE, beep("2")),
        (14_300, MarkPlayed("2"), []),
        (17_000, DUE, beep("3")),
        (17_300, MarkPlayed("3"), []),
        (19_000, DUE, [CloseModel(), TO_A_PERSON]),
    )


# --- an answer is owed


def test_a_response_that_is_slow_is_bridged_by_a_tone_and_then_replaced_by_a_person() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (4100, DUE, beep("2")),
        (4400, MarkPlayed("2"), []),
        (7100, DUE, beep("3")),
        (7400, MarkPlayed("3"), []),
        (9100, DUE, [CloseModel(), TO_A_PERSON]),
    )


def test_a_tone_is_no_word() -> None:
    """After the tone the response begins: another wait begins with the end of what it said, not before."""
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (4100, DUE, beep("2")),
        (4400, MarkPlayed("2"), []),
        (5000, Says("r1", "i1", 200), [SendMark("3")]),
        (5200, MarkPlayed("3"), []),
        (7100, DUE, []),
        (8200, DUE, beep("4")),
        (8500, MarkPlayed("4"), []),
        (11_200, DUE, beep("5")),
        (11_500, MarkPlayed("5"), []),
        (13_200, DUE, [CloseModel(), TO_A_PERSON]),
    )


def test_an_interruption_of_a_tone_tells_the_model_nothing() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (4100, DUE, beep("2")),
        (4200, SpeechStarted("u1"), [ClearAudio()]),
    )


def test_the_end_of_a_cut_response_is_not_waited_for_for_ever() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, Says("r1", "i1", 400), [SendMark("2")]),
        (1300, SpeechStarted("u1"), [ClearAudio(), TruncateItem("i1", 100, 0, 400)]),
        (1400, SpeechStopped("u1"), []),
        (1500, KeyPressed("5"), []),
        (3000, DUE, [RecordTurn(3000, "keys", "5", "5"), KEYS]),
        (4400, DUE, [*beep("3"), CreateResponse()]),
        (4500, ModelError(ErrorKind.RESPONSE_ACTIVE), []),
        (4700, MarkPlayed("3"), []),
        (7400, DUE, [*beep("4"), CreateResponse()]),
        (7700, MarkPlayed("4"), []),
        (9400, DUE, [CloseModel(), TO_A_PERSON]),
    )


# --- tools


def test_while_a_tool_runs_the_model_says_that_it_takes_a_moment() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, done("r1", HOURS), [ASK_HOURS]),
        (4100, DUE, [ONE_MOMENT]),
        *says(5000, 2, "2"),
        (7100, DUE, []),
        (8300, DUE, [ONE_MOMENT]),
        *says(9000, 3, "3"),
        (9500, ToolFinished("c1", "{}"), [SendToolOutput("c1", "{}"), CreateResponse()]),
    )


def test_a_tool_whose_model_keeps_silent_about_it_is_a_case_for_a_person() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, done("r1", HOURS), [ASK_HOURS]),
        (4100, DUE, [ONE_MOMENT]),
        (7100, DUE, beep("2")),
        (7400, MarkPlayed("2"), []),
        (9100, DUE, [CloseModel(), TO_A_PERSON]),
    )


def test_tools_that_follow_each_other_without_a_word_do_not_set_the_clock_anew() -> None:
    call = greeted()
    play(call, (1100, ResponseCreated("r1"), []), (1200, done("r1", HOURS), [ASK_HOURS]))
    play(
        call,
        (2000, ToolFinished("c1", "{}"), [SendToolOutput("c1", "{}"), CreateResponse()]),
        (2100, ResponseCreated("r2"), []),
        (2200, done("r2", FunctionCall("c2", "opening_hours", "{}")), [RunTool("c2", "opening_hours", "{}")]),
        (4100, DUE, [ONE_MOMENT]),
        (7100, DUE, beep("2")),
        (7400, MarkPlayed("2"), []),
        (9100, DUE, [CloseModel(), TO_A_PERSON]),
    )


# --- the caller's turn does not end


class WithPauses(Agent, frozen=True):
    """Of a service that waits for so long."""

    pause_ms: int = 500

    @property
    def longest_pause_ms(self) -> int:
        return self.pause_ms


def talking_caller(quiet_ms: int, pause_ms: int = 500) -> Conversation:
    """At 1100 a turn of the caller's begins, whose line has been quiet for so long whenever that is asked."""
    agent = WithPauses("Be brief.", "Greet.", pause_ms=pause_ms)
    call = Conversation(agent, OPENING, "MZ1", 0, lambda _: quiet_ms)
    play(
        call,
        (100, READY, [ForwardHeldAudio(), CreateResponse("Greet the caller.")]),
        *says(200, 0, "1"),
        (1100, SpeechStarted("u1"), []),
    )
    return call


def test_a_turn_that_the_service_does_not_end_is_ended_when_the_line_is_quiet() -> None:
    play(
        talking_caller(60_000),
        (1100 + 500 + 2000, DUE, [CommitAudio(), CreateResponse()]),
        (3700, ResponseCreated("r1"), []),
        (3800, SpeechStopped("u1"), []),  # the service sees it after all: it is not asked twice
        (3900, Says("r1", "i1", 200), [SendMark("2")]),
    )


def test_the_service_s_own_patience_is_waited_for_first() -> None:
    play(talking_caller(60_000, 4000), (1100 + 4000 + 2000, DUE, END_OF_TURN))


def test_a_caller_who_speaks_is_not_interrupted_for_a_minute() -> None:
    call = talking_caller(0)
    looks: list[Step] = [(at_ms, DUE, []) for at_ms in range(3600, 61_100, 2500)]

    play(call, (3000, Frame(), ["forward"]), *looks[:-1], (looks[-1][0], DUE, []), (61_100, DUE, END_OF_TURN))


def test_a_line_that_has_just_gone_quiet_is_looked_at_again() -> None:
    play(talking_caller(2000), (3600, DUE, []), (4600, DUE, []))


# --- what has no model to speak


def test_a_call_that_was_moved_and_whose_stream_stays_is_ended() -> None:
    play(
        greeted(),
        (1100, KeyPressed("0"), []),
        (2600, DUE, [SetTurnTaking(enabled=False), BY_KEY]),
        (2700, TransferFinished("MZ1-1", "moved"), [CloseModel()]),
        (3000, Frame(), ["drop"]),
        (7700, DUE, [EndStream("transferred", 7700)]),
    )


def test_a_silent_transfer_function_is_bridged_by_tones_and_told_of() -> None:
    told = f"The caller pressed 0 for a person. The outcome: {transfer_output('failed', 'no answer in time')}"

    play(
        greeted(),
        (1100, KeyPressed("0"), []),
        (2600, DUE, [SetTurnTaking(enabled=False), BY_KEY]),
        (5600, DUE, beep("2")),
        (5900, MarkPlayed("2"), []),
        (8600, DUE, beep("3")),
        (8900, MarkPlayed("3"), []),
        (11_600, DUE, beep("4")),
        (11_900, MarkPlayed("4"), []),
        (12_600, DUE, [AddMessage("system", told), SetTurnTaking(enabled=True), CreateResponse()]),
    )


def test_a_silent_transfer_function_without_a_model_is_left_to_the_net_after_three_seconds() -> None:
    play(
        greeted(),
        (1100, GONE, [TO_A_PERSON]),
        (4100, DUE, [EndStream("model_failed", 4100)]),
    )


def test_an_announcement_that_is_slow_is_bridged_by_a_tone() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, done("r1", WISH), [SetTurnTaking(enabled=False), CreateResponse(ANNOUNCE, tools_allowed=False)]),
        (4200, DUE, beep("2")),
        (4500, MarkPlayed("2"), []),
        (7200, DUE, beep("3")),
        (7500, MarkPlayed("3"), []),
        (9200, DUE, [Transfer("c1", "", "", "", announce=True)]),
    )


def test_a_goodbye_that_is_never_said_is_left_to_the_network() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, done("r1", END), [CreateResponse(GOODBYE, tools_allowed=False)]),
        (4200, DUE, beep("2")),
        (4500, MarkPlayed("2"), []),
        (7200, DUE, beep("3")),
        (7500, MarkPlayed("3"), []),
        (9200, DUE, [EndStream("goodbye_unsaid", 9200)]),
    )


def test_a_call_begins_with_a_wait_for_its_session() -> None:
    assert waits_for(CallState(AGENT, OPENING, "MZ1", 0, lambda _: 0)) is WaitsFor.SESSION


def test_what_the_line_waits_for_follows_from_the_state_of_the_call() -> None:
    call = CallState(AGENT, OPENING, "MZ1", 0, lambda _: 0)
    call.progress.enter(Phase.TALKING)
    waits = [waits_for(call)]
    call.tools_running["c1"] = ToolRun("opening_hours", "{}")
    waits.append(waits_for(call))
    call.requests.response_created("r1")
    waits.append(waits_for(call))
    call.turn_taking.caller_started("u1", 0)
    waits.append(waits_for(call))
    call.requests.hold()
    waits.append(waits_for(call))
    call.progress.advance(TransferStage.LAST_WORDS)
    waits.append(waits_for(call))
    call.progress.advance(TransferStage.ASKED)
    waits.append(waits_for(call))
    call.progress.advance(TransferStage.MOVED)
    waits.append(waits_for(call))

    assert waits == [
        WaitsFor.CALLER,
        WaitsFor.TOOL,
        WaitsFor.ANSWER,
        WaitsFor.TURN,
        WaitsFor.ANSWER,
        WaitsFor.LAST_WORD,
        WaitsFor.TRANSFER,
        WaitsFor.MOVED,
    ]


@pytest.mark.parametrize("owes", [each for each in Owes if each is not Owes.NOBODY])
def test_whoever_owes_the_next_response_the_wait_has_a_limit(owes: Owes) -> None:
    call = CallState(AGENT, OPENING, "MZ1", 0, lambda _: 0)
    call.progress.enter(Phase.TALKING)
    match owes:
        case Owes.MADE:
            call.requests.response_created("r1")
        case Owes.OWN_ANSWER:
            call.requests.caller_started()
            call.requests.caller_stopped()
        case Owes.WANTED | Owes.REQUESTED:
            call.requests.want_response()
            if owes is Owes.REQUESTED:
                call.requests.next_response(0)
    clock = SilenceClock(0)
    assert call.requests.owes is owes

    for _ in range(call.answer_ms // call.filler_ms + 2):  # nobody answers
        if call.model_lives:
            clock.look(call)
            call.now_ms = call.timers.pop(Timer.SILENCE)
            clock.due(call)

    assert (call.model_lives, call.now_ms, call.stage) == (False, call.answer_ms, TransferStage.LAST_WORDS)


def test_how_long_a_silence_may_last_is_the_agent_s() -> None:
    agent = Agent("Be brief.", "Greet.", limits=Limits(silence_seconds=40))

    play(greeted(agent), (41_000, DUE, [CHECKS_IN]))


# --- what the clock must not forget


def test_a_caller_who_asks_into_the_silence_reaches_a_person_all_the_same() -> None:
    """Each "hello?" is a turn of theirs, which the service never answers: one wait, not a new one each time."""
    call = greeted()
    play(
        call,
        (1100, SpeechStarted("u1"), []),
        (1500, SpeechStopped("u1"), []),
        (4500, DUE, [*beep("2"), CreateResponse()]),
        (4800, MarkPlayed("2"), []),
        (6500, SpeechStarted("u2"), []),
        (7000, SpeechStopped("u2"), []),
        (10_000, DUE, [CloseModel(), TO_A_PERSON]),
    )


def test_short_pauses_of_a_caller_who_goes_on_talking_do_not_add_up() -> None:
    call = greeted()
    for at_ms in range(2000, 22_000, 2000):
        play(call, (at_ms, SpeechStarted("u1"), []), (at_ms + 1000, SpeechStopped("u1"), []))

    play(call, (23_000, ResponseCreated("r1"), []), (23_500, Says("r1", "i1", 200), [SendMark("2")]))


def test_words_end_a_wait_for_good() -> None:
    call = greeted()
    play(
        call,
        (1100, SpeechStarted("u1"), []),
        (1500, SpeechStopped("u1"), []),
        (4500, DUE, [*beep("2"), CreateResponse()]),
        (4800, MarkPlayed("2"), []),
        *says(6000, 1, "3"),
        (7400, SpeechStarted("u2"), []),
        (8000, SpeechStopped("u2"), []),
        (11_000, DUE, [*beep("4"), CreateResponse()]),
        (11_300, MarkPlayed("4"), []),
        (14_000, DUE, beep("5")),
        (14_300, MarkPlayed("5"), []),
        (16_000, DUE, [CloseModel(), TO_A_PERSON]),
    )


def test_a_caller_who_types_is_not_asked_whether_they_are_there() -> None:
    call = greeted()
    for at_ms in range(9000, 21_000, 1000):
        if at_ms == 11_000:
            play(call, (at_ms, DUE, []))
        if at_ms == 15_000:  # they are told of after six seconds
            keys = AddMessage("user", "(The caller pressed these keys on the phone: 111111)")
            play(call, (at_ms, DUE, [RecordTurn(at_ms, "keys", "1" * 6, "1" * 6), keys, CreateResponse()]))
            break
        play(call, (at_ms, KeyPressed("1"), []))


def test_a_caller_who_types_over_the_goodbye_is_not_hung_up_on() -> None:
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, Says("r1", "i1", 300), [SendMark("2")]),
        (1300, done("r1", END, says=("i1",)), []),
        (4000, KeyPressed("4"), []),
        (4500, DUE, beep("3")),  # the last mark is late, but a key may be followed by others
        (5400, KeyPressed("7"), []),
        (5500, DUE, []),
    )


def test_a_key_that_comes_due_together_with_a_silence_is_answered() -> None:
    call = greeted()
    play(call, (9500, KeyPressed("5"), []))

    play(call, (11_000, DUE, [RecordTurn(11_000, "keys", "5", "5"), KEYS, CreateResponse()]))


def test_a_wait_is_looked_at_anew_when_what_was_to_be_heard_is_cut() -> None:
    """Twenty seconds were in the phone's buffer; the clock must not wait for their end any more."""
    play(
        greeted(),
        (1100, ResponseCreated("r1"), []),
        (1200, Says("r1", "i1", 20_000), [SendMark("2")]),
        (
            1300,
            done("r1", FunctionCall("t1", "opening_hours", "{}"), says=("i1",)),
            [RunTool("t1", "opening_hours", "{}")],
        ),
        (4100, DUE, []),
        (5000, SpeechStarted("u1"), [ClearAudio(), TruncateItem("i1", 3800, 0, 20_000)]),
        (6000, SpeechStopped("u1"), []),
        (9000, DUE, [*beep("3"), CreateResponse()]),
    )


def test_a_model_that_is_lost_during_a_transfer_shortens_the_wait_for_it() -> None:
    play(
        greeted(),
        (1100, KeyPressed("0"), []),
        (2600, DUE, [SetTurnTaking(enabled=False), BY_KEY]),
        (3000, GONE, []),
        (5600, DUE, [EndStream("model_failed", 5600)]),
    )


def test_check_ins_that_come_to_nothing_are_not_repeated_at_once() -> None:
    play(
        greeted(),
        (11_000, DUE, [CHECKS_IN]),
        (11_100, ResponseCreated("r1"), []),
        (11_200, done("r1", status="cancelled"), []),
        (21_000, DUE, [CHECKS_IN]),
    )


def test_noise_that_the_service_takes_for_a_voice_again_and_again_ends_no_wait() -> None:
    """Turns without a voice in them: nothing is heard, and no word can be said that would not be cut at once."""
    call = Conversation(AGENT, OPENING, "MZ1", 0, lambda _: 60_000)
    play(call, (100, READY, [ForwardHeldAudio(), CreateResponse("Greet the caller.")]), *says(200, 0, "1"))
    orders: list[Action] = []
    for at_ms in range(1000, 13_000, 2400):
        orders += call.receive(SpeechStarted("u1"), at_ms)
        orders += call.receive(SpeechStopped("u1"), at_ms + 800)
        orders += [order for now_ms in range(at_ms + 800, at_ms + 2400, 100) for order in call.receive(DUE, now_ms)]

    assert PlayAudio(TONE) in orders, "nothing was heard"
    assert CloseModel() in orders, "nobody was asked for"
