"""The operator ends a live call with a goodbye."""

from typing import Any

import pytest

from call_record import CallTable, Turn
from goodbye import GOODBYE
from sandbox.twilio.faults import RestFault
from tests.lambdas import read_metrics
from tests.transfer.conftest import CALL, TRANSFER, Invoke
from tests.twilio_rest_api import TwilioRestApi

END = {"action": "end", "call_sid": CALL, "request_id": "board_1"}
TWIML = f'<?xml version="1.0" encoding="UTF-8"?><Response><Say>{GOODBYE}</Say><Hangup /></Response>'


def read_goodbyes(table: CallTable) -> list[tuple[str, str]]:
    return [(each.request_id, each.status) for each in table.read(CALL).goodbyes]


def test_the_caller_hears_a_goodbye_and_the_call_ends(invoke: Invoke, rest: TwilioRestApi, table: CallTable) -> None:
    assert invoke(END) == {"status": "moved"}
    assert rest.updates == [(CALL, TWIML)]
    assert read_goodbyes(table) == [("board_1", "moved")]


def test_the_same_request_twice_acts_once(invoke: Invoke, rest: TwilioRestApi, table: CallTable) -> None:
    answers = [invoke(END), invoke(END)]

    assert answers == [{"status": "moved"}, {"status": "moved"}]
    assert len(rest.updates) == 1
    assert table.goodbyes.claim(CALL, "board_2") is None
    assert invoke(END | {"request_id": "board_2"}) == {"status": "in_progress"}


def test_a_dry_run_says_what_it_would_do_and_does_nothing(
    invoke: Invoke, rest: TwilioRestApi, table: CallTable
) -> None:
    answer = invoke(END | {"dry_run": True})

    assert (answer["status"], answer["dry_run"], answer["twiml"]) == ("moved", True, TWIML)
    assert [request["form"]["Twiml"] for request in answer["rest"]] == [TWIML]
    assert rest.requests == []
    assert read_goodbyes(table) == []


def test_a_caller_who_is_gone_is_told_as_gone(invoke: Invoke, rest: TwilioRestApi, table: CallTable) -> None:
    rest.add_call(CALL, status="completed")

    assert invoke(END) == {"status": "caller_gone"}
    assert read_goodbyes(table) == [("board_1", "caller_gone")]


def test_a_goodbye_is_said_again_where_twilio_gave_no_clear_answer(
    invoke: Invoke, rest: TwilioRestApi, table: CallTable
) -> None:
    rest.fail(RestFault(status=500))

    assert invoke(END) == {"status": "moved"}
    assert [operation for operation, _ in rest.requests] == ["update", "update"]
    assert read_goodbyes(table) == [("board_1", "moved")]


def test_a_call_that_twilio_does_not_know_is_a_failure(invoke: Invoke, table: CallTable) -> None:
    other = "CA" + "9" * 32

    answer = invoke(END | {"call_sid": other})

    assert (answer["status"], answer["error"]) == ("failed", "Twilio knows no such call")
    assert table.read(other).goodbyes[0].status == "failed"
    assert invoke(END | {"call_sid": other}) == answer  # repeated


@pytest.mark.usefixtures("no_database")
def test_without_the_record_the_goodbye_is_said_all_the_same(invoke: Invoke, rest: TwilioRestApi) -> None:
    assert invoke(END) == {"status": "moved"}
    assert rest.updates == [(CALL, TWIML)]


@pytest.mark.parametrize("wrong", [{"request_id": ""}, {"request_id": "a b"}, {"call_sid": "CA1"}, {"call_sid": 7}])
def test_a_request_that_names_nothing_is_refused(invoke: Invoke, rest: TwilioRestApi, wrong: dict[str, Any]) -> None:
    assert invoke(END | wrong)["status"] == "failed"
    assert rest.requests == []


def test_a_goodbye_is_no_transfer_in_the_metrics(invoke: Invoke, capsys: pytest.CaptureFixture[str]) -> None:
    invoke(END)

    assert read_metrics(capsys.readouterr().out) == []


@pytest.mark.usefixtures("cold")
@pytest.mark.parametrize(("keep", "said"), [("0", ""), ("1", "My name is Dana.")])
def test_words_are_erased_with_the_goodbye_if_they_are_not_kept(
    invoke: Invoke, table: CallTable, monkeypatch: pytest.MonkeyPatch, keep: str, said: str
) -> None:
    monkeypatch.setenv("KEEP_TRANSCRIPTS", keep)
    table.add_turn(CALL, Turn(1000, "caller", "My name is Dana.", "My name is Dana."))

    assert invoke(END)["status"] == "moved"
    assert [turn.said for turn in table.read(CALL).turns] == [said]


def test_a_person_who_talks_with_the_caller_is_no_reason_to_wait(invoke: Invoke, rest: TwilioRestApi) -> None:
    invoke(TRANSFER)
    rest.add_legs(CALL, "in-progress")

    assert invoke(END) == {"status": "moved"}
    assert rest.updates[-1] == (CALL, TWIML)
