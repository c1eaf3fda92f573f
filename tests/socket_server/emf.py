"""CloudWatch's embedded metric format, read as strictly as CloudWatch does: what breaks the format is not a metric.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

UNITS = {"Milliseconds", "Count", "None"}  # those that there are here, of the many that CloudWatch knows


@dataclass(frozen=True, slots=True)
class Metric:
    """One value as CloudWatch takes it from a line."""

    name: str
    unit: str
    value: float
    dimensions: Mapping[str, str]
    call_sid: str | None
    """A property, by which queries of the log find it; no dimension."""


def is_metric(line: str) -> bool:
    return '"_aws"' in line


def read_metric(line: str) -> Metric:
    """The metric of a line that has to bear just one."""
    root: dict[str, Any] = json.loads(line)
    about = root["_aws"]
    assert about.keys() == {"Timestamp", "CloudWatchMetrics"}
    assert type(about["Timestamp"]) is int
    assert about["Timestamp"] > 1_700_000_000_000  # milliseconds
    [directive] = about["CloudWatchMetrics"]
    assert directive.keys() == {"Namespace", "Dimensions", "Metrics"}
    assert directive["Namespace"] == "Warmline"
    [names] = directive["Dimensions"]
    assert 1 <= len(names) <= 30
    [definition] = directive["Metrics"]
    assert definition.keys() == {"Name", "Unit"}
    assert definition["Unit"] in UNITS
    [value] = root[definition["Name"]]
    assert isinstance(value, float)
    dimensions = {name: root[name] for name in names}
    assert all(isinstance(text, str) and text.strip() and text.isascii() for text in dimensions.values())
    assert root.keys() <= {"_aws", "call_sid", definition["Name"], *names}
    assert "call_sid" not in names
    return Metric(definition["Name"], definition["Unit"], value, dimensions, root.get("call_sid"))
