"""One real process: started, its output kept line by line, ended."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path

_STOP_S = 15.0  # between asking it to end and killing it: a container looks for a pause in every call first
_WAIT_S = 60.0  # for what a program is sure to do; a container starts within a few seconds
_LINE_BYTES = 1024 * 1024


class ProgramError(Exception):
    """A program did not do what it was started for; the message ends with the last lines of its log."""


class Program:
    """A running process. `log` grows by every line that it prints, wherever it prints it to."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self.log: list[str] = []
        self._process = process
        self._changed = asyncio.Event()
        self._output_ended = asyncio.Event()  # its output has ended

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def status(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        return self._process.returncode

    async def wait_for_log(self, text: str) -> str:
        """Wait for a line that contains `text`, past or to come. Raises ProgramError at its end, or after a minute."""
        try:
            async with asyncio.timeout(_WAIT_S):
                return await self._find_in_log(text)
        except TimeoutError:
            raise self.make_error(f"did not log {text!r} within {_WAIT_S:.0f} s") from None

    async def _find_in_log(self, text: str) -> str:
        async for line in self.watch_log():
            if text in line:
                return line
        raise self.make_error(f"ended without logging {text!r}")

    async def watch_log(self) -> AsyncIterator[str]:
        """Every line, past and to come, until it has ended."""
        seen = 0
        while seen < len(self.log) or not self._output_ended.is_set():
            if seen < len(self.log):
                seen += 1
                yield self.log[seen - 1]
            else:
                await self._changed.wait()

    def kill(self) -> None:
        """End it as a lost machine does: without a word."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    def ask_to_end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Send it the signal that ECS sends, or another one; its own time to end is its own business."""
        self._signal(how)

    @contextlib.contextmanager
    def freeze(self) -> Iterator[None]:
        """It does nothing for the time of the block, as on a machine that is out of breath; its sockets stay."""
        self._signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(signal.SIGCONT)

    async def stop(self) -> int:
        """Ask it to end and wait; kill it when that takes too long. Returns its status."""
        self.ask_to_end()
        try:
            return await asyncio.wait_for(self._process.wait(), _STOP_S)
        except TimeoutError:
            self.kill()
            return await self._process.wait()

    async def wait_for_end(self) -> int:
        """Wait until it has ended, by itself or by `kill`, and its log is complete. Returns its status.

        Raises ProgramError after a minute.
        """
        try:
            async with asyncio.timeout(_WAIT_S):
                await self._output_ended.wait()
                return await self._process.wait()
        except TimeoutError:
            raise self.make_error(f"did not end within {_WAIT_S:.0f} s") from None

    def make_error(self, what: str) -> ProgramError:
        """An error that says what this program did, and what it said last."""
        last = "\n".join(f"    {line}" for line in self.log[-20:]) or "    (nothing)"
        return ProgramError(f"{self.name} {what}. It said last:\n{last}")

    async def keep_log(self) -> None:
        """For `run`: take in the output to its end."""
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            self.log.append(line.decode(errors="replace").rstrip("\n"))
            self._notify()
        self._output_ended.set()
        self._notify()

    def _signal(self, which: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(which)

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


@contextlib.asynccontextmanager
async def run(
    name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path, *, open_stdin: bool = False
) -> AsyncIterator[Program]:
    """Run a program with this environment and no other; it is stopped at the end.

    Its standard input is at its end from the beginning; with `open_stdin` when this process ends.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env=dict(environment),
        stdin=asyncio.subprocess.PIPE if open_stdin else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        limit=_LINE_BYTES,
        start_new_session=True,  # Ctrl-C in the terminal is for us, who then stop it
    )
    program = Program(name, process)
    keeping = asyncio.create_task(program.keep_log())
    try:
        yield program
    except asyncio.CancelledError:  # an interrupt: nobody waits for what it would still like to do
        program.kill()
        raise
    finally:
        await program.stop()
        await keeping


def run_with_parent(
    module: str, environment: Mapping[str, str], folder: Path
) -> contextlib.AbstractAsyncContextManager[Program]:
    """The same for a module of Python's, which does not outlive this process, even if it is killed."""
    return run(module, [sys.executable, "-m", "sandbox.run_with_parent", module], environment, folder, open_stdin=True)
