"""Moving a live call by REST: each thing that Twilio can answer, or fail to."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from sandbox.twilio.events import Operation
from sandbox.twilio.faults import RestFault
from tests.twilio_rest_api import ACCOUNT, PASSWORD, TwilioRestApi, run_twilio_rest_api
from transfer_settings import Credentials
from twilio_calls import BACKOFF_S, Outcome, TwilioCalls

CALL = "CA" + "1" * 32
TWIML = "<Response><Dial>+15550100002</Dial></Response>"
PAGE = "<html>Bad gateway</html>"

type Asked = tuple[Operation, str]
UPDATE: Asked = ("update", CALL)
FETCH: Asked = ("fetch", CALL)
LEGS: Asked = ("list", CALL)


@pytest.fixture(scope="module")
def twilio() -> Iterator[TwilioRestApi]:
    with run_twilio_rest_api() as rest:
        yield rest


@pytest.fixture
def rest(twilio: TwilioRestApi) -> TwilioRestApi:
    """With one live call."""
    twilio.forget()
    twilio.add_call(CALL)
    return twilio


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def calls(rest: TwilioRestApi, slept: list[float]) -> TwilioCalls:
    credentials = Credentials(ACCOUNT, ACCOUNT, PASSWORD)
    return TwilioCalls(credentials, rest.origin, timeout_s=10, sleep=slept.append)


def test_a_live_call_is_moved_by_one_request(calls: TwilioCalls, rest: TwilioRestApi) -> None:
    assert calls.move(CALL, TWIML) == Outcome("moved")
    assert rest.updates == [(CALL, TWIML)]
    assert rest.requests == [UPDATE]


FALLBACK = "https://stack.example.com/fallback"


@pytest.fixture
def with_net(rest: TwilioRestApi) -> TwilioCalls:
    """Calls that are moved with a fallback."""
    return TwilioCalls(Credentials(ACCOUNT, ACCOUNT, PASSWORD), rest.origin, fallback_url=FALLBACK, timeout_s=10)


def test_a_moved_call_has_the_number_s_fallback(with_net: TwilioCalls, rest: TwilioRestApi) -> None:
    assert with_net.move(CALL, TWIML) == Outcome("moved")
    assert (rest.updates, rest.fallbacks) == ([(CALL, TWIML)], [FALLBACK])
    assert with_net.describe_move(CALL, TWIML)["form"] == {
        "Twiml": TWIML,
        "FallbackUrl": FALLBACK,
        "FallbackMethod": "POST",
    }


@pytest.mark.parametrize(
    "fault", [RestFault(400, 21405), RestFault(400, 11100, problem=True), RestFault(400, body=PAGE)]
)
def test_a_call_whose_fallback_is_refused_is_moved_without(
    with_net: TwilioCalls, rest: TwilioRestApi, fault: RestFault
) -> None:
    rest.fail(fault)

    assert with_net.move(CALL, TWIML) == Outcome("moved")
    assert (rest.updates, rest.fallbacks) == ([(CALL, TWIML)], [None])


@pytest.mark.parametrize(
    ("fault", "status"),
    [(RestFault(400, 21220), "caller_gone"), (RestFault(401, 20003), "failed"), (RestFault(500, 20500), "failed")],
)
def test_what_has_nothing_to_do_with_the_fallback_is_not_tried_without(
    with_net: TwilioCalls, rest: TwilioRestApi, fault: RestFault, status: str
) -> None:
    rest.fail(fault)

    assert with_net.move(CALL, TWIML).status == status
    assert rest.requests.count(UPDATE) == 1


def test_a_call_that_is_refused_either_way_is_a_failure(with_net: TwilioCalls, rest: TwilioRestApi) -> None:
    rest.fail(RestFault(400, 21205), RestFault(400, 21205))

    assert with_net.move(CALL, TWIML).status == "failed"
    assert rest.requests == [UPDATE, UPDATE]


UNKNOWN = [RestFault(404, 20404), RestFault(404, 20404, problem=True), RestFault(404, body=PAGE)]


def test_a_call_that_is_over_is_a_caller_who_has_gone(calls: TwilioCalls, rest: TwilioRestApi) -> None:
    rest.fail(RestFault(400, 21220))

    assert calls.move(CALL, TWIML).status == "caller_gone"
    assert rest.requests == [UPDATE]


@pytest.mark.parametrize("fault", UNKNOWN)
def test_a_call_that_twilio_does_not_find_has_ended_if_it_says_so(
    calls: TwilioCalls, rest: TwilioRestApi, fault: RestFault
) -> None:
    rest.fail(fault)
    rest.add_call(CALL, "completed")

    assert calls.move(CALL, TWIML).status == "caller_gone"
    assert rest.requests == [UPDATE, FETCH]


@pytest.mark.parametrize("fault", UNKNOWN)
@pytest.mark.parametrize("second", [None, RestFault(404, 20404), RestFault(401, 20003), RestFault(drop=True)])
def test_a_call_that_twilio_does_not_know_may_be_one_of_another_account(
    calls: TwilioCalls,
    rest: TwilioRestApi,
    fault: RestFault,
    second: RestFault | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    rest.fail(*filter(None, (fault, second)))

    assert calls.move(CALL, TWIML).status == "failed"
    assert rest.requests == [UPDATE, FETCH]
    assert [record.levelname for record in caplog.records] == ["ERROR"]


@pytest.mark.parametrize("body", ["[]", "null", '"x"', "7", ""])
def test_a_success_that_is_no_object_is_no_clear_answer(calls: TwilioCalls, rest: TwilioRestApi, body: str) -> None:
    rest.fail(RestFault(200, body=body, applied=True))
    rest.add_legs(CALL, "ringing")

    assert calls.move(CALL, TWIML).status == "moved"
    assert rest.requests == [UPDATE, FETCH, LEGS]


def test_while_our_own_words_are_spoken_nobody_being_rung_means_nothing(
    calls: TwilioCalls, rest: TwilioRestApi
) -> None:
    rest.fail(RestFault(drop=True, applied=True))

    assert calls.move(CALL, TWIML, rings_at_once=False).status == "in_progress"
    assert rest.requests == [UPDATE, FETCH, LEGS]


def test_after_the_time_is_up_twilio_is_asked_nothing(calls: TwilioCalls, rest: TwilioRestApi) -> None:
    assert calls.move(CALL, TWIML, until=time.monotonic()).status == "failed"
    assert rest.requests == []


@pytest.mark.parametrize(
    "fault", [RestFault(429, 20429), RestFault(429, 20429, problem=True), RestFault(429, body=PAGE)]
)
def test_too_many_requests_are_tried_again_after_a_while(
    calls: TwilioCalls, rest: TwilioRestApi, slept: list[float], fault: RestFault
) -> None:
    rest.fail(fault, fault)

    assert calls.move(CALL, TWIML) == Outcome("moved")
    assert rest.requests == [UPDATE] * 3
    assert tuple(slept) == BACKOFF_S[:2]


def test_too_many_requests_for_too_long_are_a_failure(
    calls: TwilioCalls, rest: TwilioRestApi, slept: list[float]
) -> None:
    rest.fail(*[RestFault(429, 20429)] * 4)

    assert calls.move(CALL, TWIML).status == "failed"
    assert rest.requests == [UPDATE] * 4
    assert tuple(slept) == BACKOFF_S


@pytest.mark.parametrize(
    "fault",
    [RestFault(401, 20003), RestFault(400, 21205), RestFault(400, 12100, problem=True), RestFault(302, body=PAGE)],
)
def test_any_other_refusal_is_a_failure_that_quotes_no_number(
    calls: TwilioCalls, rest: TwilioRestApi, fault: RestFault
) -> None:
    rest.fail(fault)

    outcome = calls.move(CALL, TWIML)

    assert outcome.status == "failed"
    assert "+1555" not in outcome.detail
    assert rest.requests == [UPDATE]


@pytest.mark.parametrize(
    "fault",
    [RestFault(500, 20500), RestFault(502, body=PAGE), RestFault(503, 20503, problem=True), RestFault(drop=True)],
)
def test_without_a_clear_answer_twilio_is_asked_and_the_update_is_not_repeated(
    calls: TwilioCalls, rest: TwilioRestApi, fault: RestFault
) -> None:
    rest.fail(fault)

    assert calls.move(CALL, TWIML).status == "failed"
    assert rest.requests == [UPDATE, FETCH, LEGS]


@pytest.mark.parametrize(
    "fault",
    [RestFault(500, 20500, applied=True), RestFault(drop=True, applied=True), RestFault(200, body=PAGE, applied=True)],
)
def test_an_update_that_was_applied_without_a_clear_answer_has_moved_the_call(
    calls: TwilioCalls, rest: TwilioRestApi, fault: RestFault
) -> None:
    rest.fail(fault)
    rest.add_legs(CALL, "no-answer", "ringing")

    assert calls.move(CALL, TWIML).status == "moved"
    assert rest.requests == [UPDATE, FETCH, LEGS]


def test_people_who_were_rung_before_do_not_count(calls: TwilioCalls, rest: TwilioRestApi) -> None:
    rest.fail(RestFault(500, body=PAGE))
    rest.add_legs(CALL, "busy", "completed")

    assert calls.move(CALL, TWIML).status == "failed"


def test_a_caller_who_hung_up_meanwhile_is_gone(calls: TwilioCalls, rest: TwilioRestApi) -> None:
    rest.fail(RestFault(500, body=PAGE))
    rest.add_call(CALL, "completed")

    assert calls.move(CALL, TWIML).status == "caller_gone"
    assert rest.requests == [UPDATE, FETCH]


@pytest.mark.parametrize(
    ("second", "status"),
    [(RestFault(500, body=PAGE), "failed"), (RestFault(drop=True), "failed"), (RestFault(404, 20404), "failed")],
)
def test_what_cannot_be_found_out_is_a_failure(
    calls: TwilioCalls, rest: TwilioRestApi, second: RestFault, status: str
) -> None:
    rest.fail(RestFault(drop=True), second)

    assert calls.move(CALL, TWIML).status == status
    assert rest.requests == [UPDATE, FETCH]


@pytest.mark.parametrize("third", [RestFault(404, 20404), RestFault(500, body=PAGE), RestFault(drop=True)])
def test_without_a_list_of_who_is_rung_it_is_a_failure(
    calls: TwilioCalls, rest: TwilioRestApi, third: RestFault
) -> None:
    rest.fail(RestFault(500, body=PAGE), replace(third, operation="list"))

    assert calls.move(CALL, TWIML).status == "failed"
    assert rest.requests == [UPDATE, FETCH, LEGS]


def test_twilio_is_not_waited_for_longer_than_the_time_out(rest: TwilioRestApi) -> None:
    rest.fail(RestFault(hang=True))
    calls = TwilioCalls(Credentials(ACCOUNT, ACCOUNT, PASSWORD), rest.origin, timeout_s=1)

    assert calls.move(CALL, TWIML).status == "failed"
    assert rest.requests[:2] == [UPDATE, FETCH]


def test_nobody_at_the_address_is_a_failure() -> None:
    calls = TwilioCalls(Credentials(ACCOUNT, ACCOUNT, PASSWORD), "http://127.0.0.1:1", timeout_s=10)

    assert calls.move(CALL, TWIML).status == "failed"


def test_the_client_takes_no_region_from_the_environment(rest: TwilioRestApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_REGION", "au1")
    calls = TwilioCalls(Credentials(ACCOUNT, ACCOUNT, PASSWORD), rest.origin, timeout_s=10)

    assert calls.move(CALL, TWIML) == Outcome("moved")


def make_calls_with_tokens(rest: TwilioRestApi, present: str, following: str) -> TwilioCalls:
    return TwilioCalls(Credentials(ACCOUNT, ACCOUNT, present, following), rest.origin, timeout_s=10)


def test_a_token_that_twilio_has_replaced_by_the_next_one_is_replaced_here_too(rest: TwilioRestApi) -> None:
    calls = make_calls_with_tokens(rest, "b" * 32, PASSWORD)

    assert calls.move(CALL, TWIML) == Outcome("moved")
    assert calls.move(CALL, TWIML) == Outcome("moved")
    assert rest.requests == [UPDATE, UPDATE, UPDATE]  # the next one is tried first from now on


def test_a_token_that_was_put_back_is_found_again(rest: TwilioRestApi) -> None:
    calls = make_calls_with_tokens(rest, PASSWORD, "b" * 32)
    rest.fail(RestFault(401, 20003))
    refused = calls.move(CALL, TWIML)

    assert (refused.status, calls.move(CALL, TWIML)) == ("failed", Outcome("moved"))


def test_where_neither_token_is_good_the_move_has_failed(rest: TwilioRestApi) -> None:
    assert (
        make_calls_with_tokens(rest, "b" * 32, "c" * 32).move(CALL, TWIML).detail
        == "Twilio refused with HTTP 401, code 20003"
    )
    assert rest.updates == []
