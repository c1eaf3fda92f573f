"""doctor.checks.transfer: the real function's dry run, and functions that answer otherwise."""

import json
from pathlib import Path

import pytest

from sandbox.aws.faults import Fails, Throttles
from sandbox.aws.functions import Function
from sandbox.doctor_target.target import Examined
from tests.doctor.runs import visit

DESTINATIONS = {"destinations": [{"name": "front_desk"}]}
MOVED = {"status": "moved", "dry_run": True, "destination": "front_desk"}
AFTER = 'action="https://voice.warmline.test/voice/after-dial?attempt=doctor"'


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fails("no such person"), "transfer fails: RuntimeError: no such person"),
        (Throttles(), "AWS answered Invoke with TooManyRequestsException"),
    ],
)
def test_a_function_that_fails_is_quoted(whole: Examined, fault: Fails | Throttles, said: str) -> None:
    whole.house.cloud.functions["transfer"].fault = fault

    assert visit(whole, "transfer").one("✗").says.startswith(said)


def test_a_function_that_is_not_there_is_a_line(whole: Examined) -> None:
    whole.stack.outputs["TransferFunction"] = "nobody"

    assert "ResourceNotFoundException" in visit(whole, "transfer").one("✗").says


@pytest.mark.parametrize(
    ("dry_run", "sign", "said"),
    [
        (
            {"status": "closed", "opens": "on Monday at 8"},
            "!",
            "everybody is closed now: the first opens on Monday at 8",
        ),
        ({"status": "closed", "opens": None}, "!", "none ever opens"),
        ({"status": "failed", "error": "the secret could not be read"}, "✗", "failed, the secret could not be read"),
        ({"status": "moved"}, "✗", "would not move a call: moved, without a reason"),
        ({}, "✗", "answered a dry run with something else"),
        ([], "✗", "answered with list, not with an object"),
        (MOVED | {"twiml": f"<Response><Dial {AFTER}/></Response>"}, "✓", "would move a call to front_desk (a dry run"),
        (
            MOVED | {"twiml": "<Response><Dial/></Response>"},
            "✗",
            "afterwards Twilio would ask nobody, not https://voice",
        ),
        (MOVED | {"twiml": "<Response><Dial"}, "✗", "answered with what is no XML"),
    ],
)
def test_what_a_dry_run_answers_is_weighed(
    whole: Examined, tmp_path: Path, dry_run: object, sign: str, said: str
) -> None:
    deploy(whole, tmp_path, {"destinations": DESTINATIONS, "transfer": dry_run})

    assert said in visit(whole, "transfer").one(sign).says


@pytest.mark.parametrize("destinations", [{}, {"destinations": 1}, {"destinations": ["front_desk"]}])
def test_a_function_that_knows_nobody_is_wrong(whole: Examined, tmp_path: Path, destinations: object) -> None:
    deploy(whole, tmp_path, {"destinations": destinations})

    assert visit(whole, "transfer").one("✗").says == "answering does not know its destinations"


def deploy(whole: Examined, folder: Path, answers: dict[str, object]) -> None:
    """A function in place of transfer that answers so to each action."""
    source = f"import json\n\ndef handler(event, _):\n    return json.loads({json.dumps(answers)!r})[event['action']]\n"
    (folder / "app.py").write_text(source)
    whole.house.cloud.deploy({"answering": Function(folder, "app.handler")}, {})
    whole.stack.outputs["TransferFunction"] = "answering"
