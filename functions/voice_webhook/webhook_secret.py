"""The keys of the webhooks, as fresh as need be: read from Secrets Manager, and kept if that is away.

A key that was changed is believed within a minute. Who signs with one that is not known yet need not wait for that:
`newer` looks at once, but not for everybody who pretends to be Twilio.
"""

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from read_limit import ReadLimit
from signing_keys import BadSecretError, SigningKeys, parse_signing_keys

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

MAX_AGE_S = 60

logger = Logger(service="voice_webhook", child=True)


class Secret:
    def __init__(
        self, client: "SecretsManagerClient", secret_id: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._secret_id = secret_id
        self._clock = clock
        self._last: SigningKeys | None = None
        self._again_at = -math.inf
        self._out_of_turn = ReadLimit(clock)

    def keys(self) -> SigningKeys:
        """What the secret says now, or said last: one that cannot be read, or is bad, is tried again after a while.

        Raises botocore's exceptions or `BadSecretError` when there never was a good one.
        """
        if self._last and self._clock() < self._again_at:
            return self._last
        return self._read()

    def newer(self) -> SigningKeys | None:
        """For a request that no key verifies: what the secret says, if it says something else than `keys` did.

        None also when many such requests have come: then a new key is found when the old ones have had their time.
        """
        before = self._last
        if before is None or not self._out_of_turn.allows():
            return None
        found = self._read()
        return None if found == before else found

    def _read(self) -> SigningKeys:
        try:
            answer = self._client.get_secret_value(SecretId=self._secret_id)
            self._last = parse_signing_keys(answer.get("SecretString"))
        except (BotoCoreError, ClientError, BadSecretError):
            if self._last is None:
                raise
            logger.exception("The secret cannot be read, or is bad; the one that was read last stays in use")
        else:
            if self._last.ignored:
                logger.error("The next key is bad, and not in use", extra={"faults": self._last.ignored})
        self._again_at = self._clock() + MAX_AGE_S
        return self._last
