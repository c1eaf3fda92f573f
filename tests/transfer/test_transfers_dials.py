"""Several people of one destination, who take a call by a key: each is rung by a dial of their own."""

import re
from pathlib import Path
from typing import Any

import pytest

import transfer
from call_record import Attempt, CallTable
from tests.transfer.conftest import CALL, TRANSFER, Invoke
from tests.twilio_rest_api import TwilioRestApi

DIRECTORY = """
time_zone = "Europe/London"
[[destination]]
name = "workshop"
description = "Workshop"
targets = ["+15550100003", "sip:mechanic@example.com", "client:apprentice"]
"""


@pytest.fixture
def ask(aws: None, tmp_path: Path) -> Invoke:  # noqa: ARG001 (the function lives in it)
    file = tmp_path / "directory.toml"
    file.write_text(DIRECTORY)
    return lambda event: transfer.answer(event, lambda: transfer.transfers(file))


def next_dial(number: object, request_id: str = "call_1") -> dict[str, Any]:
    return {"action": "next", "call_sid": CALL, "request_id": request_id, "dial": number}


def list_rung(twiml: object) -> list[str]:
    return re.findall(r"<(?:Number|Sip|Client)\b[^>]*>([^<]*)<", str(twiml))


def test_the_first_is_rung_alone_and_the_attempt_knows_how_many_there_are(
    ask: Invoke, rest: TwilioRestApi, table: CallTable
) -> None:
    assert ask(TRANSFER | {"destination": "workshop"})["status"] == "moved"

    ((_, twiml),) = rest.updates
    assert list_rung(twiml) == ["+15550100003"]
    assert table.read(CALL).attempts[0].dials == 3


def test_the_next_ones_are_rung_for_the_same_attempt_without_a_word(
    ask: Invoke, rest: TwilioRestApi, table: CallTable
) -> None:
    table.claim_attempt(CALL, Attempt("call_1", "workshop", dials=3))

    answers = [ask(next_dial(number)) for number in (1, 2, 2)]

    assert [list_rung(answer["twiml"]) for answer in answers] == [
        ["sip:mechanic@example.com"],
        ["apprentice"],
        ["apprentice"],
    ]
    assert all(f"after-dial?attempt=call_1&amp;dial={number}" in answers[number - 1]["twiml"] for number in (1, 2))
    assert "<Say" not in str(answers)
    assert rest.requests == []
    assert len(table.read(CALL).attempts) == 1


@pytest.mark.parametrize(("number", "request_id"), [(3, "call_1"), (1_000_000, "call_1"), (1, "unknown"), (1, "moved")])
def test_where_nobody_is_left_the_directory_decides(
    ask: Invoke, table: CallTable, number: int, request_id: str
) -> None:
    table.claim_attempt(CALL, Attempt("call_1", "workshop", dials=3))
    table.claim_attempt(CALL, Attempt("moved", "a destination that is gone", dials=3))

    assert ask(next_dial(number, request_id)) == {"status": "closed", "then": "continue"}


@pytest.mark.parametrize("garbage", [-1, "1", 1.5, None, [], True])
def test_a_dial_that_is_no_number_is_refused(ask: Invoke, garbage: object) -> None:
    assert ask(next_dial(garbage))["status"] == "failed"
