"""`python -m socket_server.agent_check [FILE]`: whether a container could serve calls with this agent.

`make check` and the build of the image run it, with the container's packages alone. So a bad file, or a tool that
cannot be imported, fails there and affects no caller. It checks the agent, the recorded greeting, the prices, every
module of the container and the table of tools. `make doctor` runs it too, and then asks the service itself.

A process of its own does the work. An agent is good only if that process says that it has checked everything.
"""

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

WORKER = "socket_server.agent_check_worker"
IMPORT_SECONDS = 20.0  # all modules together take half a second: no machine is so slow


@dataclass(slots=True)
class Outcome:
    summary: str = ""
    """Model, voice and tools of a good agent."""
    faults: list[str] = field(default_factory=list)
    """A line for each."""


def main(arguments: Sequence[str]) -> int:
    """The exit status. 1, with a line for each fault, if the container could not serve calls."""
    outcome = check_agent(Path(arguments[0]) if arguments else None)
    if outcome.faults:
        sys.stderr.write("".join(f"{fault}\n" for fault in outcome.faults))
        return 1
    sys.stdout.write(f"{outcome.summary}\n")
    return 0


def check_agent(file: Path | None, seconds: float = IMPORT_SECONDS) -> Outcome:
    """Every fault. No file: the one that is deployed. `seconds` is how long the import of one module may take."""
    reading, writing = os.pipe()
    flags = ["-B"] if sys.dont_write_bytecode else []
    command = [sys.executable, *flags, "-m", WORKER, str(writing), *([str(file)] if file else [])]
    # What a module prints is not what we print, and nobody answers what it asks.
    process = subprocess.Popen(command, pass_fds=[writing], stdin=subprocess.DEVNULL, stdout=2)  # noqa: S603 - our own
    os.close(writing)
    try:
        return _follow(process, reading, seconds)
    finally:
        process.kill()  # it may have left threads
        process.wait()
        os.close(reading)


def _follow(process: subprocess.Popen[bytes], reading: int, seconds: float) -> Outcome:
    outcome, running = Outcome(), ["agent_check: the check"]
    try:
        for kind, text in _read_reports(reading, seconds):
            match kind:
                case "begin":
                    running.append(f"{text}: the import")
                case "end":
                    running.pop()
                case "fault":
                    outcome.faults.append(text)
                case "complete":
                    outcome.summary = text
                    return outcome
        status = process.wait(seconds)
    except (ValueError, TypeError):
        outcome.faults.append(f"{running[-1]} wrote into our pipe; the rest was not checked")
    except (TimeoutError, subprocess.TimeoutExpired):
        outcome.faults.append(f"{running[-1]} did not end: expected at most {seconds:g} s; the rest was not checked")
    else:
        outcome.faults.append(f"{running[-1]} ended the process with status {status}; the rest was not checked")
    return outcome


def _read_reports(reading: int, seconds: float) -> Iterator[tuple[str, str]]:
    """Until the other end is closed. Raises `TimeoutError` if for so long none came, `ValueError` or
    `TypeError` if it is no report."""
    rest = b""
    while True:
        if not select.select([reading], [], [], seconds)[0]:
            raise TimeoutError
        if not (piece := os.read(reading, 65_536)):
            return
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            kind, text = json.loads(line)
            yield kind, text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
