"""Metrics stand once, in the table: who writes them and what the docs say is compared with it."""

import re
from pathlib import Path
from typing import get_args

import pytest

from metric_table import METRICS, Writer
from socket_server.core import measures

ROOT = Path(__file__).parents[2]
DEPLOY = (ROOT / "docs/deploy.md").read_text()
COUNTED_BY_THE_CONTAINER_AS_A_WHOLE = {"ActiveCalls"}


def list_metrics(writer: Writer) -> set[str]:
    return {name for name, metric in METRICS.items() if writer in (metric.writer, metric.also)}


def find_written_in(folder: str) -> set[str]:
    """The names in quotes that are given to `count` or `measure`."""
    code = "".join(path.read_text() for path in sorted((ROOT / folder).glob("*.py")))
    return set(re.findall(r'\.(?:count|measure)\(\s*"(\w+)"', code))


def test_the_container_measures_what_the_table_has() -> None:
    assert set(get_args(measures.Metric.__value__)) == list_metrics("container") - COUNTED_BY_THE_CONTAINER_AS_A_WHOLE


@pytest.mark.parametrize("function", ["voice_webhook", "transfer"])
def test_a_function_writes_what_the_table_has(function: Writer) -> None:
    assert find_written_in(f"functions/{function}") == list_metrics(function) != set()


def test_a_unit_is_in_the_name() -> None:
    assert {name for name, metric in METRICS.items() if metric.unit == "Milliseconds"} == {
        name for name in METRICS if name.endswith("Ms")
    }


def test_the_docs_have_every_metric_and_every_dimension() -> None:
    section = DEPLOY.split("## Metrics, logs, alarms")[1].split("\n## ")[0]
    told = "".join(line.split("|")[1] for line in section.splitlines() if line.startswith("| `"))

    assert set(re.findall("`([A-Z][A-Za-z]+)`", told)) == METRICS.keys()
    assert set(re.findall("`([a-z]+)`", told)) == {metric.dimension for metric in METRICS.values()} - {None}
