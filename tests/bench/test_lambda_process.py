"""A function in a process of its own: what is measured, and how a failure is reported."""

from pathlib import Path

import pytest

from bench.lambda_process import FunctionFailedError, measure_cold_start, start_warm_process
from sandbox.aws.functions import Function

BUSY = """
import time

end = time.process_time() + 0.2
while time.process_time() < end:
    pass


def lambda_handler(event, context):
    return event["asked"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "busy.py").write_text(BUSY)
    (tmp_path / "broken.py").write_text("raise RuntimeError('not today')")
    return tmp_path


async def test_the_processor_time_of_imports_is_counted(folder: Path) -> None:
    took = await measure_cold_start("busy", Function(folder, "busy.lambda_handler"), '{"asked": 1}')

    assert took.cpu_ms >= 200
    assert took.wall_ms >= took.init_ms >= 200


async def test_a_warm_process_answers_every_event(folder: Path) -> None:
    async with start_warm_process("busy", Function(folder, "busy.lambda_handler")) as process:
        assert [await process.handle(f'{{"asked": {number}}}') for number in (1, 2)] == ["1", "2"]


async def test_a_function_that_fails_is_an_error(folder: Path) -> None:
    with pytest.raises(FunctionFailedError, match="not today"):
        await measure_cold_start("broken", Function(folder, "broken.lambda_handler"), "{}")
    with pytest.raises(FunctionFailedError, match="KeyError"):
        await measure_cold_start("busy", Function(folder, "busy.lambda_handler"), "{}")
