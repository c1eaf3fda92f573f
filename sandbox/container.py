"""The container as a process of this machine: how it is started, where it listens, when it takes streams."""

import asyncio
import contextlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx

from sandbox.program import Program, run_tied

_ROOT = Path(__file__).parent.parent
_START_S = 20.0  # a cold start of the container on a busy machine

type Container = Callable[[Mapping[str, str]], contextlib.AbstractAsyncContextManager[Program]]
"""Starts the container's process with these settings and no other."""


def checkout(settings: Mapping[str, str]) -> contextlib.AbstractAsyncContextManager[Program]:
    """The container as it lies here."""
    return run_tied("socket_server", settings, _ROOT)


def settings_at(port: int) -> dict[str, str]:
    """The settings that every container of a sandbox has, wherever it finds its services."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "MAX_LAG_MS": "0",  # however busy the machine is with other things
        "DRAIN_SECONDS": "0",  # who stops a sandbox does not want to wait for the calls in it
        "SPARE_SESSIONS": "0",  # each session of the sandbox's model is a call's
    }


async def healthy(container: Program, port: int) -> None:
    """Wait until it takes streams. Raises ProgramError when it ends before, or says that it does not."""
    try:
        async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(_START_S):
            await _answered(client, container, port)
    except TimeoutError:
        raise container.failure(f"did not answer /healthz within {_START_S:.0f} s") from None


async def _answered(client: httpx.AsyncClient, container: Program, port: int) -> None:
    while container.status is None:
        try:
            response = await client.get(f"http://127.0.0.1:{port}/healthz")
        except httpx.TransportError:
            await asyncio.sleep(0.05)  # nothing tells from outside when a port begins to listen
        else:
            if response.status_code == 200:
                return
            raise container.failure(f"answered /healthz with {response.status_code}")
    raise container.failure(f"ended at its start with status {await container.ended()}")
