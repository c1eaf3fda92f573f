"""Spare sessions: sockets of the model that are open, with a session in each, before a call needs one.

Without them a caller waits for a TLS handshake and the service's authorization before anything can be requested. A
spare costs no tokens: only pings are sent on it until a call has taken it and the token of the stream is found valid.
If none is left, a call opens its own session. While the service refuses spares, calls are no worse off than without
them.

Each place of the pool is a task. It opens a spare, waits until that is taken, lost or too old, and opens the next. The
service ends a session an hour after its beginning, whatever happened in it. So a spare must be young enough for the
longest call.

A random time is taken from every renewal, and added to or taken from every wait after a failure. So places do not
connect all at the same time, in one process or in several. If the service says how long to wait, that counts.
"""

import asyncio
import logging
import random
import ssl
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from socket_server.core.errors import ModelRefusedError, ProtocolError
from socket_server.core.measures import Measured
from socket_server.core.model_codec import ModelListener
from socket_server.openai import server_events
from socket_server.openai.pool_timing import RENEWING_SECONDS, PoolTiming, wait_seconds
from socket_server.openai.socket import ModelSocket, open_model_socket
from socket_server.openai.url import strip_model

log = logging.getLogger(__name__)


class SessionPool:
    """The spare sessions of this process. If none is left, it opens a new one."""

    def __init__(
        self,
        url: str,
        api_key: str,
        tls: ssl.SSLContext,
        size: int,
        timing: PoolTiming,
        emit: Callable[[Measured], None],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """`size`: 0 keeps none. `jitter` gives chance, from 0 to 1."""
        self.api_key = api_key
        """Of what is opened from now on."""
        self.refusal = ""
        """Why the service opens none; "": it does, as far as is known."""
        self._url, self._tls = url, tls
        self._size = size
        self._timing = timing
        self._emit = emit
        self._jitter = jitter
        self._waiting: deque[_Spare] = deque()  # oldest first
        self._places: list[asyncio.Task[None]] = []
        self._said_at: float | None = None  # when the reason was logged last; None: there are spare sessions

    @property
    def spares(self) -> int:
        """How many there are now."""
        return len(self._waiting)

    async def open(self, listener: ModelListener) -> ModelSocket:
        """A socket that is opened now; ModelRefusedError."""
        try:
            socket = await open_model_socket(self._url, self.api_key, listener, self._tls)
        except ModelRefusedError as error:
            if error.hopeless:
                self._note_refusal(str(error))
            raise
        self._note_refusal("")
        return socket

    def take(self, listener: ModelListener) -> ModelSocket | None:
        """A spare, which speaks to `listener` in this context from here on; None if there is none."""
        now = asyncio.get_running_loop().time()
        while self._waiting:
            spare = self._waiting.popleft()
            if not spare.gone.done() and now < spare.opened + self._timing.good_seconds:
                spare.gone.set_result("")
                spare.socket.listen(listener)
                return spare.socket
            spare.socket.close()
        return None

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """While this lasts, or until `close`, there are spare sessions."""
        async with asyncio.TaskGroup() as tasks:
            kept = [self._keep_place] * self._size or [self._check_key]
            self._places = [tasks.create_task(_guard(each)) for each in kept]
            try:
                yield
            finally:
                self.close()

    def close(self) -> None:
        """No call will need one any more."""
        for place in self._places:
            place.cancel()
        while self._waiting:
            self._waiting.popleft().socket.close()

    async def _check_key(self) -> None:
        """Without spare sessions, nobody else would learn before the first call that the service refuses the key.

        Asked without a model, it looks at the key and makes no session. It is asked until it accepts the key.
        """
        failures, refused = 0, ""
        while True:
            retry_after = ""
            try:
                (await open_model_socket(strip_model(self._url), self.api_key, _Spare(), self._tls)).close()
                break
            except ModelRefusedError as error:
                if error.refuses_key:
                    refused = str(error)
                    self._note_refusal(refused)
                elif error.hopeless:
                    break
                retry_after = error.retry_after
            failures += 1
            await asyncio.sleep(wait_seconds(failures, retry_after, self._jitter(), self._timing.first_wait_seconds))
        if refused and self.refusal == refused:
            self._note_refusal("")

    async def _keep_place(self) -> None:
        old: _Spare | None = None
        failures = 0
        while True:
            lost = retry_after = ""
            try:
                spare = await self._open_spare()
            except ModelRefusedError as error:
                lost, retry_after = str(error), error.retry_after
            else:
                self._remove(old)
                self._waiting.append(spare)
                self._note_success()
                await asyncio.wait([spare.gone], timeout=self._compute_renew_seconds() * (1 - self._jitter() / 4))
                old = spare
                if spare.gone.done():
                    old, lost = None, spare.gone.result()
                    self._remove(spare)
            if lost:
                failures += 1
                self._note_failure(lost)
                first_seconds = self._timing.first_wait_seconds
                await asyncio.sleep(wait_seconds(failures, retry_after, self._jitter(), first_seconds))
            else:
                failures = 0

    async def _open_spare(self) -> "_Spare":
        spare = _Spare()
        spare.socket = await self.open(spare)
        try:
            async with asyncio.timeout(self._timing.session_seconds):
                refused = await spare.created
        except TimeoutError:
            refused = f"no session within {self._timing.session_seconds} s"
        except asyncio.CancelledError:
            spare.socket.close()
            raise
        if refused:
            spare.socket.close()
            raise ModelRefusedError(refused)
        return spare

    def _compute_renew_seconds(self) -> float:
        timing = self._timing
        return timing.good_seconds - RENEWING_SECONDS if timing.renew_seconds is None else timing.renew_seconds

    def _remove(self, spare: "_Spare | None") -> None:
        """It is lost, or another one has its place."""
        if spare is not None and spare in self._waiting:
            self._waiting.remove(spare)
            spare.socket.close()

    def _note_refusal(self, refusal: str) -> None:
        """`refusal`: why the service opens none; "": it does."""
        if refusal and not self.refusal:
            log.error("the model refuses every call, and callers go to people: %s", refusal)
        elif self.refusal and not refusal:
            log.info("the model refuses calls no more")
        self.refusal = refusal

    def _note_failure(self, reason: str) -> None:
        self._emit(Measured("SpareFailures"))
        now = asyncio.get_running_loop().time()
        if self._said_at is None or now >= self._said_at + self._timing.said_again_seconds:
            log.warning("no spare session: %s; tried again now and then", reason)
            self._said_at = now

    def _note_success(self) -> None:
        if self._said_at is not None:
            log.info("there are spare sessions again")
        self._said_at = None


async def _guard(run: Callable[[], Awaitable[None]]) -> None:
    try:
        await run()
    except Exception:  # calls open their own: a defect here must not end the process
        log.exception("a place for a spare session failed by a defect of ours")


class _Spare:
    """A socket that waits for a call, and listens to it until then."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.socket: ModelSocket
        self.opened = loop.time()
        self.created: asyncio.Future[str] = loop.create_future()
        """"" when the service has made the session; else why it has not."""
        self.gone: asyncio.Future[str] = loop.create_future()
        """"" when a call took it; else why it is lost."""

    def model_text(self, text: bytes) -> None:
        try:
            kind = server_events.kind(text)
        except ProtocolError as error:
            self.model_bad_message(error.reason)
            return
        if kind == "session.created" and not self.created.done():
            self.created.set_result("")
        elif kind == "error":  # about what? nothing was asked for
            self._lost("the service sent an error")

    def model_bad_message(self, reason: str) -> None:
        self._lost(reason)

    def model_lost(self, reason: str) -> None:
        self._lost(reason)

    def _lost(self, reason: str) -> None:
        for told in (self.created, self.gone):
            if not told.done():
                told.set_result(reason)
