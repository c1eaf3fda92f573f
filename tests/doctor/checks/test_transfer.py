"""doctor.checks.transfer: the real function's dry run, and functions that answer something else."""

import json
from pathlib import Path

import pytest

from sandbox.aws.faults import Fails, Throttles
from sandbox.aws.functions import Function
from sandbox.doctor_target.target import DoctorTarget
from tests.doctor.runs import diagnose

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
def test_a_function_that_fails_is_reported_with_its_error(
    target: DoctorTarget, fault: Fails | Throttles, said: str
) -> None:
    target.installation.cloud.functions["transfer"].fault = fault

    assert diagnose(target, "transfer").find_only("✗").message.startswith(said)


def test_a_missing_function_is_reported(target: DoctorTarget) -> None:
    target.stack.outputs["TransferFunction"] = "nobody"

    assert "ResourceNotFoundException" in diagnose(target, "transfer").find_only("✗").message


@pytest.mark.parametrize(
    ("dry_run", "symbol", "said"),
    [
        (
            {"status": "closed", "opens": "on Monday at 8"},
            "!",
            "every destination is closed now: the first opens on Monday at 8",
        ),
        ({"status": "closed", "opens": None}, "!", "none ever opens"),
        ({"status": "failed", "error": "the secret could not be read"}, "✗", "failed, the secret could not be read"),
        ({"status": "moved"}, "✗", "would not move a call: moved, without a reason"),
        ({}, "✗", "answered a dry run in an unknown form"),
        ([], "✗", "answered with list, not with an object"),
        (MOVED | {"twiml": f"<Response><Dial {AFTER}/></Response>"}, "✓", "would move a call to front_desk (a dry run"),
        (
            MOVED | {"twiml": "<Response><Dial/></Response>"},
            "✗",
            "afterwards Twilio would ask nobody, not https://voice",
        ),
        (MOVED | {"twiml": "<Response><Dial"}, "✗", "answered with something that is not XML"),
    ],
)
def test_the_answer_to_a_dry_run_decides_the_status(
    target: DoctorTarget, tmp_path: Path, dry_run: object, symbol: str, said: str
) -> None:
    deploy(target, tmp_path, {"destinations": DESTINATIONS, "transfer": dry_run})

    assert said in diagnose(target, "transfer").find_only(symbol).message


@pytest.mark.parametrize("destinations", [{}, {"destinations": 1}, {"destinations": ["front_desk"]}])
def test_a_function_without_destinations_is_a_failure(
    target: DoctorTarget, tmp_path: Path, destinations: object
) -> None:
    deploy(target, tmp_path, {"destinations": destinations})

    assert diagnose(target, "transfer").find_only("✗").message == "answering did not list its destinations"


def deploy(target: DoctorTarget, folder: Path, answers: dict[str, object]) -> None:
    """A function in place of transfer that answers so to each action."""
    source = f"import json\n\ndef handler(event, _):\n    return json.loads({json.dumps(answers)!r})[event['action']]\n"
    (folder / "app.py").write_text(source)
    target.installation.cloud.deploy({"answering": Function(folder, "app.handler")}, {})
    target.stack.outputs["TransferFunction"] = "answering"
