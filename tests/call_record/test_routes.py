"""Each route is served, and has an event for the Lambda console."""

import json
import re
from pathlib import Path

import routes

ROOT = Path(__file__).parents[2]


def constants() -> dict[str, str]:
    return {name: value for name, value in vars(routes).items() if name.isupper() and str(value).startswith("/")}


def test_every_route_is_served_by_the_webhook() -> None:
    code = (ROOT / "functions/voice_webhook/voice_webhook.py").read_text()
    served = {constants()[name] for name in re.findall(r"case routes\.(\w+):", code)}

    assert served == set(routes.ROUTES) == set(constants().values())


def test_every_route_has_an_event_for_the_console() -> None:
    events = [json.loads(path.read_text()) for path in (ROOT / "events/voice_webhook").glob("*.json")]

    assert {event["rawPath"] for event in events} == set(routes.ROUTES)
