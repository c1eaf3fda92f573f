"""Which response is to come next, and who owes it."""

from collections.abc import Callable, Mapping

import pytest

from socket_server.core.actions import (
    CancelResponse,
    CreateResponse,
    SetTurnTaking,
)
from socket_server.core.response_requests import Owes, ResponseRequests


def speaking() -> ResponseRequests:
    """A state in which the service makes response r1."""
    requests = ResponseRequests()
    requests.response_created("r1")
    return requests


def requested() -> ResponseRequests:
    requests = ResponseRequests()
    requests.want_response()
    requests.next_response(0)
    return requests


def answering() -> ResponseRequests:
    """A state in which the service is about to answer the caller."""
    requests = ResponseRequests()
    requests.caller_started()
    requests.caller_stopped()
    return requests


def wanted() -> ResponseRequests:
    requests = ResponseRequests()
    requests.want_response()
    return requests


STATES: Mapping[Owes, Callable[[], ResponseRequests]] = {
    Owes.NOBODY: ResponseRequests,
    Owes.MADE: speaking,
    Owes.REQUESTED: requested,
    Owes.OWN_ANSWER: answering,
    Owes.WANTED: wanted,
}


def have_caller_speak(requests: ResponseRequests) -> None:
    requests.caller_started()
    requests.caller_stopped()


EVENTS: Mapping[str, Callable[[ResponseRequests], object]] = {
    "a response is wanted": lambda requests: requests.want_response(),
    "none is wanted": lambda requests: requests.want_nothing(),
    "we may request": lambda requests: requests.next_response(0),
    "created for us": lambda requests: requests.response_created("r1", ours=True),
    "refused": lambda requests: requests.request_refused(),
    "failed": lambda requests: requests.request_failed(),
    "over": lambda requests: requests.response_over("r1"),
    "cut": lambda requests: requests.cut_active(),
    "the caller starts": lambda requests: requests.caller_started(),
    "the caller has spoken": have_caller_speak,
    "their turn is ended": lambda requests: requests.end_caller_turn(),
    "the service is held": lambda requests: requests.hold(),
    "the wait is too long": lambda requests: requests.give_up_waiting(),
    "the model is lost": lambda requests: requests.model_lost(),
}
N, M, R, O, W = Owes.NOBODY, Owes.MADE, Owes.REQUESTED, Owes.OWN_ANSWER, Owes.WANTED  # noqa: E741 - columns of a table
LEADS_TO: Mapping[str, tuple[Owes, ...]] = {
    # from:                 N  M  R  O  W
    "a response is wanted": (W, M, R, O, W),
    "none is wanted": (N, M, R, O, N),
    "we may request": (N, M, R, O, R),
    "created for us": (M, M, M, M, M),
    "refused": (N, M, O, O, W),
    "failed": (N, M, N, O, W),
    "over": (N, N, R, O, W),
    "cut": (N, N, R, O, W),
    "the caller starts": (N, M, R, N, W),
    "the caller has spoken": (O, M, R, O, O),
    "their turn is ended": (W, M, R, O, W),
    "the service is held": (N, M, R, N, W),
    "the wait is too long": (N, M, R, W, W),
    "the model is lost": (N, N, N, N, N),
}


@pytest.mark.parametrize("event", EVENTS)
def test_from_each_state_an_event_leads_to_the_state_in_the_table(event: str) -> None:
    reached = []
    for state, make in STATES.items():
        requests = make()
        assert requests.owes is state
        EVENTS[event](requests)
        reached.append(requests.owes)

    assert tuple(reached) == LEADS_TO[event]


def test_the_table_has_each_state_and_each_event() -> None:
    assert list(STATES) == [N, M, R, O, W] == list(Owes)
    assert EVENTS.keys() == LEADS_TO.keys()


def test_a_response_that_begins_after_the_caller_s_turn_is_not_taken_for_an_old_one() -> None:
    requests = ResponseRequests()
    requests.want_response()
    requests.next_response(0)
    requests.caller_started()
    requests.cut_active()
    requests.caller_stopped()

    assert requests.response_created("r1") == []


def test_a_response_is_asked_for_once() -> None:
    requests = ResponseRequests()
    assert requests.next_response(0) == []
    requests.want_response(CreateResponse("Greet."))

    assert not requests.idle
    assert requests.next_response(0) == [CreateResponse("Greet.")]
    assert not requests.idle
    assert requests.owes is not Owes.NOBODY
    assert requests.next_response(0) == []


def test_no_response_is_asked_for_while_one_is_being_made() -> None:
    requests = speaking()
    requests.want_response()

    assert requests.next_response(0) == []
    requests.response_over("r1")
    assert requests.next_response(0) == [CreateResponse()]


def test_no_response_is_asked_for_while_another_one_is_on_its_way() -> None:
    requests = ResponseRequests()
    requests.want_response()
    requests.next_response(0)
    requests.want_response()

    assert requests.next_response(0) == []


def test_no_response_is_asked_for_while_the_service_is_about_to_answer() -> None:
    requests = ResponseRequests()
    requests.caller_started()
    requests.want_response()
    assert requests.next_response(0) == []
    requests.caller_stopped()

    assert requests.next_response(0) == []
    assert requests.owes is not Owes.NOBODY
    requests.give_up_waiting()
    assert requests.next_response(0) == [CreateResponse()]


def test_a_response_of_the_service_s_own_takes_the_place_of_the_wanted_one() -> None:
    requests = ResponseRequests()
    requests.caller_started()
    requests.want_response()  # what it is to tell was sent before the caller's turn ended
    requests.caller_stopped()
    requests.response_created("r1")
    requests.response_over("r1")

    assert requests.idle


def test_a_response_that_the_service_began_before_it_knew_does_not_take_that_place() -> None:
    requests = ResponseRequests()
    requests.caller_stopped()
    requests.want_response()
    requests.response_created("r1")
    requests.response_over("r1")

    assert requests.next_response(0) == [CreateResponse()]


def test_where_signs_come_back_a_response_without_one_is_the_service_s() -> None:
    requests = ResponseRequests()
    requests.want_response()
    requests.next_response(0)
    requests.response_created("r0", ours=True)
    requests.response_over("r0")
    requests.want_response()
    requests.next_response(0)
    requests.response_created("r1")

    assert requests.made_for_us("r0")
    assert not requests.made_for_us("r1")
    assert not requests.idle


def test_what_is_wanted_can_be_given_up() -> None:
    requests = ResponseRequests()
    requests.want_response()

    requests.want_nothing()

    assert requests.idle


def test_a_refused_request_waits_for_the_response_that_the_service_was_making() -> None:
    requests = ResponseRequests()
    requests.want_response(CreateResponse("Greet."))
    requests.next_response(0)

    requests.request_refused()

    assert requests.next_response(0) == []
    requests.give_up_waiting()
    assert requests.next_response(0) == [CreateResponse("Greet.")]


def test_a_refusal_of_nothing_changes_nothing() -> None:
    requests = ResponseRequests()

    requests.request_refused()

    assert requests.idle


@pytest.mark.parametrize(("response_id", "owes"), [("r1", Owes.NOBODY), ("r2", Owes.MADE)])
def test_a_response_that_ends_owes_nothing_more(response_id: str, owes: Owes) -> None:
    requests = ResponseRequests()
    requests.response_created("r1")

    requests.response_over(response_id)

    assert requests.owes is owes


def test_the_end_of_a_cut_response_leaves_the_next_owes() -> None:
    requests = speaking()
    requests.caller_started()
    requests.cut_active()
    requests.caller_stopped()

    requests.response_over("r1")

    assert requests.owes is not Owes.NOBODY


def test_a_response_that_was_cut_is_not_owed_and_its_end_not_waited_for() -> None:
    requests = ResponseRequests()
    requests.response_created("r1")
    requests.cut_active()
    owed = requests.owes
    requests.want_response(CreateResponse("Greet."))

    assert (owed, requests.owes) == (Owes.NOBODY, Owes.WANTED)
    assert requests.next_response(0) == []
    requests.give_up_waiting()
    assert requests.next_response(0) == [CreateResponse("Greet.")]


def test_a_turn_that_the_service_does_not_end_is_ended_and_answered_on_request() -> None:
    requests = ResponseRequests()
    requests.caller_started()

    requests.end_caller_turn()

    assert requests.next_response(0) == [CreateResponse()]
    requests.caller_stopped()  # the service sees its end after all
    requests.response_created("r1", ours=True)
    requests.response_over("r1")
    requests.give_up_waiting()
    assert requests.idle


def test_a_caller_who_speaks_again_is_answered_after_that() -> None:
    requests = ResponseRequests()
    requests.caller_started()
    requests.caller_stopped()

    requests.caller_started()

    assert requests.owes is Owes.NOBODY


def test_a_service_that_was_busy_still_is_when_the_caller_speaks_while_it_is_held() -> None:
    requests = ResponseRequests()
    requests.hold()
    requests.want_response()
    requests.next_response(0)
    requests.request_refused()

    requests.caller_started()

    assert requests.owes is not Owes.NOBODY


def test_turn_taking_is_set_once_each_way() -> None:
    requests = ResponseRequests()

    assert requests.release() == []
    assert requests.hold() == [SetTurnTaking(enabled=False)]
    assert requests.hold() == []
    assert requests.release() == [SetTurnTaking(enabled=True)]
    assert requests.release() == []


def test_while_the_service_is_held_a_response_is_asked_for_even_over_the_caller() -> None:
    requests = ResponseRequests()
    requests.hold()
    requests.caller_started()
    requests.want_response()

    assert requests.next_response(0) == [CreateResponse()]


def test_while_the_service_is_held_the_service_owes_no_answer() -> None:
    requests = ResponseRequests()
    requests.caller_stopped()
    requests.hold()

    requests.caller_started()
    requests.caller_stopped()

    assert requests.owes is Owes.NOBODY


# --- one answer to one turn


def answered_late() -> ResponseRequests:
    """The service was to answer by itself and did not begin to: it was asked."""
    requests = ResponseRequests()
    requests.caller_started()
    requests.caller_stopped()
    requests.give_up_waiting()
    assert requests.next_response(0) == [CreateResponse()]
    return requests


def test_an_answer_of_the_service_s_own_that_was_only_late_is_the_answer() -> None:
    requests = answered_late()

    requests.request_refused()
    requests.response_created("s1")
    requests.response_over("s1")

    assert requests.idle


def test_an_answer_that_is_only_late_takes_the_place_of_the_request_that_stands_in_for_it() -> None:
    requests = ResponseRequests()
    requests.caller_started()
    requests.end_caller_turn()

    requests.response_created("s1")
    requests.response_over("s1")

    assert requests.idle


def test_a_request_that_nothing_came_of_blocks_no_other() -> None:
    """The service has made another response since, and refused nothing: ours was lost on its way."""
    requests = ResponseRequests()
    requests.want_response()
    requests.next_response(0)
    requests.response_created("r0", ours=True)
    requests.response_over("r0")
    requests.want_response()
    requests.next_response(0)
    requests.response_created("s1")
    requests.response_over("s1")
    requests.want_response(CreateResponse("Greet."))

    assert requests.next_response(0) == [CreateResponse("Greet.")]


def test_a_request_without_tools_is_answered_by_the_next_turn_s_response_too() -> None:
    requests = ResponseRequests()
    requests.caller_started()
    requests.want_response(CreateResponse(tools_allowed=False))
    requests.caller_stopped()
    requests.response_created("s1")
    requests.response_over("s1")

    assert requests.idle


def test_an_answer_that_was_on_its_way_when_the_service_was_held_is_not_heard() -> None:
    requests = ResponseRequests()
    requests.caller_started()
    requests.caller_stopped()
    requests.hold()

    assert requests.response_created("s1") == [CancelResponse("s1")]
    assert requests.was_cut("s1")
    assert requests.response_created("r2", ours=True) == []


def test_what_comes_after_a_hold_that_was_released_is_heard() -> None:
    requests = ResponseRequests()
    requests.caller_started()
    requests.caller_stopped()
    requests.hold()
    requests.release()

    assert requests.response_created("s1") == []


def test_a_request_that_failed_is_told_once() -> None:
    requests = ResponseRequests()
    requests.want_response(CreateResponse("Greet."))
    requests.next_response(0)

    assert [requests.request_failed(), requests.request_failed()] == [CreateResponse("Greet."), None]
