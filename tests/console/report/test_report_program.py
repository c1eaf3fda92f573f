"""`python -m console.report` as a program, over the table of an installation."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from sandbox.aws.functions import REGION
from sandbox.doctor_target.target import DoctorTarget, run_target

ROOT = Path(__file__).parents[3]
SID = "CA" + "5" * 32

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def target() -> AsyncIterator[DoctorTarget]:
    async with run_target() as target:
        table = target.installation.table
        await asyncio.to_thread(table.open_call, SID, "+12025550199", "+12025550100", "<Response/>")
        yield target


async def report(target: DoctorTarget, folder: Path, *arguments: str) -> tuple[int | None, str]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "AWS_ENDPOINT_URL": target.installation.cloud.aws_origin,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_EC2_METADATA_DISABLED": "true",
        "HOME": "/nonexistent",
    }
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "console.report", *arguments, cwd=folder, env=environment, stdout=PIPE, stderr=STDOUT
    )
    said, _ = await program.communicate()
    return program.returncode, said.decode()


async def test_a_call_of_the_stack_is_written_with_its_numbers_masked(target: DoctorTarget, tmp_path: Path) -> None:
    told = await report(target, tmp_path, "--call", SID, "--region", REGION)

    assert told == (0, f"The report of the call: report-{SID}.html\n")
    written = (tmp_path / f"report-{SID}.html").read_text()
    assert "…0199" in written
    assert "+12025550199" not in written


async def test_whole_numbers_come_when_asked(target: DoctorTarget, tmp_path: Path) -> None:
    await report(target, tmp_path, "--call", SID, "--region", REGION, "--numbers")

    assert "+12025550199" in (tmp_path / f"report-{SID}.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--call", "CA" + "6" * 32, "--region", REGION], 1, "There is no call CA666666"),
        (["--call", SID, "--region", REGION, "--stack", "other"], 1, "other"),
        (["--call", "CA1"], 2, "CALL: expected CA and 32 hexadecimal digits, got 'CA1'"),
        ([], 2, "--call"),
    ],
)
async def test_what_cannot_be_written_is_one_line(
    target: DoctorTarget, tmp_path: Path, arguments: list[str], status: int, said: str
) -> None:
    code, told = await report(target, tmp_path, *arguments)

    written = await asyncio.to_thread(lambda: list(tmp_path.iterdir()))
    assert (code, told.count("\n"), written) == (status, 1, [])
    assert said in told
