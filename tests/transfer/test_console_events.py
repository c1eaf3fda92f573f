"""The test events of transfer: the function answers each one, and the dry runs contact nobody."""

from pathlib import Path

import pytest

from call_record import CallRecord, CallTable
from tests.console_events import ANSWERS, FILES, load, read_expected, summarize_transfer
from tests.transfer.conftest import Invoke
from tests.twilio_rest_api import TwilioRestApi

FOLDER = Path(__file__).parents[2] / "events" / "transfer"
EVENTS = sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("file", EVENTS, ids=lambda file: file.stem)
def test_every_event_is_answered(invoke: Invoke, file: Path) -> None:
    assert summarize_transfer(invoke(load(file))) == read_expected(file)


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*dry_run.json")), ids=lambda file: file.stem)
def test_a_dry_run_contacts_nobody(invoke: Invoke, rest: TwilioRestApi, table: CallTable, file: Path) -> None:
    event = load(file)

    answer = invoke(event)

    assert answer["dry_run"] is True
    verb = {"end": "<Say>"}.get(event["action"], "<Dial")
    assert verb in answer["twiml"] if event["action"] != "notify" else answer["topic"]
    assert rest.requests == []
    assert table.read(event["call_sid"]) == CallRecord()


def test_every_event_has_its_answer_and_belongs_to_a_function() -> None:
    answered = {(function, event) for function, events in ANSWERS.items() for event in events}

    assert {(file.parent.name, file.stem) for file in FILES} == answered
    assert ANSWERS.keys() == {"transfer", "voice_webhook"}
