"""Which of the demo's lines was heard: recognition in a process of its own.

The recogniser holds Python's lock while it works, some tenths of a second for a sentence: in this process the whole
telephone network would stop for as long.
"""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache

from sandbox.speech.recognition import Recogniser, contains_phrase, find_word_ends
from sandbox.speech.voices.lines import Line, load_lines

_SILENCE = b""


class LineRecogniser:
    """Recognises the lines of the demo. Made by `start_line_recogniser`."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    async def get_ready(self, *speakers: str) -> None:
        """Load what it takes to tell the lines of these speakers apart: the first sentence will not wait for it."""
        await self.recognise(_SILENCE, *speakers)

    async def recognise(self, heard: bytes, *speakers: str) -> Line | None:
        """The line of one of these speakers that the utterance is; None if it is none of them."""
        lines = {line.text: line for line in load_lines().values() if line.who in speakers}
        text = await self._work(_recognise, tuple(lines), heard)
        return None if text is None else lines[text]

    async def contains_line(self, recording: bytes, name: str) -> bool:
        """Whether the line is heard in the recording, from its first word to its last.

        It has to win against all the other lines of its speaker.
        """
        line = load_lines()[name]
        decoys = [other.text for other in load_lines().values() if other.who == line.who and other != line]
        return await self._work(contains_phrase, recording, line.text, decoys)

    async def find_words_until(self, heard_ms: int, name: str) -> str:
        """The words of the line that are over so long after it was begun."""
        line = load_lines()[name]
        ends = await self._work(find_word_ends, line.audio, line.text)
        return " ".join(word for word, end_ms in zip(line.text.split(), ends, strict=True) if end_ms <= heard_ms)

    async def _work[*Given, Result](self, function: Callable[[*Given], Result], *given: *Given) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._pool, function, *given)


@contextlib.contextmanager
def start_line_recogniser() -> Iterator[LineRecogniser]:
    """A recogniser, and the process that it works in."""
    # Spawned, not forked: this process has threads.
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, spawned, _prepare_process) as pool:
        yield LineRecogniser(pool)


def _prepare_process() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends this process
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None  # this runs in a process that was spawned
    parent.join()
    os._exit(1)  # it was killed: otherwise the pool ends its process before


def _recognise(phrases: tuple[str, ...], heard: bytes) -> str | None:
    return _load_recogniser(phrases).recognise(heard)


@cache
def _load_recogniser(phrases: Sequence[str]) -> Recogniser:
    return Recogniser(phrases)
