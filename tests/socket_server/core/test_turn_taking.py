"""Whose turn it is."""

import pytest

from socket_server.core import recorded_greeting
from socket_server.core.actions import (
    Action,
    AddMessage,
    CancelResponse,
    ClearAudio,
    DeleteItem,
    PlayAudio,
    RecordTurn,
    SendMark,
    TruncateItem,
)
from socket_server.core.response_requests import Owes, ResponseRequests
from socket_server.core.tone import TONE
from socket_server.core.turn_taking import TurnTaking
from tests.socket_server.scripts import done

HEARD_1_S = AddMessage("system", "The caller interrupted you; they heard only 1.0 s of what you said.")


def speaking(ms: int = 400, *, at_ms: int = 0) -> TurnTaking:
    """A state in which response r1 has sent so much of item i1, with the mark "1" after it."""
    turn_taking = TurnTaking(ResponseRequests())
    turn_taking.requests.response_created("r1")
    turn_taking.words("i1", "One two", at_ms)
    assert turn_taking.model_audio("r1", "i1", 8 * ms, at_ms) == "1"
    return turn_taking


# --- the model speaks


def test_what_was_heard_to_its_end_becomes_a_turn() -> None:
    turn_taking = speaking()

    assert turn_taking.audio_finished("r1", "i1", 10) == []  # the mark is already there
    assert turn_taking.response_done(done("r1", says=("i1",)), 20) == []
    turn_taking.playback.played("1", 400)
    assert turn_taking.take_heard(400) == [RecordTurn(0, "model", "One two", "One two")]


def test_the_end_of_an_item_is_marked() -> None:
    turn_taking = speaking()
    turn_taking.model_audio("r1", "i1", 80, 0)

    assert turn_taking.audio_finished("r1", "i1", 10) == [SendMark("2")]


def test_an_item_whose_end_was_never_told_ends_with_its_response() -> None:
    turn_taking = speaking()
    turn_taking.model_audio("r1", "i1", 80, 0)

    assert turn_taking.response_done(done("r1", says=("i1",)), 20) == [SendMark("2")]


def test_the_end_of_a_cut_item_is_of_no_interest() -> None:
    turn_taking = speaking()
    turn_taking.barge_in(100)

    assert turn_taking.audio_finished("r1", "i1", 110) == []


def test_whether_a_response_spoke_is_remembered() -> None:
    turn_taking = speaking()

    assert (turn_taking.spoke("r1"), turn_taking.spoke("r2")) == (True, False)


# --- an interruption


def test_late_audio_of_a_cut_response_is_dropped() -> None:
    turn_taking = speaking()
    turn_taking.barge_in(100)

    assert turn_taking.requests.was_cut("r1")
    assert turn_taking.model_audio("r1", "i1", 1600, 110) is None
    assert turn_taking.model_audio("r1", "i2", 1600, 110) is None
    assert turn_taking.model_audio("r2", "i3", 1600, 110) == "2"


def test_a_response_is_cut_before_its_first_audio() -> None:
    turn_taking = TurnTaking(ResponseRequests())
    turn_taking.requests.response_created("r1")

    assert turn_taking.barge_in(100) == []
    assert turn_taking.model_audio("r1", "i1", 1600, 110) is None


def test_an_interruption_clears_then_truncates_each_item_at_what_was_heard() -> None:
    turn_taking = speaking(400)
    turn_taking.model_audio("r1", "i2", 8 * 400, 0)
    turn_taking.response_done(done("r1", says=("i1", "i2")), 20)

    assert turn_taking.barge_in(250) == [
        ClearAudio(),
        TruncateItem("i1", 250, 0, 400),
        RecordTurn(0, "model", "One two", "One"),
        DeleteItem("i2"),
    ]


def test_audio_of_a_response_that_is_done_is_cut_too() -> None:
    turn_taking = speaking()
    turn_taking.response_done(done("r1", says=("i1",)), 20)

    assert turn_taking.barge_in(250) == [
        ClearAudio(),
        TruncateItem("i1", 250, 0, 400),
        RecordTurn(0, "model", "One two", "One"),
    ]
    assert turn_taking.requests.was_cut("r1")


def test_items_of_a_cut_response_that_never_reached_the_phone_are_deleted() -> None:
    turn_taking = speaking()
    turn_taking.barge_in(250)
    turn_taking.words("i2", "Never heard.", 260)

    assert turn_taking.response_done(done("r1", says=("i1", "i2"), status="cancelled"), 300) == [
        RecordTurn(0, "model", "One two", "One"),
        DeleteItem("i2"),
    ]
    assert turn_taking.close(400) == []


@pytest.mark.parametrize(("cancel", "orders"), [(True, [CancelResponse("r1")]), (False, [])])
def test_a_response_is_cancelled_where_the_service_does_not_do_it(cancel: bool, orders: list[CancelResponse]) -> None:
    assert speaking().barge_in(250, cancel=cancel) == [ClearAudio(), *orders, TruncateItem("i1", 250, 0, 400)]


def test_a_response_is_cancelled_once() -> None:
    turn_taking = speaking()
    turn_taking.barge_in(250)

    assert turn_taking.barge_in(260, cancel=True) == []


def test_a_response_asked_for_before_an_interruption_is_cancelled_when_it_begins() -> None:
    turn_taking = TurnTaking(ResponseRequests())
    turn_taking.requests.want_response()
    turn_taking.requests.next_response(0)
    turn_taking.caller_started("u1", 100)
    assert turn_taking.barge_in(100) == []

    assert turn_taking.requests.response_created("r1") == [CancelResponse("r1")]
    assert turn_taking.model_audio("r1", "i1", 1600, 120) is None
    assert turn_taking.requests.response_created("r2") == []


# --- who is owed an answer


def test_an_answer_is_due_until_its_end() -> None:
    turn_taking = TurnTaking(ResponseRequests())
    due = [(turn_taking.requests.owes, turn_taking.speaking)]
    turn_taking.requests.response_created("r1")
    due.append((turn_taking.requests.owes, turn_taking.speaking))
    turn_taking.model_audio("r1", "i1", 80, 0)
    due.append((turn_taking.requests.owes, turn_taking.speaking))
    turn_taking.response_done(done("r1"), 10)
    due.append((turn_taking.requests.owes, turn_taking.speaking))

    assert due == [(Owes.NOBODY, False), (Owes.MADE, False), (Owes.MADE, True), (Owes.NOBODY, False)]


# --- the end


def test_nothing_is_expected_of_a_model_that_is_gone() -> None:
    turn_taking = speaking()
    turn_taking.requests.want_response()

    turn_taking.requests.model_lost()

    assert turn_taking.requests.idle
    assert turn_taking.requests.owes is Owes.NOBODY


def test_at_the_end_every_open_turn_is_told_with_what_was_heard_of_it() -> None:
    turn_taking = speaking()
    turn_taking.words("i2", "Never heard.", 50)

    assert turn_taking.close(250) == [
        RecordTurn(0, "model", "One two", "One"),
        RecordTurn(50, "model", "Never heard.", ""),
    ]


def test_the_caller_s_words_become_a_turn() -> None:
    turn_taking = TurnTaking(ResponseRequests())
    turn_taking.caller_started("u1", 100)

    assert turn_taking.caller_said("u1", "Hello?", 900) == [RecordTurn(100, "caller", "Hello?", "Hello?")]


# --- a model that cannot be truncated


def test_a_model_that_cannot_be_truncated_is_told_what_was_heard() -> None:
    turn_taking = TurnTaking(ResponseRequests(), truncates=False)
    turn_taking.requests.response_created("r1")
    turn_taking.model_audio("r1", "i1", 8 * 400, 0)
    turn_taking.words("i1", "One two", 0)

    told = AddMessage("system", "The caller interrupted you; they heard only 0.2 s of what you said.")
    assert turn_taking.barge_in(200) == [ClearAudio("1"), told]


def test_a_model_that_cannot_forget_an_item_is_told_that_nothing_of_it_was_heard() -> None:
    turn_taking = TurnTaking(ResponseRequests(), truncates=False)
    turn_taking.requests.response_created("r1")
    turn_taking.words("i1", "Your order is cancelled.", 100)
    turn_taking.barge_in(200)

    told = AddMessage("system", "The caller interrupted you; they heard only 0.0 s of what you said.")
    assert turn_taking.response_done(done("r1", says=("i1",), status="cancelled"), 300) == [told]


@pytest.mark.parametrize(("is_told", "told"), [(False, []), (True, [HEARD_1_S])])
def test_a_model_that_cannot_forget_a_recorded_greeting_is_told_how_much_was_heard(
    is_told: bool, told: list[Action]
) -> None:
    turn_taking = TurnTaking(ResponseRequests(), truncates=False)
    turn_taking.greeting.begin("Good morning, this is the workshop.")
    turn_taking.words(recorded_greeting.ITEM, "Good morning, this is the workshop.", 0)
    turn_taking.model_audio(recorded_greeting.RESPONSE, recorded_greeting.ITEM, 8 * 4000, 0)
    turn_taking.response_done(done(recorded_greeting.RESPONSE, says=(recorded_greeting.ITEM,)), 0)
    if is_told:
        turn_taking.greeting.tell()

    ordered = turn_taking.barge_in(1000)

    assert [action for action in ordered if isinstance(action, AddMessage | DeleteItem)] == told


# --- the tone


def test_a_tone_is_played_only_into_silence_and_is_no_word() -> None:
    turn_taking = speaking(400)
    assert turn_taking.play_tone(300) == []
    turn_taking.playback.played("1", 400)
    words_until_ms = turn_taking.words_until_ms

    assert turn_taking.play_tone(3000) == [PlayAudio(TONE), SendMark("2")]
    assert (words_until_ms, turn_taking.words_until_ms, turn_taking.playback.until_ms) == (400, 400, 3300)
    turn_taking.playback.played("2", 3300)
    assert turn_taking.take_heard(3300) == []
    turn_taking.model_audio("r1", "i2", 8 * 100, 4000)
    assert turn_taking.words_until_ms == 4100


def test_a_tone_at_the_end_of_the_call_is_no_turn() -> None:
    turn_taking = TurnTaking(ResponseRequests())
    turn_taking.play_tone(0)

    assert turn_taking.close(100) == []
