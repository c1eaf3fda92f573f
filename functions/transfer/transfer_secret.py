"""Twilio's credentials from the secret, as fresh as need be: kept for a while, and if a newer one cannot be had."""

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from transfer_settings import Credentials, SecretError, SettingsError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

# As for the webhooks. As long after a failure, too: the seconds that Secrets Manager may take for an answer are not
# spent on every request.
MAX_AGE_S = 60

logger = Logger(service="transfer", child=True)


class Secret:
    """`client` is asked for when the secret is read for the first time."""

    def __init__(
        self,
        client: "Callable[[], SecretsManagerClient]",
        secret_id: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._secret_id = secret_id
        self._clock = clock
        self._last: Credentials | None = None
        self._again_at = -math.inf

    def credentials(self) -> Credentials:
        """What the secret says now, or the last good one. Raises `SecretError` or `SettingsError` if there is none."""
        if self._last and self._clock() < self._again_at:
            return self._last
        try:
            self._last = self._read()
        except (SecretError, SettingsError):
            if self._last is None:
                raise
            logger.exception("The secret cannot be read, or is bad; the one that was read last stays in use")
        self._again_at = self._clock() + MAX_AGE_S
        return self._last

    def _read(self) -> Credentials:
        try:
            answer = self._client().get_secret_value(SecretId=self._secret_id)
        except (BotoCoreError, ClientError) as error:
            raise SecretError(str(error)) from error
        return Credentials.read(answer.get("SecretString"))
