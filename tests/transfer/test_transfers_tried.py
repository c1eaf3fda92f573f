"""Whom the transfer function rings when somebody was rung in vain before in the same call."""

import re
from collections.abc import Callable
from typing import Any

import pytest

import transfer
from call_record import Attempt, AttemptEnd, CallTable
from tests.transfer.conftest import CALL, TRANSFER
from tests.twilio_rest_api import TwilioRestApi
from transfers import Transfers

DIRECTORY = """
time_zone = "Europe/London"
[[destination]]
name = "first"
description = "First"
targets = ["client:first"]
[[destination]]
name = "second"
description = "Second"
targets = ["client:second"]
nobody = { destination = "first" }
"""

type Ask = Callable[[str, str | None], dict[str, Any]]


@pytest.fixture
def people(aws: None, tmp_path: Any) -> Transfers:  # noqa: ARG001 (the function lives in it)
    file = tmp_path / "directory.toml"
    file.write_text(DIRECTORY)
    return transfer.transfers(file)


@pytest.fixture
def ask(people: Transfers) -> Ask:
    """A request of a model, or of a key, for a destination or for anybody."""

    def ask(request_id: str, destination: str | None) -> dict[str, Any]:
        request = TRANSFER | {"request_id": request_id, "destination": destination}
        return transfer.answer(request, lambda: people)

    return ask


def list_rung(rest: TwilioRestApi) -> list[str]:
    return [name for _, twiml in rest.updates for name in re.findall("<Client[^>]*>(.*)</Client>", twiml)]


def settle_unanswered(table: CallTable, request_id: str) -> None:
    table.settle_attempt(CALL, request_id, AttemptEnd("no_answer", "no-answer", "<Response/>"))


def test_where_nobody_was_named_everybody_is_rung_once(ask: Ask, rest: TwilioRestApi, table: CallTable) -> None:
    for request_id in ("call_1", "call_2"):
        assert ask(request_id, "")["status"] == "moved"
        settle_unanswered(table, request_id)
    answer = ask("call_3", None)

    assert list_rung(rest) == ["first", "second"]
    assert answer == {"status": "closed", "tried": ["first", "second"], "opens_at": None, "opens": None}
    assert len(table.read(CALL).attempts) == 2


def test_who_is_asked_for_by_name_is_rung_again(ask: Ask, rest: TwilioRestApi, table: CallTable) -> None:
    ask("call_1", "first")
    settle_unanswered(table, "call_1")
    assert ask("call_2", "first") == {"status": "moved", "destination": "first"}
    assert list_rung(rest) == ["first", "first"]


def test_a_repeat_for_anybody_is_answered_with_the_one_who_was_rung(
    ask: Ask, rest: TwilioRestApi, table: CallTable
) -> None:
    ask("call_1", "")
    settle_unanswered(table, "call_1")

    assert ask("call_1", "") == {"status": "moved", "destination": "first", "outcome": "no_answer"}
    assert list_rung(rest) == ["first"]


def test_the_directory_does_not_send_a_caller_back_to_where_nobody_came(people: Transfers, table: CallTable) -> None:
    for name in ("first", "second"):
        table.claim_attempt(CALL, Attempt(f"call_{name}", name))
    settle_unanswered(table, "call_first")
    request = {"action": "next", "call_sid": CALL, "destination": "first", "cause": "no_answer"}

    assert transfer.answer(request, lambda: people) == {"status": "closed", "then": "continue"}
