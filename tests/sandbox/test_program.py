"""Real processes, started, watched and ended."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from sandbox.program import ProgramError, run


def python(source: str) -> list[str]:
    return [sys.executable, "-u", "-c", source]


async def test_what_a_program_prints_can_be_waited_for(tmp_path: Path) -> None:
    source = "import sys; print('ready'); print('done', file=sys.stderr); sys.stdin.read()"
    async with run("talker", python(source), {}, tmp_path) as program:
        assert await program.wait_for_log("don") == "done"
        assert await program.wait_for_log("ready") == "ready"
        assert await program.wait_for_end() == 0


async def test_waiting_for_what_a_program_never_says_ends_with_the_program(tmp_path: Path) -> None:
    async with run("mute", python("print('other words')"), {}, tmp_path) as program:
        with pytest.raises(ProgramError) as caught:
            await program.wait_for_log("ready")
    assert str(caught.value) == "mute ended without logging 'ready'. It said last:\n    other words"


async def test_a_program_gets_its_own_environment_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OF_THE_DEVELOPER", "1")
    source = "import os; print(os.getenv('OWN'), os.getenv('OF_THE_DEVELOPER'), os.getcwd())"
    async with run("reader", python(source), {"OWN": "2"}, tmp_path) as program:
        line = await program.wait_for_log("2 None")
    assert line.endswith(tmp_path.name)


async def test_a_program_is_stopped_at_the_end(tmp_path: Path) -> None:
    source = """
import signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
print("ready")
signal.pause()
"""
    async with run("sleeper", python(source), {}, tmp_path) as program:
        await program.wait_for_log("ready")
        assert program.status is None
    assert program.status == 7


async def test_a_killed_program_has_no_last_word(tmp_path: Path) -> None:
    async with run("sleeper", python("print('ready'); import signal; signal.pause()"), {}, tmp_path) as program:
        await program.wait_for_log("ready")
        program.kill()
        assert await program.wait_for_end() == -9


async def test_a_frozen_program_does_nothing_until_the_end_of_the_block(tmp_path: Path) -> None:
    source = "import sys; print('ready'); sys.stdin.readline(); print('went on')"
    async with run("reader", python(source), {}, tmp_path) as program:
        with program.freeze():
            await asyncio.to_thread(os.waitid, os.P_PID, program.pid, os.WSTOPPED)
        assert await program.wait_for_log("went on")
        assert await program.wait_for_end() == 0


async def test_a_program_that_has_ended_cannot_be_frozen(tmp_path: Path) -> None:
    async with run("brief", python(""), {}, tmp_path) as program:
        await program.wait_for_end()
        with program.freeze():
            pass
        assert program.status == 0
