"""The places for calls, and the streams that wait to become calls.

Twilio signs the URL of the stream and nothing else. So the signature of a handshake is the same for every call, and
whoever has seen one can send it as often as they like. Therefore a stream takes one of the `MAX_CALLS` places only when
the token of its call was found valid. Until then it waits, beside the calls. If too many wait, the oldest one is ended:
Twilio sends `start` within milliseconds, so the newest ones are most likely to be callers.

A stream that waits has no spare session of the model. If none is left for it, a session may be opened for it at once,
so that the caller hears the first word sooner. How many such sessions may be in vain is limited.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from socket_server.core.errors import NoPlaceError, TokenError

START_SECONDS = 5.0  # Twilio sends `start` within milliseconds; somebody else may never send it
# As many streams may wait as there are places, because a deploy may send that many callers at once; at least so many.
WAITING = 100
# Sessions of the model for streams that wait. One that was opened in vain counts for another minute. So somebody who
# sends only handshakes opens ten a minute, however many handshakes they send.
EARLY_SESSIONS, IN_VAIN_SECONDS = 10, 60.0

log = logging.getLogger(__name__)


class Places:
    """Which streams of the process are calls. A stream is any object, always the same for one stream."""

    def __init__(self, max_calls: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_calls = max_calls
        self._clock = clock
        self._calls: set[object] = set()
        self._max_waiting = max(max_calls, WAITING)
        self._waiting: dict[object, asyncio.Timeout] = {}  # oldest first
        self._early: set[object] = set()
        """Streams that are no calls, and for which a session was opened."""
        self._in_vain: deque[float] = deque()
        """When streams ended that have had such a session."""

    @property
    def calls(self) -> int:
        """How many calls are in progress."""
        return len(self._calls)

    @property
    def full(self) -> bool:
        return self.calls >= self._max_calls

    @asynccontextmanager
    async def waiting(self, stream: object) -> AsyncIterator[None]:
        """While the stream shows its token.

        TimeoutError after `START_SECONDS`; TokenError if it has to go earlier, because too many newer ones wait.
        """
        until = asyncio.get_running_loop().time() + START_SECONDS
        try:
            async with asyncio.timeout_at(until) as limit:
                if len(self._waiting) >= self._max_waiting:
                    self._end_oldest()
                self._waiting[stream] = limit
                try:
                    yield
                finally:
                    self._waiting.pop(stream, None)
        except TimeoutError:
            if limit.when() == until:
                raise
            raise TokenError(f"no `start`, and {self._max_waiting} newer streams wait for theirs") from None

    def _end_oldest(self) -> None:
        limit = self._waiting.pop(next(iter(self._waiting)))
        if not limit.expired():  # otherwise its time is over already, and it is about to go
            limit.reschedule(asyncio.get_running_loop().time())

    def may_open_early(self, stream: object, spares: int) -> bool:
        """Whether a session may be opened for this stream while it waits. If so, it is counted. `spares`: how many
        spare sessions there are.
        """
        now = self._clock()
        while self._in_vain and self._in_vain[0] <= now - IN_VAIN_SECONDS:
            self._in_vain.popleft()
        enough = spares >= len(self._waiting)
        if enough or len(self._early) + len(self._in_vain) >= EARLY_SESSIONS:
            return False
        self._early.add(stream)
        return True

    def take(self, stream: object) -> None:
        """The token of the stream is valid: from now on it is a call; NoPlaceError if there are too many."""
        if self.full:
            raise NoPlaceError(f"{self.calls} calls are in progress")
        self._early.discard(stream)
        self._calls.add(stream)
        log.info("calls in progress: %d", self.calls)

    def free(self, stream: object) -> None:
        """The stream has ended."""
        if stream in self._early:
            self._early.remove(stream)
            self._in_vain.append(self._clock())
        if stream in self._calls:
            self._calls.remove(stream)
            log.info("calls in progress: %d", self.calls)
