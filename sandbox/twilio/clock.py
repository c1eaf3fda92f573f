"""The carrier's time: milliseconds of the event loop's clock, which tests may let run faster.

At `pace` 10 a second of telephony takes a tenth of a second. Only the network's own times run on this clock (audio
frames, ringing, pauses); what a web server is given to answer stays in real seconds.
"""

import asyncio


class Clock:
    """Starts at 0 when it is made, which must be inside a running loop."""

    def __init__(self, pace: float = 1.0) -> None:
        self.pace = pace
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()

    @property
    def now_ms(self) -> int:
        return int((self._loop.time() - self._began) * 1000 * self.pace)

    async def sleep_until(self, ms: int) -> None:
        """Return at `ms` on this clock. The target is absolute, so a loop of these does not drift."""
        await asyncio.sleep(self._began + ms / 1000 / self.pace - self._loop.time())

    async def sleep(self, ms: int) -> None:
        await asyncio.sleep(ms / 1000 / self.pace)

    def timeout(self, ms: int | None) -> asyncio.Timeout:
        """A context that raises `TimeoutError` after `ms`; None waits forever."""
        return asyncio.timeout(None if ms is None else ms / 1000 / self.pace)
