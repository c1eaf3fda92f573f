"""The client of the transfer function: lists the destinations, lets people ring, moves a call, calls people off.

A caller is on the line, so an answer has one time budget, whatever happens meanwhile. docs/architecture.md has all time
limits of a transfer.
"""

import asyncio
import logging
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Literal

from botocore.config import Config
from msgspec import Struct
from msgspec.json import decode

from socket_server.aws.executor import Executor
from socket_server.aws.lambda_invocation import invoke
from socket_server.aws.logs import log_failure
from socket_server.core.actions import CancelTransfer, Connect, Transfer
from socket_server.core.events import TransferFinished, TransferStatus
from socket_server.core.tool_offers import Destination

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

TRANSFER_BUDGET_SECONDS = 8.0
"""An answer comes within this time, even if it is `failed`. The function ends, or gives up, a little earlier."""
THREADS, WAITING = 32, 32  # an invocation that hangs takes a thread for the budget, not longer
WAIT_SECONDS = 1.5  # a caller waits; without the list any destination can still be asked for
GOOD_SECONDS = 60.0  # how long a list is good for
CLOSE_SECONDS = 2.0  # of the process's last cancellations, see `server`
FAILED_SECONDS = 5.0  # how long a failure is remembered, so that not every caller waits for another one

CLIENT = Config(
    connect_timeout=1,
    read_timeout=TRANSFER_BUDGET_SECONDS,
    retries={"total_max_attempts": 1},  # `lambda_invocation` decides which requests are repeated
    max_pool_connections=THREADS,
)
"""Of the Lambda client."""

log = logging.getLogger(__name__)


class _Answer(Struct):
    status: TransferStatus
    error: str = ""
    opens: str | None = None
    tried: tuple[str, ...] = ()
    """The destinations that are open, but were rung in this call already."""
    people: int = 0
    """How many are rung, with `ringing`."""


class _Cancelled(Struct):
    status: str


class _Destination(Struct):
    name: str
    description: str
    open: bool
    opens_at: str | None = None
    mode: str = "direct"


class _Destinations(Struct):
    destinations: list[_Destination]


class TransferClient:
    """Asks the transfer function for the destinations, and to move calls. No method raises."""

    def __init__(
        self,
        name: str,
        threads: Executor,
        client: "LambdaClient",
        *,
        budget_seconds: float = TRANSFER_BUDGET_SECONDS,
        wait_seconds: float = WAIT_SECONDS,
        good_seconds: float = GOOD_SECONDS,
        close_seconds: float = CLOSE_SECONDS,
    ) -> None:
        self._name = name
        self._threads = threads
        self._client = client
        self._budget_seconds = budget_seconds
        self._wait_seconds = wait_seconds
        self._good_seconds = good_seconds
        self._close_seconds = close_seconds
        self._destinations: tuple[Destination, ...] | None = None
        self._asking: asyncio.Future[bytes] | None = None
        self._asked_at = 0.0
        self._good_until = 0.0
        self._asked: dict[tuple[str, str], asyncio.Future[bytes]] = {}
        """Requests to let people ring, by call and request_id, until they are answered."""
        self._cancels: dict[str, asyncio.Future[None]] = {}
        """The newest of each call, until it is carried out or has failed."""

    def knows(self, destination: str) -> bool:
        """Whether the name is on the list, and not the model's invention."""
        return any(known.name == destination for known in self._destinations or ())

    async def destinations(self) -> tuple[Destination, ...]:
        """Whom a caller can be put through to; () if that is unknown.

        The first time this waits, `wait_seconds` at most. Later it returns the last list at once. A list older than
        `good_seconds` is requested again while the call goes on.
        """
        now = time.monotonic()
        if self._asking is None and now >= self._good_until:
            self._asked_at = now
            self._asking = self._ask({"action": "destinations"})
            self._asking.add_done_callback(self._learn)
        if self._asking is not None and self._destinations is None:
            await asyncio.wait([self._asking], timeout=max(0.0, self._asked_at + self._wait_seconds - now))
        return self._destinations or ()

    async def transfer(self, call_sid: str, action: Transfer) -> TransferFinished:
        """Move the call. A failure is a status of the answer. The answer comes within the budget.

        The same request_id acts once.
        """
        request: dict[str, object] = {
            "action": "transfer",
            "call_sid": call_sid,
            "destination": action.destination,
            "reason": action.reason,
            "summary": action.summary,
            "request_id": action.request_id,
            "announce": action.announce,
        }
        if action.attended:
            request |= {"attended": True} | asdict(action.brief)
        return await self._move(request, action.request_id)

    async def connect(self, call_sid: str, action: Connect) -> TransferFinished:
        """Move the call to the person who has taken it. As `transfer`."""
        request = {
            "action": "connect",
            "call_sid": call_sid,
            "attempt": action.request_id,
            "announce": action.announce,
        }
        return await self._move(request, action.request_id)

    def cancel(self, call_sid: str, action: CancelTransfer) -> None:
        """Ring nobody any more. Nobody waits for it, and it is carried out also if the call ends: see `close`.

        If the request that lets them ring is not answered yet, it comes first. The call's next one comes after it.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._cancels[call_sid] = done
        request: dict[str, object] = {
            "action": "cancel",
            "call_sid": call_sid,
            "attempt": action.request_id,
            "reason": action.reason,
        }

        def end(answer: asyncio.Future[bytes]) -> None:
            try:
                status = decode(answer.result(), type=_Cancelled).status
            except (Exception, asyncio.CancelledError) as error:  # the bound of each leg ends it later
                log_failure(log, "people who ring not called off", error)
            else:
                log.info("transfer cancelled: %s", status)
            if self._cancels.get(call_sid) is done:
                del self._cancels[call_sid]
            done.set_result(None)

        def begin(_: object = None) -> None:
            self._ask(request).add_done_callback(end)

        if (asked := self._asked.get((call_sid, action.request_id))) is not None:
            asked.add_done_callback(begin)
        else:
            begin()

    async def close(self) -> None:
        """The process ends: wait for the people who are being called off, for a bounded time."""
        if self._cancels:
            await asyncio.wait(self._cancels.values(), timeout=self._close_seconds)

    async def _move(self, request: dict[str, object], request_id: str) -> TransferFinished:
        call_sid = str(request["call_sid"])
        try:
            async with asyncio.timeout(self._budget_seconds):
                if cancelling := self._cancels.get(call_sid):
                    await asyncio.wait([cancelling])
                if "attended" in request:
                    answered = await asyncio.shield(self._keep(call_sid, request_id, self._ask(request)))
                else:
                    answered = await self._ask(request)
            answer = decode(answered, type=_Answer)
        except Exception as error:  # whatever failed, the caller must hear that nobody comes
            log_failure(log, "transfer function", error)
            return TransferFinished(request_id, "failed", "the transfer could not be made")
        if answer.error:
            log.warning("transfer function: %s: %s", answer.status, answer.error)
        return TransferFinished(request_id, answer.status, _describe(answer), answer.people)

    def _keep(self, call_sid: str, request_id: str, asked: asyncio.Future[bytes]) -> asyncio.Future[bytes]:
        """Until it is answered, also if the call ends before: only then can it be cancelled (`cancel`)."""
        self._asked[call_sid, request_id] = asked
        asked.add_done_callback(lambda _: self._asked.pop((call_sid, request_id), None))
        return asked

    def _ask(self, request: dict[str, object]) -> asyncio.Future[bytes]:
        """If it is cancelled, or the budget is over, a request without a thread is taken back."""
        until = time.monotonic() + self._budget_seconds
        return self._threads.start(lambda: invoke(self._client, self._name, request, until))

    def _learn(self, answer: asyncio.Future[bytes]) -> None:
        self._asking = None
        self._good_until = time.monotonic() + FAILED_SECONDS
        try:
            found = decode(answer.result(), type=_Destinations).destinations
        except Exception as error:  # calls go on with the old list
            log_failure(log, "destinations not learnt", error)
        else:
            self._destinations = tuple(map(_make_destination, found))
            self._good_until = time.monotonic() + self._good_seconds


def _make_destination(found: _Destination) -> Destination:
    """A mode of a later version is reached as ever: the function knows it."""
    mode: Literal["direct", "attended"] = "attended" if found.mode == "attended" else "direct"
    return Destination(found.name, found.description, found.open, found.opens_at, mode)


def _describe(answer: _Answer) -> str:
    """The part that the model may know: no numbers, no codes."""
    if answer.status == "closed" and answer.tried:
        tried = ", ".join(answer.tried)
        return f"everybody who is there now has been rung, and nobody came: {tried}; ask for one by name to ring again"
    if answer.status == "closed":
        return f"nobody is there now, open again {answer.opens}" if answer.opens else "nobody is there now"
    return "the connection could not be made" if answer.status == "failed" else ""
