"""What the programs of the console say to whoever started them."""

import asyncio
import sys
from collections.abc import Callable

STOPPED = "Interrupted. Everything that was started has been stopped."


def say(sentence: str) -> None:
    """Write a line, at once: other programs may read it."""
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def find_first_error[E: Exception](errors: ExceptionGroup[E]) -> E:
    """The first of them: errors come out of task groups, one inside the other."""
    first = errors.exceptions[0]
    return find_first_error(first) if isinstance(first, ExceptionGroup) else first


def run_interruptible(work: Callable[[], int], *, interrupted: str = STOPPED, status: int = 0) -> int:
    """The exit status of `work`. An interrupt, also one while it imports its modules, is this line and this status."""
    try:
        status = work()
    except* (KeyboardInterrupt, asyncio.CancelledError):
        say(interrupted)
    return status
