"""The user's own files: whether they changed, and what `make check` says of them."""

import asyncio
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
AGENT = ROOT / "socket_server" / "agent.toml"
DIRECTORY = ROOT / "functions" / "transfer" / "directory.toml"
# What a call runs with, beside the two.
_FOLDERS = ("socket_server", "functions/transfer", "functions/voice_webhook", "layers/call_record")

type FileTimes = Mapping[Path, tuple[int, int]]


class AgentFiles:
    """An agent with its tools, and a directory of people; by default those of this checkout."""

    def __init__(self, agent: Path = AGENT, directory: Path = DIRECTORY) -> None:
        self.agent = agent
        self.directory = directory

    def read_times(self) -> FileTimes:
        """When each file was changed: another answer says that one was, or came or went."""
        return {path: (stat.st_mtime_ns, stat.st_size) for path in self._list() if (stat := _stat(path))}

    async def check(self) -> str:
        """What `make check` says is wrong with them, a line for each fault; empty: nothing."""
        checks = (("socket_server.agent_check", self.agent), ("doctor.people", self.directory))
        faults = [await _run(module, file) for module, file in checks]
        return "\n".join(each for each in faults if each)

    def _list(self) -> Iterator[Path]:
        yield from (self.agent, self.directory)
        for folder in _FOLDERS:
            for path in (ROOT / folder).rglob("*"):
                if "__pycache__" not in path.parts and not path.name.startswith("."):
                    yield path


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:  # an editor has just replaced it
        return None


async def _run(module: str, file: Path) -> str:
    """What the check writes about faults, in a process of its own: it imports the user's code."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        str(file),
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C in the terminal is for us
    )
    try:
        _, said = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode == 0:
        return ""
    return said.decode(errors="replace").strip() or f"{module} ended with status {process.returncode}."
