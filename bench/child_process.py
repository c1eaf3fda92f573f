"""How a process of the bench reports to its parent: JSON lines on standard output. A closed standard input ends it."""

import asyncio
import json
import sys


def write_line(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


async def wait_for_stdin_close() -> None:
    """Returns when standard input is closed: the measurement is over, or the parent has ended."""
    await asyncio.to_thread(sys.stdin.read)
