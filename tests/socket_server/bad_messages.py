"""Every way to break a message in one place: a field that is missing, or that holds something else."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

from socket_server.core.errors import ProtocolError

WRONG: tuple[Any, ...] = (None, True, 0, -1, 1.5, 10**40, "", "x", "\x00\u2028\U0001f6b2", [], [None], {}, {"x": [1]})
_MISSING = object()


def broken(message: dict[str, Any]) -> Iterator[bytes]:
    """The message as text, broken in each place of it in each way."""
    for path in _paths(message):
        yield from (_changed(message, path, value) for value in (_MISSING, *WRONG))


def escapes(decode: Callable[[bytes], object], texts: Iterator[bytes]) -> list[tuple[bytes, Exception]]:
    """The texts that raise anything but the one error that a decoder may raise."""
    found: list[tuple[bytes, Exception]] = []
    for text in texts:
        try:
            decode(text)
        except ProtocolError:
            continue
        except Exception as error:
            found.append((text, error))
    return found


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    children: Any = ()
    if isinstance(value, dict):
        children = value.items()
    elif isinstance(value, list):
        children = enumerate(value)
    for key, child in children:
        yield from _paths(child, (*path, key))


def _changed(message: dict[str, Any], path: tuple[str | int, ...], value: object) -> bytes:
    whole: Any = copy.deepcopy(message)
    place = whole
    for key in path[:-1]:
        place = place[key]
    if value is _MISSING:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return json.dumps(whole).encode()
