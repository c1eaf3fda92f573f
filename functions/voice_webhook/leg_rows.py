"""What the webhooks about a leg read from the call record and write into it. If the table fails, the log says so, and
the webhook goes on: a person and a caller want to talk.
"""

from collections.abc import Callable

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from call_record import Attempt, CallTable
from leg_webhook import LegWebhook

# If the key is not written, nothing is known about the talk. So the write is tried this often, each time at most this
# long (twice, by the client), while there is time. The person waits meanwhile, and the caller hears ringing.
KEY_WRITES = 4
WRITE_S = 1.7

logger = Logger(service="voice_webhook", child=True)


def read_attempt(table: CallTable, webhook: LegWebhook) -> Attempt | None:
    """None: it could not be read."""
    try:
        return table.legs.read_attempt(webhook.call_sid, webhook.request_id)
    except (BotoCoreError, ClientError):
        logger.exception("The attempt could not be read")
        return None


def accept(webhook: LegWebhook, clock: Callable[[], float], write: Callable[[], Attempt]) -> Attempt | None:
    """The attempt after `write`, which says who has taken the call; None: it could not be written.

    No write begins that could end after `webhook.until`, on `clock`.
    """
    for _ in range(KEY_WRITES):
        if clock() + WRITE_S > webhook.until:
            break
        try:
            return write()
        except (BotoCoreError, ClientError):
            logger.exception("The key could not be written")
    return None


def write_key(table: CallTable, webhook: LegWebhook, key: str) -> None:
    """The key that decided."""
    try:
        table.legs.decline(webhook.call_sid, webhook.request_id, webhook.leg_sid, key)
    except (BotoCoreError, ClientError):
        logger.exception("The key could not be recorded", extra={"leg": webhook.leg_sid})
