"""The secret of the webhooks, as fresh as need be: read from Secrets Manager, cached, and kept if that is away."""

import math
import time
from collections.abc import Callable

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

from webhook_settings import Credentials, SettingsError

# So long may it take until a new auth token is believed; Twilio's old one is void at once.
MAX_AGE_S = 60

logger = Logger(service="voice_webhook", child=True)


class Secret:
    def __init__(self, provider: SecretsProvider, secret_id: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._provider = provider
        self._secret_id = secret_id
        self._clock = clock
        self._last: Credentials | None = None
        self._again_at = -math.inf

    def credentials(self) -> Credentials:
        """What the secret says now, or said last: one that cannot be read, or is bad, is tried again after a while.

        Raises `GetParameterError` or `SettingsError` when there never was a good one.
        """
        if self._last and self._clock() < self._again_at:
            return self._last
        try:
            self._last = Credentials.read(self._provider.get(self._secret_id, max_age=MAX_AGE_S))
        except (GetParameterError, SettingsError):
            if self._last is None:
                raise
            self._again_at = self._clock() + MAX_AGE_S
            logger.exception("The secret cannot be read, or is bad; the one that was read last stays in use")
        return self._last
