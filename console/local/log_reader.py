"""Reads along in the logs of processes: each line once, and which process has ended."""

from collections.abc import Iterable, Iterator, Sequence

from console.local.log_lines import LogLine, read_log_line
from sandbox.program import Program


class LogReader:
    """Remembers how far it has read."""

    def __init__(self) -> None:
        self._read: dict[int, int] = {}  # log, by its identity: whoever has it keeps it -> lines
        self._lost: set[Program] = set()

    def read_new(self, logs: Iterable[Sequence[str]]) -> Iterator[LogLine]:
        """The entries of calls that have come since the last time."""
        for log in logs:
            begin, end = self._read.get(id(log), 0), len(log)
            self._read[id(log)] = end
            for text in log[begin:end]:
                if (line := read_log_line(text)) is not None:
                    yield line

    def list_lost(self, programs: Iterable[Program]) -> Iterator[str]:
        """Those that have failed or were killed since the last time, in words."""
        for program in programs:
            if program.status and program not in self._lost:
                self._lost.add(program)
                how = f"was killed (signal {-program.status})" if program.status < 0 else f"failed ({program.status})"
                yield f"The container {how}"
