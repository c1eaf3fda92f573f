"""The container as a process of this machine: how it is started, where it listens, when it takes streams."""

import asyncio
import contextlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx

from sandbox.program import Program, ProgramError, run_with_parent

_ROOT = Path(__file__).parent.parent
_START_S = 20.0  # a cold start of the container on a busy machine
_LISTENS = "Uvicorn running on http://127.0.0.1:"  # it logs this when it listens, then its port and a blank

type Container = Callable[[Mapping[str, str]], contextlib.AbstractAsyncContextManager[Program]]
"""Starts the container's process with these settings and no other."""


def run_checkout(settings: Mapping[str, str]) -> contextlib.AbstractAsyncContextManager[Program]:
    """The container as it lies here."""
    return run_with_parent("socket_server", settings, _ROOT)


def make_common_settings() -> dict[str, str]:
    """The settings that every container of a sandbox has, wherever it finds its services."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOST": "127.0.0.1",
        "PORT": "0",  # one that is free when it is taken: what we found free, another program could take first
        "MAX_LAG_MS": "0",  # however busy the machine is with other things
        "DRAIN_SECONDS": "0",  # who stops a sandbox does not want to wait for the calls in it
        "SPARE_SESSIONS": "0",  # each session of the sandbox's model is a call's
    }


async def wait_until_healthy(container: Program) -> int:
    """Wait until it takes streams; its port. Raises ProgramError when it ends before, or says that it does not."""
    try:
        async with asyncio.timeout(_START_S), httpx.AsyncClient(trust_env=False) as client:
            port = int((await container.wait_for_log(_LISTENS)).partition(_LISTENS)[2].partition(" ")[0])
            response = await client.get(f"http://127.0.0.1:{port}/healthz")
    except TimeoutError:
        raise container.make_error(f"did not answer /healthz within {_START_S:.0f} s") from None
    except ProgramError:
        raise container.make_error(f"ended at its start with status {await container.wait_for_end()}") from None
    if response.status_code != 200:
        raise container.make_error(f"answered /healthz with {response.status_code}")
    return port
