"""How many calls a stack has, by the metric that its tasks report."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

SAMPLES_A_MINUTE = 4  # of each task: socket_server/aws/metrics.py


def count_calls(stack: str, cloudwatch: Any) -> int:
    """By what the tasks last reported, in the last three minutes; 0 where nothing did."""
    service = {"Name": "service", "Value": stack}
    listed = cloudwatch.get_paginator("list_metrics").paginate(
        Namespace="Warmline", MetricName="ActiveCalls", Dimensions=[service], RecentlyActive="PT3H"
    )
    now = datetime.now(UTC)
    calls = 0.0
    for metric in (metric for page in listed for metric in page["Metrics"]):
        points = cloudwatch.get_metric_statistics(
            Namespace="Warmline",
            MetricName="ActiveCalls",
            Dimensions=metric["Dimensions"],  # one for each revision of the tasks
            StartTime=now - timedelta(minutes=3),
            EndTime=now + timedelta(minutes=1),  # the end does not count
            Period=60,
            Statistics=["Sum"],
        )["Datapoints"]
        calls += max((point["Sum"] / SAMPLES_A_MINUTE for point in points), default=0.0)
    return math.ceil(calls)
