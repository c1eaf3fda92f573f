"""`python -m console.play`: what it prints, and how it ends."""

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer

SETTING_UP = "Setting up the telephone network and the agent.\n"
STOPPED = "Interrupted. Everything that was started has been stopped.\n"


@asynccontextmanager
async def start(*arguments: str, **environment: str) -> AsyncIterator[Process]:
    command = [sys.executable, "-m", "console.play", *arguments]
    given = {"PATH": os.environ["PATH"], "NO_BROWSER": "1", **environment}
    program = await asyncio.create_subprocess_exec(
        *command, env=given, stdout=PIPE, stderr=STDOUT, start_new_session=True
    )
    try:
        yield program
    finally:
        with suppress(ProcessLookupError):
            program.kill()
        await program.communicate()


async def finish(program: Process) -> tuple[int, str]:
    said, _ = await program.communicate()
    assert program.returncode is not None
    return program.returncode, said.decode()


async def read_line(program: Process) -> str:
    assert program.stdout is not None
    return (await program.stdout.readline()).decode()


async def test_the_address_is_printed_and_an_interrupt_ends_everything_with_one_line() -> None:
    async with start() as program:
        assert (await read_line(program)).startswith("Setting up")
        assert "plays the demo's agent" in await read_line(program)
        assert (await read_line(program)).startswith("http://127.0.0.1:")
        program.send_signal(signal.SIGINT)
        assert await finish(program) == (0, STOPPED)


async def test_an_interrupt_at_the_start_ends_it_too() -> None:
    async with start() as program:
        program.send_signal(signal.SIGTERM)
        status, said = await finish(program)

    # Before the program has begun, the signal ends Python itself.
    assert (status, said.removeprefix(SETTING_UP)) in [(0, STOPPED), (-signal.SIGTERM, "")]


async def test_a_port_in_use_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with start("--port", str(port)) as program:
            status, said = await finish(program)

    assert status == 1
    assert said.splitlines()[-1].startswith(f"Port {port} is in use")


async def test_a_choice_that_there_is_not_is_one_sentence() -> None:
    async with start("--model", "gpt") as program:
        status, said = await finish(program)

    expected = "MODEL: expected sandbox, openai, or the ws:// or wss:// address of a server, got 'gpt'.\n"
    assert (status, said) == (2, expected)


async def test_a_key_that_the_model_refuses_is_one_sentence() -> None:
    async with (
        ModelServer(Scripted(), api_key="right") as model,
        start("--model", model.url, OPENAI_API_KEY="wrong") as program,
    ):
        status, said = await finish(program)

    assert (status, said.count("\n")) == (1, 2)
    assert "refuses the key in OPENAI_API_KEY (401)" in said
    assert "wrong" not in said


async def test_a_model_that_is_not_there_is_one_sentence() -> None:
    async with start("--model", "ws://127.0.0.1:9/v1/realtime") as program:
        status, said = await finish(program)

    assert (status, said.count("\n")) == (1, 2)
    assert "cannot be reached" in said
