"""The secret of the webhooks, as fresh as need be: read from Secrets Manager, and kept if that is away."""

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from webhook_settings import Credentials, SettingsError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

# So long may it take until a new auth token is believed; Twilio's old one is void at once.
MAX_AGE_S = 60

logger = Logger(service="voice_webhook", child=True)


class Secret:
    def __init__(
        self, client: "SecretsManagerClient", secret_id: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._secret_id = secret_id
        self._clock = clock
        self._last: Credentials | None = None
        self._again_at = -math.inf

    def credentials(self) -> Credentials:
        """What the secret says now, or said last: one that cannot be read, or is bad, is tried again after a while.

        Raises botocore's exceptions or `SettingsError` when there never was a good one.
        """
        if self._last and self._clock() < self._again_at:
            return self._last
        try:
            answer = self._client.get_secret_value(SecretId=self._secret_id)
            self._last = Credentials.read(answer.get("SecretString"))
        except (BotoCoreError, ClientError, SettingsError):
            if self._last is None:
                raise
            logger.exception("The secret cannot be read, or is bad; the one that was read last stays in use")
        self._again_at = self._clock() + MAX_AGE_S
        return self._last
