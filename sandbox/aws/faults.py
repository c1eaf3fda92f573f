"""What can be wrong with a part of the sandbox's cloud: switches for tests.

A switch is an attribute: `cloud.functions["transfer"].fault = Slow(3)`, `cloud.dynamodb.fault = Silent()`;
None mends it.
"""

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fails:
    """A function raises before its first line; a store answers 500."""

    reason: str = "the sandbox was told to fail"


@dataclass(frozen=True, slots=True)
class Throttles:
    """Every request is refused as one too many; no work is done. `once`: the first one, of a function."""

    once: bool = False


@dataclass(frozen=True, slots=True)
class Slow:
    """Work begins this late, and is done even if the client has gone: what Lambda and DynamoDB do too."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Silent:
    """Requests are taken and never answered, as behind a dead network; no work is done."""


type Fault = Fails | Throttles | Slow | Silent


async def wait_out(fault: Slow | Silent | None) -> None:
    """As long as the fault lasts."""
    match fault:
        case Silent():
            await asyncio.Event().wait()
        case Slow(seconds):
            await asyncio.sleep(seconds)
        case None:
            pass
