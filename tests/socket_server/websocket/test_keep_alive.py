"""Who says nothing is given up; who did, but was not read, is not."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from socket_server.websocket.keep_alive import KeepAlive
from tests.bounds import read_line

ROOT = Path(__file__).parents[3]


class Line:
    """What happened on it, in order."""

    def __init__(self, every_seconds: float, patience: int = 1) -> None:
        self.told: asyncio.Queue[str] = asyncio.Queue()
        ping, silent = lambda: self.told.put_nowait("ping"), self.told.put_nowait
        self.keep_alive = KeepAlive(every_seconds, ping, silent, patience=patience)
        self.keep_alive.start()

    async def next(self) -> str:
        return await asyncio.wait_for(self.told.get(), 10)


async def test_from_whom_nothing_comes_is_given_up_once() -> None:
    line = Line(0.01)
    assert [await line.next(), await line.next()] == ["ping", "nothing came for 0.01 s, nor an answer to a ping"]
    assert line.told.empty()


async def test_who_is_heard_is_asked_again() -> None:
    line = Line(0.01)
    for _ in range(3):
        assert await line.next() == "ping"
        line.keep_alive.heard = True
    line.keep_alive.stop()


async def test_who_is_heard_late_is_kept() -> None:
    line = Line(0.01)
    assert await line.next() == "ping"

    def hear() -> None:
        line.keep_alive.heard = True

    asyncio.get_running_loop().call_later(0.02, hear)  # the next one was due before
    assert await line.next() == "ping"
    line.keep_alive.stop()


async def test_more_pings_are_sent_to_who_may_not_answer_them() -> None:
    line = Line(0.01, patience=3)
    for _ in range(2):
        assert [await line.next() for _ in range(2)] == ["ping"] * 2
        line.keep_alive.heard = True
    assert [await line.next() for _ in range(3)] == ["ping"] * 3
    assert await line.next() == "nothing came for 0.03 s, nor an answer to a ping"


STOOD_STILL = """
import asyncio, os, uvloop
from socket_server.websocket.keep_alive import KeepAlive

async def main():
    loop, told = asyncio.get_running_loop(), asyncio.Queue()
    line = KeepAlive(1.0, lambda: (os.write(1, b"ping\\n"), told.put_nowait("ping")), told.put_nowait)
    loop.add_reader(0, lambda: setattr(line, "heard", os.read(0, 1) == b"x"))
    line.start()
    await told.get()
    os.write(1, f"{await told.get()} again\\n".encode())

uvloop.run(main())
"""


def test_what_came_while_the_process_stood_still_counts() -> None:
    """As the container runs, on uvloop."""
    with subprocess.Popen(
        [sys.executable, "-c", STOOD_STILL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, bufsize=0
    ) as process:
        assert process.stdin is not None
        assert read_line(process.stdout) == b"ping\n"
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        process.stdin.write(b"x")
        time.sleep(2.0)  # it stands still for longer than the next ping was away
        process.send_signal(signal.SIGCONT)
        assert read_line(process.stdout) == b"ping\n"
        assert read_line(process.stdout) == b"ping again\n"
