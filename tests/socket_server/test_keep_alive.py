"""Who does not answer is given up; who did, but was not read, is not."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from socket_server.keep_alive import KeepAlive

ROOT = Path(__file__).parents[2]


class Line:
    """What happened on it, in order."""

    def __init__(self, every_seconds: float) -> None:
        self.told: asyncio.Queue[str] = asyncio.Queue()
        self.keep_alive = KeepAlive(every_seconds, lambda: self.told.put_nowait("ping"), self.told.put_nowait)
        self.keep_alive.start()

    async def next(self) -> str:
        return await asyncio.wait_for(self.told.get(), 10)


async def test_who_never_answers_is_given_up_once() -> None:
    line = Line(0.01)
    assert [await line.next(), await line.next()] == ["ping", "no answer to a ping for 0.01 s"]
    assert line.told.empty()


async def test_who_answers_is_asked_again() -> None:
    line = Line(0.01)
    for _ in range(3):
        assert await line.next() == "ping"
        line.keep_alive.answered()
    line.keep_alive.stop()


async def test_who_answers_late_is_kept() -> None:
    line = Line(0.01)
    assert await line.next() == "ping"
    asyncio.get_running_loop().call_later(0.02, line.keep_alive.answered)  # the next one was due before
    assert await line.next() == "ping"
    line.keep_alive.stop()


STOOD_STILL = """
import asyncio, os, uvloop
from socket_server.keep_alive import KeepAlive

async def main():
    loop, told = asyncio.get_running_loop(), asyncio.Queue()
    line = KeepAlive(1.0, lambda: (os.write(1, b"ping\\n"), told.put_nowait("ping")), told.put_nowait)
    loop.add_reader(0, lambda: os.read(0, 1) and line.answered())
    line.start()
    await told.get()
    os.write(1, f"{await told.get()} again\\n".encode())

uvloop.run(main())
"""


def test_an_answer_that_came_while_the_process_stood_still_counts() -> None:
    """As the container runs, on uvloop."""
    with subprocess.Popen(
        [sys.executable, "-c", STOOD_STILL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, bufsize=0
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"ping\n"
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        process.stdin.write(b"x")
        time.sleep(2.0)  # it stands still for longer than the next ping was away
        process.send_signal(signal.SIGCONT)
        assert process.stdout.readline() == b"ping\n"
        assert process.stdout.readline() == b"ping again\n"
