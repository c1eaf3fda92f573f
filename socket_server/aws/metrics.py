"""Writes measurements for CloudWatch: lines of its embedded metric format (EMF) on standard output.

Each uses Powertools' `single_metric`, because its `Metrics` collects for the whole process, which has many calls. The
sid of a call is a property of the line, not a dimension: otherwise every call would have its own metrics, which cost
money.

Source:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import logging

from aws_lambda_powertools.metrics import MetricUnit, single_metric

from metric_table import METRICS, NAMESPACE
from socket_server.aws import log_context
from socket_server.core.measures import Measured

ACTIVE_CALLS_SECONDS = 15.0  # between two samples, also of zero: scaling uses the average of a minute's four samples

log = logging.getLogger(__name__)


class Metrics:
    """The measurements of one process. No method raises: no call ends because a measurement fails."""

    def __init__(self, service: str) -> None:
        self._service = service

    def emit(self, measured: Measured) -> None:
        """One measurement, of the call in whose context this is."""
        self._write(measured.metric, measured.value, {})

    def active_calls(self, calls: int, revision: str) -> None:
        """How many calls this process has now, to be told every `ACTIVE_CALLS_SECONDS`; the service is scaled on it.

        `revision` names the task definition: tasks of the last one, which drain, must not lower the average.
        """
        self._write("ActiveCalls", calls, {"revision": revision})

    def _write(self, name: str, value: float, dimensions: dict[str, str]) -> None:
        dimensions = {"service": self._service, **dimensions}
        try:
            unit = MetricUnit(METRICS[name].unit)
            with single_metric(name, unit, value, namespace=NAMESPACE, default_dimensions=dimensions) as metric:
                if log_context.get_sid() != log_context.OUTSIDE:
                    metric.add_metadata("call_sid", log_context.get_sid())
        except Exception:  # a closed pipe, a defect
            log.exception("%s was not written", name)
