"""A secret of Secrets Manager: read again each minute. If no good value can be read, the old one is kept.

A change is known within a minute. A request that the known keys refuse need not wait for that: `read_newer` reads at
once, but not for everybody who pretends to be Twilio.
"""

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from read_limit import ReadLimit
from signing_keys import BadSecretError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

# Also after a failure: otherwise every request would wait the seconds that Secrets Manager may need for an answer.
MAX_AGE_S = 60


class SecretError(Exception):
    """The secret cannot be read just now."""


class SecretCache[T]:
    """The result of `decode` for the secret's text. `client` is called when the secret is read for the first time."""

    def __init__(
        self,
        client: "Callable[[], SecretsManagerClient]",
        secret_id: str,
        decode: Callable[[object], T],
        logger: Logger,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`decode` raises `BadSecretError` for a secret that is bad."""
        self._client = client
        self._secret_id = secret_id
        self._decode = decode
        self._logger = logger
        self._clock = clock
        self._last: T | None = None
        self._again_at = -math.inf
        self._out_of_turn = ReadLimit(clock)

    def get(self) -> T:
        """The current value, or the last good one. If the secret cannot be read, or is bad, it is read again after a
        while.

        Raises `SecretError` or `BadSecretError` if there never was a good one.
        """
        if self._last is not None and self._clock() < self._again_at:
            return self._last
        return self._read()

    def read_newer(self) -> T | None:
        """For a request that the last value refuses: the current value, if it differs from the one of `get`.

        Also None if this was called too often: then a new value is found at the next regular read.
        """
        before = self._last
        if before is None or not self._out_of_turn.allows():
            return None
        found = self._read()
        return None if found == before else found

    def _read(self) -> T:
        try:
            self._last = self._decode(self._ask())
        except (SecretError, BadSecretError):
            if self._last is None:
                raise
            self._logger.exception("The secret cannot be read, or is bad; the one that was read last stays in use")
        self._again_at = self._clock() + MAX_AGE_S
        return self._last

    def _ask(self) -> str | None:
        try:
            return self._client().get_secret_value(SecretId=self._secret_id).get("SecretString")
        except (BotoCoreError, ClientError) as error:
            raise SecretError(str(error)) from error
