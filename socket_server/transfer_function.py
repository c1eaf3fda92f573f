"""The client of the transfer function: whom callers can be put through to, and the order to do it.

Time-outs are short because somebody is on the line; retries of botocore would double a wait that he hears.
"""

import asyncio
import json
import logging
import time
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from msgspec import DecodeError, Struct, ValidationError
from msgspec.json import decode

from socket_server.actions import Transfer
from socket_server.events import TransferFinished, TransferStatus
from socket_server.threads import THREADS, Threads
from socket_server.tools import Destination

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

DESTINATIONS_SECONDS = 60.0  # how long an answer is good for

# The function's own deadline towards Twilio is shorter.
_CONFIG = Config(connect_timeout=2, read_timeout=12, retries={"total_max_attempts": 1}, max_pool_connections=THREADS)

log = logging.getLogger(__name__)


class _Answer(Struct):
    status: TransferStatus
    error: str = ""
    opens: str | None = None


class _Destination(Struct):
    name: str
    description: str
    open: bool
    opens_at: str | None = None


class _Destinations(Struct):
    destinations: list[_Destination]


class TransferFunction:
    """Asks the transfer function for people and their numbers' names, and to move calls."""

    def __init__(self, name: str, threads: Threads, client: "LambdaClient | None" = None) -> None:
        self._name = name
        self._threads = threads
        self._client = client or boto3.client("lambda", config=_CONFIG)
        self._destinations: tuple[Destination, ...] = ()
        self._known_until = 0.0

    async def destinations(self, wait_seconds: float) -> tuple[Destination, ...]:
        """Whom a caller can be put through to; what was known last if the function does not answer in time."""
        if time.monotonic() >= self._known_until:
            try:
                async with asyncio.timeout(wait_seconds):
                    answer = await self._threads.run(lambda: self._invoke({"action": "destinations"}))
                found = decode(answer, type=_Destinations).destinations
            except (BotoCoreError, ClientError, TimeoutError, ValidationError, DecodeError) as error:
                log.warning("destinations not learnt: %s: %s", type(error).__name__, error)
            else:
                self._destinations = tuple(Destination(d.name, d.description, d.open, d.opens_at) for d in found)
                self._known_until = time.monotonic() + DESTINATIONS_SECONDS
        return self._destinations

    async def transfer(self, call_sid: str, wish: Transfer) -> TransferFinished:
        """Move the call; whatever goes wrong is a status of the answer. The same request_id acts once."""
        request = {
            "action": "transfer",
            "call_sid": call_sid,
            "destination": wish.destination,
            "reason": wish.reason,
            "summary": wish.summary,
            "request_id": wish.request_id,
            "announce": wish.announce,
        }
        try:
            answer = decode(await self._threads.run(lambda: self._invoke(request)), type=_Answer)
        except (BotoCoreError, ClientError, ValidationError, DecodeError) as error:
            log.error("transfer function: %s: %s", type(error).__name__, error, extra={"call_sid": call_sid})
            return TransferFinished(wish.request_id, "failed", "the transfer could not be made")
        return TransferFinished(wish.request_id, answer.status, _told(answer))

    def _invoke(self, request: dict[str, object]) -> bytes:
        answer = self._client.invoke(FunctionName=self._name, Payload=json.dumps(request).encode())
        return answer["Payload"].read()


def _told(answer: _Answer) -> str:
    """What the model may know: no numbers, no codes."""
    if answer.status == "closed":
        return f"nobody is there now, open again {answer.opens}" if answer.opens else "nobody is there now"
    return "the connection could not be made" if answer.status == "failed" else ""
