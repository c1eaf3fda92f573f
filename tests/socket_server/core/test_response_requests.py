"""Which response is to come next."""

import pytest

from socket_server.core.actions import (
    CancelResponse,
    CreateResponse,
    SetTurnTaking,
)
from socket_server.core.events import ResponseDone
from socket_server.core.turn_taking import TurnTaking
from tests.socket_server.scripts import done


def speaking(ms: int = 400, *, at_ms: int = 0) -> TurnTaking:
    """A state in which response r1 has sent so much of item i1, with the mark "1" after it."""
    turn_taking = TurnTaking()
    turn_taking.response_created("r1")
    turn_taking.words("i1", "One two", at_ms)
    assert turn_taking.model_audio("r1", "i1", 8 * ms, at_ms) == "1"
    return turn_taking


def test_a_response_that_begins_after_the_caller_s_turn_is_not_taken_for_an_old_one() -> None:
    turn_taking = TurnTaking()
    turn_taking.want_response()
    turn_taking.next_response(0)
    turn_taking.caller_started("u1", 100)
    turn_taking.barge_in(100)
    turn_taking.caller_stopped()

    assert turn_taking.response_created("r1") == []


def test_a_response_is_asked_for_once() -> None:
    turn_taking = TurnTaking()
    assert turn_taking.next_response(0) == []
    turn_taking.want_response(CreateResponse("Greet."))

    assert not turn_taking.idle
    assert turn_taking.next_response(0) == [CreateResponse("Greet.")]
    assert not turn_taking.idle
    assert turn_taking.owes
    assert turn_taking.next_response(0) == []


def test_no_response_is_asked_for_while_one_is_being_made() -> None:
    turn_taking = speaking()
    turn_taking.want_response()

    assert turn_taking.next_response(0) == []
    turn_taking.response_done(done("r1"), 500)
    assert turn_taking.next_response(0) == [CreateResponse()]


def test_no_response_is_asked_for_while_another_one_is_on_its_way() -> None:
    turn_taking = TurnTaking()
    turn_taking.want_response()
    turn_taking.next_response(0)
    turn_taking.want_response()

    assert turn_taking.next_response(0) == []


def test_no_response_is_asked_for_while_the_service_is_about_to_answer() -> None:
    turn_taking = TurnTaking()
    turn_taking.caller_started("u1", 0)
    turn_taking.want_response()
    assert turn_taking.next_response(0) == []
    turn_taking.caller_stopped()

    assert turn_taking.next_response(0) == []
    assert turn_taking.owes
    turn_taking.give_up_waiting()
    assert turn_taking.next_response(0) == [CreateResponse()]


def test_a_response_of_the_service_s_own_takes_the_place_of_the_wanted_one() -> None:
    turn_taking = TurnTaking()
    turn_taking.caller_started("u1", 0)
    turn_taking.want_response()  # what it is to tell was sent before the caller's turn ended
    turn_taking.caller_stopped()
    turn_taking.response_created("r1")
    turn_taking.response_done(done("r1"), 0)

    assert turn_taking.idle


def test_a_response_that_the_service_began_before_it_knew_does_not_take_that_place() -> None:
    turn_taking = TurnTaking()
    turn_taking.caller_stopped()
    turn_taking.want_response()
    turn_taking.response_created("r1")
    turn_taking.response_done(done("r1"), 0)

    assert turn_taking.next_response(0) == [CreateResponse()]


def test_where_signs_come_back_a_response_without_one_is_the_service_s() -> None:
    turn_taking = TurnTaking()
    turn_taking.want_response()
    turn_taking.next_response(0)
    turn_taking.response_created("r0", ours=True)
    turn_taking.response_done(done("r0"), 0)
    turn_taking.want_response()
    turn_taking.next_response(0)
    turn_taking.response_created("r1")

    assert turn_taking.made_for_us("r0")
    assert not turn_taking.made_for_us("r1")
    assert not turn_taking.idle


def test_what_is_wanted_can_be_given_up() -> None:
    turn_taking = TurnTaking()
    turn_taking.want_response()

    turn_taking.want_nothing()

    assert turn_taking.idle


def test_a_refused_request_waits_for_the_response_that_the_service_was_making() -> None:
    turn_taking = TurnTaking()
    turn_taking.want_response(CreateResponse("Greet."))
    turn_taking.next_response(0)

    turn_taking.request_refused()

    assert turn_taking.next_response(0) == []
    turn_taking.give_up_waiting()
    assert turn_taking.next_response(0) == [CreateResponse("Greet.")]


def test_a_refusal_of_nothing_changes_nothing() -> None:
    turn_taking = TurnTaking()

    turn_taking.request_refused()

    assert turn_taking.idle


@pytest.mark.parametrize(("response_id", "due"), [("r1", False), ("r2", True)])
def test_a_response_that_ends_owes_nothing_more(response_id: str, due: bool) -> None:
    turn_taking = TurnTaking()
    turn_taking.response_created("r1")

    turn_taking.response_done(done(response_id), 0)

    assert turn_taking.owes is due


def test_the_end_of_a_cut_response_leaves_the_next_owes() -> None:
    turn_taking = speaking()
    turn_taking.caller_started("u1", 100)
    turn_taking.barge_in(100)
    turn_taking.caller_stopped()

    turn_taking.response_done(ResponseDone("r1", "cancelled"), 300)

    assert turn_taking.owes


def test_a_response_that_was_cut_is_not_owed_and_its_end_not_waited_for() -> None:
    turn_taking = TurnTaking()
    turn_taking.response_created("r1")
    turn_taking.barge_in(100)
    owed = turn_taking.owes
    turn_taking.want_response(CreateResponse("Greet."))

    assert (owed, turn_taking.owes) == (False, True)
    assert turn_taking.next_response(0) == []
    turn_taking.give_up_waiting()
    assert turn_taking.next_response(0) == [CreateResponse("Greet.")]


def test_a_turn_that_the_service_does_not_end_is_ended_and_answered_on_request() -> None:
    turn_taking = TurnTaking()
    turn_taking.caller_started("u1", 0)

    turn_taking.end_caller_turn()

    assert turn_taking.next_response(0) == [CreateResponse()]
    turn_taking.caller_stopped()  # the service sees its end after all
    turn_taking.response_created("r1", ours=True)
    turn_taking.response_done(done("r1"), 0)
    turn_taking.give_up_waiting()
    assert turn_taking.idle


def test_a_caller_who_speaks_again_is_answered_after_that() -> None:
    turn_taking = TurnTaking()
    turn_taking.caller_started("u1", 0)
    turn_taking.caller_stopped()

    turn_taking.caller_started("u2", 500)

    assert not turn_taking.owes


def test_a_service_that_was_busy_still_is_when_the_caller_speaks_while_it_is_held() -> None:
    turn_taking = TurnTaking()
    turn_taking.hold()
    turn_taking.want_response()
    turn_taking.next_response(0)
    turn_taking.request_refused()

    turn_taking.caller_started("u1", 0)

    assert turn_taking.owes


def test_turn_taking_is_set_once_each_way() -> None:
    turn_taking = TurnTaking()

    assert turn_taking.release() == []
    assert turn_taking.hold() == [SetTurnTaking(enabled=False)]
    assert turn_taking.hold() == []
    assert turn_taking.release() == [SetTurnTaking(enabled=True)]
    assert turn_taking.release() == []


def test_while_the_service_is_held_a_response_is_asked_for_even_over_the_caller() -> None:
    turn_taking = TurnTaking()
    turn_taking.hold()
    turn_taking.caller_started("u1", 0)
    turn_taking.want_response()

    assert turn_taking.next_response(0) == [CreateResponse()]


def test_while_the_service_is_held_the_service_owes_no_answer() -> None:
    turn_taking = TurnTaking()
    turn_taking.caller_stopped()
    turn_taking.hold()

    turn_taking.caller_started("u1", 0)
    turn_taking.caller_stopped()

    assert not turn_taking.owes


# --- one answer to one turn


def answered_late() -> TurnTaking:
    """The service was to answer by itself and did not begin to: it was asked."""
    turn_taking = TurnTaking()
    turn_taking.caller_started("u1", 0)
    turn_taking.caller_stopped()
    turn_taking.give_up_waiting()
    assert turn_taking.next_response(0) == [CreateResponse()]
    return turn_taking


def test_an_answer_of_the_service_s_own_that_was_only_late_is_the_answer() -> None:
    turn_taking = answered_late()

    turn_taking.request_refused()
    turn_taking.response_created("s1")
    turn_taking.response_done(done("s1"), 0)

    assert turn_taking.idle


def test_an_answer_that_is_only_late_takes_the_place_of_the_request_that_stands_in_for_it() -> None:
    turn_taking = TurnTaking()
    turn_taking.caller_started("u1", 0)
    turn_taking.end_caller_turn()

    turn_taking.response_created("s1")
    turn_taking.response_done(done("s1"), 0)

    assert turn_taking.idle


def test_a_request_that_nothing_came_of_blocks_no_other() -> None:
    """The service has made another response since, and refused nothing: ours was lost on its way."""
    turn_taking = TurnTaking()
    turn_taking.want_response()
    turn_taking.next_response(0)
    turn_taking.response_created("r0", ours=True)
    turn_taking.response_done(done("r0"), 0)
    turn_taking.want_response()
    turn_taking.next_response(0)
    turn_taking.response_created("s1")
    turn_taking.response_done(done("s1"), 0)
    turn_taking.want_response(CreateResponse("Greet."))

    assert turn_taking.next_response(0) == [CreateResponse("Greet.")]


def test_a_request_without_tools_is_answered_by_the_next_turn_s_response_too() -> None:
    turn_taking = TurnTaking()
    turn_taking.caller_started("u1", 0)
    turn_taking.want_response(CreateResponse(tools_allowed=False))
    turn_taking.caller_stopped()
    turn_taking.response_created("s1")
    turn_taking.response_done(done("s1"), 0)

    assert turn_taking.idle


def test_an_answer_that_was_on_its_way_when_the_service_was_held_is_not_heard() -> None:
    turn_taking = TurnTaking()
    turn_taking.caller_started("u1", 0)
    turn_taking.caller_stopped()
    turn_taking.hold()

    assert turn_taking.response_created("s1") == [CancelResponse("s1")]
    assert turn_taking.model_audio("s1", "i1", 80, 0) is None
    assert turn_taking.response_created("r2", ours=True) == []


def test_what_comes_after_a_hold_that_was_released_is_heard() -> None:
    turn_taking = TurnTaking()
    turn_taking.caller_started("u1", 0)
    turn_taking.caller_stopped()
    turn_taking.hold()
    turn_taking.release()

    assert turn_taking.response_created("s1") == []


def test_a_request_that_failed_is_told_once() -> None:
    turn_taking = TurnTaking()
    turn_taking.want_response(CreateResponse("Greet."))
    turn_taking.next_response(0)

    assert [turn_taking.request_failed(), turn_taking.request_failed()] == [CreateResponse("Greet."), None]
