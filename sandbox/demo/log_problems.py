"""What a program of Warmline's logged that was not as it should be."""

from collections.abc import Iterable, Iterator

import msgspec

_BAD = ("WARNING", "ERROR", "CRITICAL")


class _Entry(msgspec.Struct):
    """A line of the log. A measurement is printed among them, and has neither."""

    level: str = ""
    message: str = ""


_decode = msgspec.json.Decoder(_Entry).decode


def find_problems(log: Iterable[str]) -> tuple[str, ...]:
    """The messages of all warnings and errors, each once."""
    return tuple(dict.fromkeys(_find_messages(log)))


def _find_messages(log: Iterable[str]) -> Iterator[str]:
    for line in log:
        try:
            entry = _decode(line)
        except msgspec.MsgspecError:
            continue  # it is no log entry: words of the interpreter's, say
        if entry.level in _BAD:
            yield entry.message
