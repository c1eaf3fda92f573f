"""Log lines: each is one JSON object, with the `call_sid` of its call.

They have the shape of Powertools' Logger, as in the functions, so one query finds a call in all logs. Its formatter is
on the root logger, because lines of uvicorn, websockets and botocore must be JSON too. Its `append_keys` cannot be used
here: the keys would be in the lines of every call of the process.
"""

import logging
import re
from typing import TYPE_CHECKING

from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from botocore.exceptions import BotoCoreError, ClientError
from msgspec import DecodeError

from socket_server.aws import log_context
from socket_server.core.errors import BusyError, FunctionFailedError

if TYPE_CHECKING:
    from aws_lambda_powertools.logging.types import LogRecord

BAD_LUCK = (BotoCoreError, BusyError, ClientError, DecodeError, FunctionFailedError, TimeoutError)
"""The usual failures of a remote service."""

_E164 = re.compile(r"\+[1-9]\d{4,12}(?=\d{2})")


class JsonLines(LambdaPowertoolsFormatter):
    """CloudWatch finds fields of JSON by name."""

    def __init__(self, service: str) -> None:
        super().__init__(service=service, name="%(name)s", utc=True)

    def format(self, record: logging.LogRecord) -> str:
        record.call_sid = log_context.get_sid()
        record.taskName = None  # Powertools would print it: a number that means nothing
        record.__dict__.pop("color_message", None)  # uvicorn's message again, for terminals
        return super().format(record)

    def serialize(self, log: "LogRecord") -> str:
        """Mask phone numbers, whoever logs them: for example an error of a service, or of a tool that a user wrote."""
        return _E164.sub("+…", super().serialize(log))


def log_to_stderr(service: str) -> None:
    """Standard output is for measurements."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines(service))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)  # a health check every few seconds
    logging.getLogger("uvicorn.error.phone").setLevel(logging.WARNING)  # three lines about each stream; we log one


def log_failure(log: logging.Logger, what: str, error: BaseException) -> None:
    """Log why something failed: a usual failure in one line, a defect with its traceback."""
    defect = not isinstance(error, BAD_LUCK)
    level = logging.ERROR if defect else logging.WARNING
    log.log(level, "%s: %s: %s", what, type(error).__name__, error, exc_info=error if defect else None)
