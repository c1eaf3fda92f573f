"""Reads a secret of Secrets Manager again and again, so that a change needs no restart.

A process starts with the keys of its environment. Values that are read later replace them. If a secret cannot be read,
or is bad, nothing changes. Only a request whose signature fits no known key waits for a read, and not for long.
"""

import asyncio
import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.config import Config

from read_limit import READS, ReadLimit
from signing_keys import BadSecretError, decode_secret
from socket_server.aws.executor import Executor
from socket_server.aws.logs import log_failure

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

EVERY_SECONDS = 50.0  # with the time of a read, a change is known within a minute
WAIT_SECONDS = 2.0  # Twilio waits for the answer to its handshake meanwhile

CLIENT = Config(connect_timeout=0.5, read_timeout=1, retries={"total_max_attempts": 2})
"""The settings of the Secrets Manager client. It tries twice, because a kept connection may be dead."""

log = logging.getLogger(__name__)


class SecretReader:
    """Gives the values of one secret to `learn`, which raises BadSecretError for a bad one. No method raises."""

    def __init__(
        self,
        client: "SecretsManagerClient",
        secret_id: str,
        learn: Callable[[object], None],
        *,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        self._client = client
        self._secret_id = secret_id
        self._learn = learn
        self._wait_seconds = wait_seconds
        self._limit = ReadLimit()
        self._threads = Executor("secret", 1, READS + 1)  # one thread: reads end in the order in which they began
        self._reading: asyncio.Future[str | None] | None = None

    def read(self) -> None:
        """Begin to read it."""
        self._reading = self._threads.start(self._ask)
        self._reading.add_done_callback(self._take_answer)

    async def read_now(self) -> None:
        """Read it and wait for the answer. After too many reads, wait only for a read that is already under way."""
        if self._limit.allows():
            self.read()
        await self.done()

    async def done(self) -> None:
        """Wait for the last read, `wait_seconds` at most."""
        if self._reading is not None:
            await asyncio.wait([self._reading], timeout=self._wait_seconds)

    def _ask(self) -> str | None:
        return self._client.get_secret_value(SecretId=self._secret_id).get("SecretString")

    def _take_answer(self, answer: asyncio.Future[str | None]) -> None:
        try:
            self._learn(answer.result())
        except BadSecretError as error:
            log.error("%s is bad, and what it said before stays in use: %s", self._secret_id, error)
        except Exception as error:  # the known values are good enough
            log_failure(log, f"{self._secret_id} not read", error)


def read_api_key(secret: object) -> str:
    """The key in the text of OpenAI's secret. Raises BadSecretError."""
    value = decode_secret(secret).get("OPENAI_API_KEY")
    if not isinstance(value, str) or not re.fullmatch("[!-~]+", value.strip()):
        raise BadSecretError("the secret: expected printable ASCII without spaces under OPENAI_API_KEY")
    return value.strip()
