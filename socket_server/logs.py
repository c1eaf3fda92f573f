"""Log lines: one JSON object a line, `call_sid` in those that belong to a call."""

import json
import logging
import time

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import DecodeError

BAD_LUCK = (BotoCoreError, ClientError, DecodeError, TimeoutError)
"""What a service that is asked may do at any time."""


class JsonLines(logging.Formatter):
    """CloudWatch finds fields of JSON by name."""

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, object] = {
            "time": f"{moment}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "call_sid": getattr(record, "call_sid", "-"),
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def log_to_stderr() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)  # a health check every few seconds


def log_failure(log: logging.Logger, what: str, error: Exception, call_sid: str = "-") -> None:
    """Log, where it is caught, why something did not succeed: bad luck in a line, a defect with its traceback."""
    defect = not isinstance(error, BAD_LUCK)
    level = logging.ERROR if defect else logging.WARNING
    log.log(level, "%s: %s: %s", what, type(error).__name__, error, exc_info=defect, extra={"call_sid": call_sid})
