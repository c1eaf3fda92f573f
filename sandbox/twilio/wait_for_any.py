"""Waiting for whichever of several things comes first."""

import asyncio
from collections.abc import Awaitable


async def wait_for_any(*events: asyncio.Event) -> None:
    """Return as soon as one of `events` is set."""
    waiters = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waiters, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiter in waiters:
            waiter.cancel()


async def is_first(one: Awaitable[object], other: Awaitable[object]) -> bool:
    """Whether `one` came before `other`; raises what it raised."""
    both = asyncio.ensure_future(one), asyncio.ensure_future(other)
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if both[0].done():
            both[0].result()
        return not both[1].done()
    finally:
        for each in both:
            each.cancel()
