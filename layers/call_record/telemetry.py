"""Metrics of the functions as lines of EMF, and log lines without numbers.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html.
A metric is written to standard output as soon as it is known, so nothing is lost when an invocation fails.
Needs aws-lambda-powertools, which both functions bring along.
"""

import json
import re
from collections.abc import Mapping

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from metric_table import METRICS, NAMESPACE

# Numbers in E.164, also as a form or a URL spells them. The last three digits tell callers apart.
NUMBER = re.compile(r"(\+|%2[Bb])\d{4,12}(?=\d{3})")


class Metrics:
    """Metrics of one installation, which `service` names; each line names the logger's call. No method raises."""

    def __init__(self, service: str, logger: Logger) -> None:
        self._service = service
        self._logger = logger

    def count(self, name: str, **dimensions: str) -> None:
        """Count one more, with `service` and the given dimensions. Each value of a dimension is a metric of its own."""
        self._write(name, 1, dimensions)

    def measure(self, name: str, value: int) -> None:
        self._write(name, value, {})

    def _write(self, name: str, value: int, dimensions: dict[str, str]) -> None:
        every = {"service": self._service} | dimensions
        try:
            unit = MetricUnit(METRICS[name].unit)
            with single_metric(name, unit, value, namespace=NAMESPACE, default_dimensions=every) as metric:
                if call_sid := self._logger.get_current_keys().get("call_sid"):
                    metric.add_metadata("call_sid", call_sid)  # not a dimension: each call would have its own metrics
        except Exception:  # a metric must never prevent an answer to a caller
            self._logger.exception("A metric could not be written", extra={"metric": name})


def format_line(record: Mapping[str, object]) -> str:
    """A log record as one line of JSON without full numbers, because an exception or a URL may quote one."""
    return NUMBER.sub(r"\1...", json.dumps(record, default=str))
