"""The test events for the Lambda console: there is one for whatever the functions can be asked."""

import json
import re
from pathlib import Path

from transfer_request import ACTIONS

ROOT = Path(__file__).parents[1]
WEBHOOKS = [json.loads(file.read_text()) for file in sorted((ROOT / "events/voice_webhook").glob("*.json"))]
TRANSFERS = [json.loads(file.read_text()) for file in sorted((ROOT / "events/transfer").glob("*.json"))]


def test_every_route_of_the_template_has_an_event() -> None:
    template = (ROOT / "template.yaml").read_text()

    assert {event["rawPath"] for event in WEBHOOKS} == set(re.findall(r"Path: (/voice/[a-z-]+)", template))


def test_every_action_has_an_event() -> None:
    assert {event["action"] for event in TRANSFERS} == set(ACTIONS)
