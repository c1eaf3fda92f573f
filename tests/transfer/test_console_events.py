"""The test events of transfer: the function answers each one, and the dry runs contact nobody."""

import json
from pathlib import Path

import pytest

from call_record import CallTable
from tests.transfer.conftest import Invoke
from tests.transfer.twilio_rest import TwilioRest

FOLDER = Path(__file__).parents[2] / "events" / "transfer"
EVENTS = sorted(FOLDER.glob("*.json"))
STATUS = {
    "destinations": None,
    "next_dry_run": "twiml",
    "transfer": "failed",  # the example's call does not exist
    "transfer_dry_run": "moved",
    "transfer_unknown_destination": "unknown_destination",
}


@pytest.mark.parametrize("file", EVENTS, ids=lambda file: file.stem)
def test_every_event_is_answered(invoke: Invoke, file: Path) -> None:
    assert invoke(json.loads(file.read_text())).get("status") == STATUS[file.stem]


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*dry_run.json")), ids=lambda file: file.stem)
def test_a_dry_run_contacts_nobody(invoke: Invoke, rest: TwilioRest, table: CallTable, file: Path) -> None:
    event = json.loads(file.read_text())

    assert "<Dial" in invoke(event)["twiml"]
    assert rest.requests == []
    assert table.read(event["call_sid"]).attempts == ()


def test_every_event_in_the_folder_belongs_to_a_function() -> None:
    found = {file.parent.name for file in FOLDER.parent.rglob("*.json")} - {"signed"}

    assert found == {"transfer", "voice_webhook"}
