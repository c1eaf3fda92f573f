"""What the programs of the console say to whoever started them."""

import sys


def say(sentence: str) -> None:
    """Write a line, at once: other programs may read it."""
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def find_first_error[E: Exception](errors: ExceptionGroup[E]) -> E:
    """The first of them: errors come out of task groups, one inside the other."""
    first = errors.exceptions[0]
    return find_first_error(first) if isinstance(first, ExceptionGroup) else first
