"""The process that recognises does not outlive the demo."""

import subprocess
import sys
from pathlib import Path

from tests.bounds import read_line

ROOT = Path(__file__).parents[3]
LISTENING = """
import asyncio
from sandbox.demo.line_recognition import start_line_recogniser

async def main():
    with start_line_recogniser() as recogniser:
        await recogniser.get_ready("person")
        print("ready", flush=True)
        await asyncio.Event().wait()

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_the_recogniser_ends_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "listening.py"
    script.write_text(LISTENING)
    environment = {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, str(script)], env=environment, stdout=subprocess.PIPE, text=True) as parent:
        assert read_line(parent.stdout) == "ready\n"
        parent.kill()
        assert parent.communicate(timeout=30)[0] == ""  # the output ends when all have ended who could write to it
