"""Twilio's credentials from the secret, as fresh as need be: cached, and kept if a newer one cannot be had."""

import math
import time
from collections.abc import Callable

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

from transfer_settings import Credentials, SecretError, SettingsError

MAX_AGE_S = 300
# After a failure: the seconds that an answer of Secrets Manager may take are not spent on every request.
AGAIN_S = 60

logger = Logger(service="transfer", child=True)


class Secret:
    def __init__(self, provider: SecretsProvider, secret_id: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._provider = provider
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
            self._again_at = self._clock() + AGAIN_S
            logger.exception("The secret cannot be read, or is bad; the one that was read last stays in use")
        return self._last

    def _read(self) -> Credentials:
        try:
            return Credentials.read(self._provider.get(self._secret_id, max_age=MAX_AGE_S))
        except GetParameterError as error:
            raise SecretError(str(error)) from error
