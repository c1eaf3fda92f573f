"""The pages over the example call: `python -m tests.console.example_pages` serves them to whoever works on them.

One call is over. Another one happens, in real time, again and again.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from console.web.app import make_app
from console.web.app_state import Extension
from console.web.serve import serve, serve_for_ever
from tests.console.calls_in_memory import CallsInMemory, make_calls
from tests.console.example_call import VIEW, view_at

LIVE_SID = "CA0000000000000000000000000000beef"
_STEP_S = 0.1


@asynccontextmanager
async def serve_example(
    source: CallsInMemory | None = None, extension: Extension | None = None, port: int = 0
) -> AsyncIterator[str]:
    """The address, with its key, of the pages over these calls; None: the example call alone."""
    async with serve(make_app(source or CallsInMemory(VIEW), extension), port) as address:
        yield address


async def _replay(source: CallsInMemory) -> None:
    """Put the example call again as it happens."""
    while True:
        began_ms = int(time.time() * 1000)
        live = replace(VIEW, summary=replace(VIEW.summary, sid=LIVE_SID, began_at_ms=began_ms))
        while (now_ms := int(time.time() * 1000) - began_ms) < live.now_ms:
            source.put(view_at(now_ms, live))
            await asyncio.sleep(_STEP_S)
        source.put(replace(live, summary=replace(live.summary, ended_at_ms=began_ms + live.now_ms)))
        await asyncio.sleep(10)


async def _main() -> None:
    source = CallsInMemory(VIEW, *make_calls(40))
    async with asyncio.TaskGroup() as group:
        group.create_task(_replay(source))
        await serve_for_ever(make_app(source), int(os.environ.get("PORT", "0")), os.environ)


if __name__ == "__main__":
    asyncio.run(_main())
