"""Finds, refuses and counts transfers that come back as new calls. A failure here never ends a caller's call."""

from collections.abc import Mapping

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from call_record import CallTable
from ringing import Loop
from telemetry import Metrics

logger = Logger(service="voice_webhook", child=True)


def find_loop(table: CallTable, form: Mapping[str, str]) -> Loop | None:
    """The transfer that comes back as this call; None: it is a usual call, or nobody can tell."""
    try:
        return table.ringing.find_loop(form.get("CallSid", ""), form.get("From", ""), form.get("ForwardedFrom", ""))
    except Exception:  # whatever failed: hardly any call is a loop, and all others must be answered
        logger.exception("Whether the call is a transfer come back could not be told; it is answered")
        return None


def count_refusal(table: CallTable, metrics: Metrics, loop: Loop) -> None:
    """Count it, also in the row of its attempt."""
    said = {"put_through": loop.call_sid, "attempt": loop.request_id}
    logger.warning("A line that is rung forwards to us: the transfer came back, and is refused", extra=said)
    metrics.count("ForwardingLoops")
    try:
        table.ringing.count_loop(loop)
    except (BotoCoreError, ClientError):
        logger.exception("That the transfer came back could not be counted", extra=said)
