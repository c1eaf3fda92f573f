"""Who has the floor."""

import pytest

from socket_server.actions import (
    CancelResponse,
    ClearAudio,
    CreateResponse,
    DeleteItem,
    PlayAudio,
    RecordTurn,
    SendMark,
    SetTurnTaking,
    TruncateItem,
)
from socket_server.events import ResponseDone
from socket_server.floor import Floor
from socket_server.tone import TONE
from tests.socket_server.scripts import done


def speaking(ms: int = 400, *, at_ms: int = 0) -> Floor:
    """A floor on which response r1 has sent so much of item i1, with the mark "1" after it."""
    floor = Floor()
    floor.response_created("r1")
    floor.words("i1", "One two", at_ms)
    assert floor.model_audio("r1", "i1", 8 * ms, at_ms) == "1"
    return floor


# --- the model speaks


def test_what_was_heard_to_its_end_becomes_a_turn() -> None:
    floor = speaking()

    assert floor.audio_finished("r1", "i1", 10) == []  # the mark is already there
    assert floor.response_done(done("r1", says=("i1",)), 20) == []
    assert floor.mark_played("1", 400) == [RecordTurn(0, "model", "One two", "One two")]


def test_the_end_of_an_item_is_marked() -> None:
    floor = speaking()
    floor.model_audio("r1", "i1", 80, 0)

    assert floor.audio_finished("r1", "i1", 10) == [SendMark("2")]


def test_an_item_whose_end_was_never_told_ends_with_its_response() -> None:
    floor = speaking()
    floor.model_audio("r1", "i1", 80, 0)

    assert floor.response_done(done("r1", says=("i1",)), 20) == [SendMark("2")]


def test_the_end_of_a_cut_item_is_of_no_interest() -> None:
    floor = speaking()
    floor.barge_in(100)

    assert floor.audio_finished("r1", "i1", 110) == []


def test_whether_a_response_spoke_is_remembered() -> None:
    floor = speaking()

    assert (floor.spoke("r1"), floor.spoke("r2")) == (True, False)


# --- an interruption


def test_late_audio_of_a_cut_response_is_dropped() -> None:
    floor = speaking()
    floor.barge_in(100)

    assert floor.was_cut("r1")
    assert floor.model_audio("r1", "i1", 1600, 110) is None
    assert floor.model_audio("r1", "i2", 1600, 110) is None
    assert floor.model_audio("r2", "i3", 1600, 110) == "2"


def test_a_response_is_cut_before_its_first_audio() -> None:
    floor = Floor()
    floor.response_created("r1")

    assert floor.barge_in(100) == []
    assert floor.model_audio("r1", "i1", 1600, 110) is None


def test_an_interruption_clears_then_truncates_each_item_at_what_was_heard() -> None:
    floor = speaking(400)
    floor.model_audio("r1", "i2", 8 * 400, 0)
    floor.response_done(done("r1", says=("i1", "i2")), 20)

    assert floor.barge_in(250) == [
        ClearAudio(),
        TruncateItem("i1", 250, 0, 400),
        RecordTurn(0, "model", "One two", "One"),
        DeleteItem("i2"),
    ]


def test_audio_of_a_response_that_is_done_is_cut_too() -> None:
    floor = speaking()
    floor.response_done(done("r1", says=("i1",)), 20)

    assert floor.barge_in(250) == [
        ClearAudio(),
        TruncateItem("i1", 250, 0, 400),
        RecordTurn(0, "model", "One two", "One"),
    ]
    assert floor.was_cut("r1")


def test_items_of_a_cut_response_that_never_reached_the_phone_are_deleted() -> None:
    floor = speaking()
    floor.barge_in(250)
    floor.words("i2", "Never heard.", 260)

    assert floor.response_done(done("r1", says=("i1", "i2"), status="cancelled"), 300) == [
        RecordTurn(0, "model", "One two", "One"),
        DeleteItem("i2"),
    ]
    assert floor.close(400) == []


@pytest.mark.parametrize(("cancel", "orders"), [(True, [CancelResponse("r1")]), (False, [])])
def test_a_response_is_cancelled_where_the_service_does_not_do_it(cancel: bool, orders: list[CancelResponse]) -> None:
    assert speaking().barge_in(250, cancel=cancel) == [ClearAudio(), *orders, TruncateItem("i1", 250, 0, 400)]


def test_a_response_is_cancelled_once() -> None:
    floor = speaking()
    floor.barge_in(250)

    assert floor.barge_in(260, cancel=True) == []


def test_a_response_asked_for_before_an_interruption_is_cancelled_when_it_begins() -> None:
    floor = Floor()
    floor.want_response()
    floor.next_response()
    floor.caller_started("u1", 100)
    assert floor.barge_in(100) == []

    assert floor.response_created("r1") == [CancelResponse("r1")]
    assert floor.model_audio("r1", "i1", 1600, 120) is None
    assert floor.response_created("r2") == []


def test_a_response_that_begins_after_the_caller_s_turn_is_not_taken_for_an_old_one() -> None:
    floor = Floor()
    floor.want_response()
    floor.next_response()
    floor.caller_started("u1", 100)
    floor.barge_in(100)
    floor.caller_stopped()

    assert floor.response_created("r1") == []


# --- asking for a response


def test_a_response_is_asked_for_once() -> None:
    floor = Floor()
    assert floor.next_response() == []
    floor.want_response(CreateResponse("Greet."))

    assert not floor.idle
    assert floor.next_response() == [CreateResponse("Greet.")]
    assert not floor.idle
    assert floor.owes
    assert floor.next_response() == []


def test_no_response_is_asked_for_while_one_is_being_made() -> None:
    floor = speaking()
    floor.want_response()

    assert floor.next_response() == []
    floor.response_done(done("r1"), 500)
    assert floor.next_response() == [CreateResponse()]


def test_no_response_is_asked_for_while_another_one_is_on_its_way() -> None:
    floor = Floor()
    floor.want_response()
    floor.next_response()
    floor.want_response()

    assert floor.next_response() == []


def test_no_response_is_asked_for_while_the_service_is_about_to_answer() -> None:
    floor = Floor()
    floor.caller_started("u1", 0)
    floor.want_response()
    assert floor.next_response() == []
    floor.caller_stopped()

    assert floor.next_response() == []
    assert floor.owes
    assert floor.give_up_waiting()
    assert not floor.give_up_waiting()
    assert floor.next_response() == [CreateResponse()]


def test_a_response_of_the_service_s_own_takes_the_place_of_the_wanted_one() -> None:
    floor = Floor()
    floor.caller_started("u1", 0)
    floor.want_response()  # what it is to tell was sent before the caller's turn ended
    floor.caller_stopped()
    floor.response_created("r1")
    floor.response_done(done("r1"), 0)

    assert floor.idle


def test_a_response_that_the_service_began_before_it_knew_does_not_take_that_place() -> None:
    floor = Floor()
    floor.caller_stopped()
    floor.want_response()
    floor.response_created("r1")
    floor.response_done(done("r1"), 0)

    assert floor.next_response() == [CreateResponse()]


def test_where_signs_come_back_a_response_without_one_is_the_service_s() -> None:
    floor = Floor()
    floor.want_response()
    floor.next_response()
    floor.response_created("r0", ours=True)
    floor.response_done(done("r0"), 0)
    floor.want_response()
    floor.next_response()
    floor.response_created("r1")

    assert floor.made_for_us("r0")
    assert not floor.made_for_us("r1")
    assert not floor.idle


def test_what_is_wanted_can_be_given_up() -> None:
    floor = Floor()
    floor.want_response()

    floor.want_nothing()

    assert floor.idle


def test_a_refused_request_waits_for_the_response_that_the_service_was_making() -> None:
    floor = Floor()
    floor.want_response(CreateResponse("Greet."))
    floor.next_response()

    floor.request_refused()

    assert floor.next_response() == []
    assert floor.give_up_waiting()
    assert floor.next_response() == [CreateResponse("Greet.")]


def test_a_refusal_of_nothing_changes_nothing() -> None:
    floor = Floor()

    floor.request_refused()

    assert floor.idle


# --- who is owed an answer


def test_an_answer_is_due_until_its_end() -> None:
    floor = Floor()
    due = [(floor.owes, floor.unspoken)]
    floor.response_created("r1")
    due.append((floor.owes, floor.unspoken))
    floor.model_audio("r1", "i1", 80, 0)
    due.append((floor.owes, floor.unspoken))
    floor.response_done(done("r1"), 10)
    due.append((floor.owes, floor.unspoken))

    assert due == [(False, False), (True, True), (True, False), (False, False)]


@pytest.mark.parametrize(("response_id", "due"), [("r1", False), ("r2", True)])
def test_a_response_that_ends_owes_nothing_more(response_id: str, due: bool) -> None:
    floor = Floor()
    floor.response_created("r1")

    floor.response_done(done(response_id), 0)

    assert floor.owes is due


def test_the_end_of_a_cut_response_leaves_the_next_owes() -> None:
    floor = speaking()
    floor.caller_started("u1", 100)
    floor.barge_in(100)
    floor.caller_stopped()

    floor.response_done(ResponseDone("r1", "cancelled"), 300)

    assert floor.owes


def test_a_response_that_was_cut_is_not_owed_and_its_end_not_waited_for() -> None:
    floor = Floor()
    floor.response_created("r1")
    floor.barge_in(100)
    owed = floor.owes
    floor.want_response(CreateResponse("Greet."))

    assert (owed, floor.owes) == (False, True)
    assert floor.next_response() == []
    assert floor.give_up_waiting()
    assert floor.next_response() == [CreateResponse("Greet.")]


def test_a_turn_that_the_service_does_not_end_is_ended_and_answered_on_request() -> None:
    floor = Floor()
    floor.caller_started("u1", 0)

    floor.end_caller_turn()

    assert floor.next_response() == [CreateResponse()]
    floor.caller_stopped()  # the service sees its end after all
    assert not floor.give_up_waiting()


def test_a_caller_who_speaks_again_is_answered_after_that() -> None:
    floor = Floor()
    floor.caller_started("u1", 0)
    floor.caller_stopped()

    floor.caller_started("u2", 500)

    assert not floor.owes


def test_a_service_that_was_busy_still_is_when_the_caller_speaks_over_a_held_floor() -> None:
    floor = Floor()
    floor.hold()
    floor.want_response()
    floor.next_response()
    floor.request_refused()

    floor.caller_started("u1", 0)

    assert floor.owes


# --- holding the floor


def test_turn_taking_is_set_once_each_way() -> None:
    floor = Floor()

    assert floor.release() == []
    assert floor.hold() == [SetTurnTaking(enabled=False)]
    assert floor.hold() == []
    assert floor.release() == [SetTurnTaking(enabled=True)]
    assert floor.release() == []


def test_while_the_floor_is_held_a_response_is_asked_for_even_over_the_caller() -> None:
    floor = Floor()
    floor.hold()
    floor.caller_started("u1", 0)
    floor.want_response()

    assert floor.next_response() == [CreateResponse()]


def test_while_the_floor_is_held_the_service_owes_no_answer() -> None:
    floor = Floor()
    floor.caller_stopped()
    floor.hold()

    floor.caller_started("u1", 0)
    floor.caller_stopped()

    assert not floor.owes
    assert not floor.give_up_waiting()


# --- the end


def test_nothing_is_expected_of_a_model_that_is_gone() -> None:
    floor = speaking()
    floor.want_response()

    floor.model_lost()

    assert floor.idle
    assert not floor.owes


def test_at_the_end_every_open_turn_is_told_with_what_was_heard_of_it() -> None:
    floor = speaking()
    floor.words("i2", "Never heard.", 50)

    assert floor.close(250) == [
        RecordTurn(0, "model", "One two", "One"),
        RecordTurn(50, "model", "Never heard.", ""),
    ]


def test_the_caller_s_words_become_a_turn() -> None:
    floor = Floor()
    floor.caller_started("u1", 100)

    assert floor.caller_said("u1", "Hello?", 900) == [RecordTurn(100, "caller", "Hello?", "Hello?")]


# --- the tone


def test_a_tone_is_played_only_into_silence_and_is_no_word() -> None:
    floor = speaking(400)
    assert floor.play_tone(300) == []
    floor.mark_played("1", 400)
    words_until_ms = floor.words_until_ms

    assert floor.play_tone(3000) == [PlayAudio(TONE), SendMark("2")]
    assert (words_until_ms, floor.words_until_ms, floor.playback.until_ms) == (400, 400, 3300)
    assert floor.mark_played("2", 3300) == []
    floor.model_audio("r1", "i2", 8 * 100, 4000)
    assert floor.words_until_ms == 4100


def test_a_tone_at_the_end_of_the_call_is_no_turn() -> None:
    floor = Floor()
    floor.play_tone(0)

    assert floor.close(100) == []
