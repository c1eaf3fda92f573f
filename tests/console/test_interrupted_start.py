"""Ctrl-C while a program of the console imports its modules, which takes most of a second."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, STDOUT

import pytest

from console.terminal import STOPPED

# As if the interrupt came when this module is imported.
INTERRUPT_AT = """
import runpy, sys

class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupt())
runpy.run_module({program!r}, run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize(
    ("program", "module", "expected"),
    [
        ("console.play", "console.play.program", (0, STOPPED)),
        ("console.carrier", "console.carrier.program", (0, STOPPED)),
        ("console.tunnel", "console.tunnel.settings", (0, STOPPED)),
        ("console.board", "console.board.program", (0, "Interrupted.")),
        ("console.report", "console.record.stack", (130, "Interrupted.")),
    ],
)
async def test_an_interrupt_while_modules_are_imported_is_one_line(
    program: str, module: str, expected: tuple[int, str]
) -> None:
    code = INTERRUPT_AT.format(program=program, module=module)
    environment = {"PATH": os.environ["PATH"], "NO_BROWSER": "1"}
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, env=environment, stdout=PIPE, stderr=STDOUT
    )
    said, _ = await running.communicate()

    assert (running.returncode, said.decode()) == (expected[0], f"{expected[1]}\n")
