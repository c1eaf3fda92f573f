"""Measurements as CloudWatch takes them."""

import sys
from contextvars import copy_context
from typing import get_args

import pytest

from socket_server.aws import log_context
from socket_server.aws.metrics import Metrics
from socket_server.core.measures import Measured, Metric
from tests.socket_server import emf

METRICS = Metrics("my-stack")
SERVICE = {"service": "my-stack"}


def written(capsys: pytest.CaptureFixture[str]) -> emf.Metric:
    [line] = capsys.readouterr().out.splitlines()
    return emf.read_metric(line)


def in_a_call(measured: Measured) -> None:
    log_context.begin()
    log_context.name("CA1")
    METRICS.emit(measured)


@pytest.mark.parametrize(
    ("measured", "metric"),
    [
        (Measured("Streams"), emf.Metric("Streams", "Count", 1, SERVICE, "CA1")),
        (Measured("FirstWordMs", 812), emf.Metric("FirstWordMs", "Milliseconds", 812, SERVICE, "CA1")),
        (Measured("CostUSD", 0.0123), emf.Metric("CostUSD", "None", 0.0123, SERVICE, "CA1")),
    ],
)
def test_a_measurement_has_its_unit_its_service_and_its_call(
    measured: Measured, metric: emf.Metric, capsys: pytest.CaptureFixture[str]
) -> None:
    copy_context().run(in_a_call, measured)
    assert written(capsys) == metric


def test_what_belongs_to_no_call_has_no_call_sid(capsys: pytest.CaptureFixture[str]) -> None:
    METRICS.emit(Measured("CallsRefused"))
    assert written(capsys) == emf.Metric("CallsRefused", "Count", 1, SERVICE, None)


@pytest.mark.parametrize("name", get_args(Metric.__value__))
def test_every_metric_can_be_written(name: Metric, capsys: pytest.CaptureFixture[str]) -> None:
    METRICS.emit(Measured(name, 7))
    assert (metric := written(capsys)).name == name
    assert (metric.unit == "Milliseconds") == name.endswith("Ms")


def test_the_number_of_calls_is_told_for_each_revision_also_when_there_are_none(
    capsys: pytest.CaptureFixture[str],
) -> None:
    METRICS.active_calls(0, "warmline:7")
    assert written(capsys) == emf.Metric("ActiveCalls", "Count", 0, SERVICE | {"revision": "warmline:7"}, None)


def test_the_name_of_the_service_is_ours_and_not_that_of_the_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "another")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Another")
    METRICS.emit(Measured("Streams"))
    assert written(capsys).dimensions == SERVICE


def test_a_pipe_that_nobody_reads_hurts_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Closed:
        def write(self, text: str) -> None:
            raise BrokenPipeError(text)

    monkeypatch.setattr(sys, "stdout", Closed())
    METRICS.emit(Measured("Streams"))
    assert caplog.messages == ["Streams was not written"]
