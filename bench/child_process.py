"""How a process of the bench talks with the one that started it: a line of JSON out, the end of its input as a sign."""

import asyncio
import json
import sys


def write_line(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


async def wait_for_stdin_close() -> None:
    """Returns when standard input is closed: the run is over, or whoever started it has gone."""
    await asyncio.to_thread(sys.stdin.read)
