"""What a process of a function prints, as lines of a log."""

import asyncio
import contextlib
import os

_READ_BYTES = 1024 * 1024  # more than a pipe holds: one read takes all that is in it


class Output:
    """A pipe that is emptied as it fills. Give `writing` to the process as its standard output, then `close_writing`.

    A function prints before it answers: `flush` at its answer, and the log is complete.
    """

    def __init__(self, log: list[str]) -> None:
        self._log = log
        self._partial = b""  # of a line whose end has not come
        self._reading, self.writing = os.pipe()
        os.set_blocking(self._reading, False)
        asyncio.get_running_loop().add_reader(self._reading, self._read)

    def close_writing(self) -> None:
        """The process has its copy."""
        os.close(self.writing)

    def flush(self) -> None:
        """Log what has been printed up to now, ended line or not."""
        self._read()
        self._log_line(self._partial)
        self._partial = b""

    def close(self) -> None:
        """Log the rest; whatever is printed from now on is lost."""
        self.flush()
        asyncio.get_running_loop().remove_reader(self._reading)
        os.close(self._reading)

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError):  # nothing there
            data = os.read(self._reading, _READ_BYTES)
            if not data:  # the process is gone, which is not ours to tell
                asyncio.get_running_loop().remove_reader(self._reading)
            *lines, self._partial = (self._partial + data).split(b"\n")
            for line in lines:
                self._log_line(line)

    def _log_line(self, line: bytes) -> None:
        if line:
            self._log.append(line.decode(errors="replace"))
