"""The secret of the webhooks, as fresh as need be: read from Secrets Manager, cached, and kept if that is away."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

from webhook_settings import Credentials

# So long may it take until a new auth token is believed; Twilio's old one is void at once.
MAX_AGE_S = 60

logger = Logger(service="voice_webhook", child=True)


class Secret:
    def __init__(self, provider: SecretsProvider, secret_id: str) -> None:
        self._provider = provider
        self._secret_id = secret_id
        self._last: Credentials | None = None

    def credentials(self) -> Credentials:
        """What the secret says now, or said last. Raises what the provider raises when it was never read."""
        try:
            self._last = Credentials.read(self._provider.get(self._secret_id, max_age=MAX_AGE_S))
        except GetParameterError:
            if self._last is None:
                raise
            logger.exception("The secret cannot be read; the one that was read last stays in use")
        return self._last
