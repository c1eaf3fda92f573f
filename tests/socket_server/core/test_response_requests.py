"""Which response is to come next."""

import pytest

from socket_server.core.actions import (
    CancelResponse,
    CreateResponse,
    SetTurnTaking,
)
from socket_server.core.events import ResponseDone
from socket_server.core.turn_taking import Floor
from tests.socket_server.scripts import done


def speaking(ms: int = 400, *, at_ms: int = 0) -> Floor:
    """A floor on which response r1 has sent so much of item i1, with the mark "1" after it."""
    floor = Floor()
    floor.response_created("r1")
    floor.words("i1", "One two", at_ms)
    assert floor.model_audio("r1", "i1", 8 * ms, at_ms) == "1"
    return floor


def test_a_response_that_begins_after_the_caller_s_turn_is_not_taken_for_an_old_one() -> None:
    floor = Floor()
    floor.want_response()
    floor.next_response()
    floor.caller_started("u1", 100)
    floor.barge_in(100)
    floor.caller_stopped()

    assert floor.response_created("r1") == []


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
    floor.give_up_waiting()
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
    floor.give_up_waiting()
    assert floor.next_response() == [CreateResponse("Greet.")]


def test_a_refusal_of_nothing_changes_nothing() -> None:
    floor = Floor()

    floor.request_refused()

    assert floor.idle


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
    floor.give_up_waiting()
    assert floor.next_response() == [CreateResponse("Greet.")]


def test_a_turn_that_the_service_does_not_end_is_ended_and_answered_on_request() -> None:
    floor = Floor()
    floor.caller_started("u1", 0)

    floor.end_caller_turn()

    assert floor.next_response() == [CreateResponse()]
    floor.caller_stopped()  # the service sees its end after all
    floor.response_created("r1", ours=True)
    floor.response_done(done("r1"), 0)
    floor.give_up_waiting()
    assert floor.idle


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


# --- one answer to one turn


def answered_late() -> Floor:
    """The service was to answer by itself and did not begin to: it was asked."""
    floor = Floor()
    floor.caller_started("u1", 0)
    floor.caller_stopped()
    floor.give_up_waiting()
    assert floor.next_response() == [CreateResponse()]
    return floor


def test_an_answer_of_the_service_s_own_that_was_only_late_is_the_answer() -> None:
    floor = answered_late()

    floor.request_refused()
    floor.response_created("s1")
    floor.response_done(done("s1"), 0)

    assert floor.idle


def test_an_answer_that_is_only_late_takes_the_place_of_the_request_that_stands_in_for_it() -> None:
    floor = Floor()
    floor.caller_started("u1", 0)
    floor.end_caller_turn()

    floor.response_created("s1")
    floor.response_done(done("s1"), 0)

    assert floor.idle


def test_a_request_that_nothing_came_of_blocks_no_other() -> None:
    """The service has made another response since, and refused nothing: ours was lost on its way."""
    floor = Floor()
    floor.want_response()
    floor.next_response()
    floor.response_created("r0", ours=True)
    floor.response_done(done("r0"), 0)
    floor.want_response()
    floor.next_response()
    floor.response_created("s1")
    floor.response_done(done("s1"), 0)
    floor.want_response(CreateResponse("Greet."))

    assert floor.next_response() == [CreateResponse("Greet.")]


def test_a_request_without_tools_is_answered_by_the_next_turn_s_response_too() -> None:
    floor = Floor()
    floor.caller_started("u1", 0)
    floor.want_response(CreateResponse(tools_allowed=False))
    floor.caller_stopped()
    floor.response_created("s1")
    floor.response_done(done("s1"), 0)

    assert floor.idle


def test_an_answer_that_was_on_its_way_when_the_floor_was_held_is_not_heard() -> None:
    floor = Floor()
    floor.caller_started("u1", 0)
    floor.caller_stopped()
    floor.hold()

    assert floor.response_created("s1") == [CancelResponse("s1")]
    assert floor.model_audio("s1", "i1", 80, 0) is None
    assert floor.response_created("r2", ours=True) == []


def test_what_comes_of_a_floor_that_was_held_and_released_is_heard() -> None:
    floor = Floor()
    floor.caller_started("u1", 0)
    floor.caller_stopped()
    floor.hold()
    floor.release()

    assert floor.response_created("s1") == []


def test_a_request_that_failed_is_told_once() -> None:
    floor = Floor()
    floor.want_response(CreateResponse("Greet."))
    floor.next_response()

    assert [floor.request_failed(), floor.request_failed()] == [CreateResponse("Greet."), None]
