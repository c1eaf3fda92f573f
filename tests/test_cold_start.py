"""What the functions do before their first answer, when a caller waits: few imports, and connections made once.

Modules are counted, and not milliseconds, which say more about the machine. `make bench-cold` has those.
"""

import dataclasses
import json
from pathlib import Path

import pytest

from bench.cold_start import SECRET, SETTINGS
from bench.instant_services import InstantServices
from bench.lambda_process import start_warm_process
from sandbox.aws.functions import Function

ROOT = Path(__file__).parents[1]
CALL_RECORD = ROOT / "layers/call_record"
PROBE = ROOT / "tests/deploy/the_probe"
# What was once imported for nothing, or next to nothing.
HEAVY = {
    "aiohttp",
    "aws_lambda_powertools.event_handler",
    "aws_lambda_powertools.utilities.parameters",
    "aws_xray_sdk",
    "boto3",
    "pydantic",
    "s3transfer",
    "twilio.base.version",
    "twilio.rest.api",
}
TWILIO = {"requests", "twilio.rest"}
# The tests' environment has it, and PyJWT imports it where it can; the artifacts have not.
ONLY_HERE = ("cryptography", "cffi", "_cffi_backend")


def function(name: str, services: InstantServices) -> Function:
    environment = {**SETTINGS, **services.environment}
    return Function(ROOT / "functions" / name, f"{name}.lambda_handler", environment, (CALL_RECORD,))


@pytest.mark.parametrize(
    ("name", "event", "most", "not_yet"),
    [
        ("voice_webhook", "incoming", 440, TWILIO),
        ("transfer", "destinations", 460, TWILIO),
        ("transfer", "transfer", 575, set()),
    ],
)
async def test_a_first_answer_imports_no_more_than_it_needs(
    name: str, event: str, most: int, not_yet: set[str]
) -> None:
    with InstantServices(SECRET) as services:
        plain = function(name, services)
        probed = dataclasses.replace(
            plain,
            handler="probe.lambda_handler",
            environment={**plain.environment, "PROBED": plain.handler},
            layers=(*plain.layers, PROBE),
        )
        async with start_warm_process(name, probed) as process:
            told = json.loads(await process.handle((ROOT / f"events/{name}/{event}.json").read_text()))

    assert told["answer"].get("statusCode", 200) == 200
    modules = {each for each in told["modules"] if not each.startswith(ONLY_HERE)}
    assert modules & (HEAVY | not_yet) == set()
    assert len(modules) <= most


@pytest.mark.parametrize(
    ("name", "event", "services_asked"),
    [("voice_webhook", "incoming", 2), ("transfer", "transfer", 3)],
)
async def test_connections_are_kept_from_one_invocation_to_the_next(name: str, event: str, services_asked: int) -> None:
    asked = (ROOT / f"events/{name}/{event}.json").read_text()
    with InstantServices(SECRET) as services:
        async with start_warm_process(name, function(name, services)) as process:
            for _ in range(5):
                await process.handle(asked)

        assert services.connections == services_asked
