"""Logs are read along, each line once."""

import json
import signal
import sys
from pathlib import Path

from console.local.log_reader import LogReader
from sandbox.program import Program, run

SID = "CA" + "0" * 32


def make_line(message: str) -> str:
    return json.dumps({"level": "ERROR", "message": message, "call_sid": SID})


def test_a_line_is_read_once() -> None:
    reader, log, other = LogReader(), [make_line("one"), "no entry"], [make_line("two")]

    assert [line.message for line in reader.read_new([log, other])] == ["one", "two"]
    log.append(make_line("three"))
    assert [line.message for line in reader.read_new([log, other])] == ["three"]
    assert list(reader.read_new([log, other])) == []


async def test_a_process_that_was_killed_is_told_once(tmp_path: Path) -> None:
    async with run("container", [sys.executable, "-c", "input()"], {}, tmp_path, open_stdin=True) as program:
        reader, programs = LogReader(), dict[Program, int]({program: 8080})
        assert list(reader.list_lost(programs)) == []
        program.kill()
        await program.wait_for_end()

        assert list(reader.list_lost(programs)) == [f"The container was killed (signal {signal.SIGKILL.value})"]
        assert list(reader.list_lost(programs)) == []


async def test_a_process_that_failed_is_told_and_one_that_ended_well_is_not(tmp_path: Path) -> None:
    ended = []
    for status in (0, 3):
        async with run("container", [sys.executable, "-c", f"raise SystemExit({status})"], {}, tmp_path) as program:
            await program.wait_for_end()
            ended.append(program)

    assert list(LogReader().list_lost(ended)) == ["The container failed (3)"]
