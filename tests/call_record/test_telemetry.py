"""Metrics as CloudWatch reads them, and lines of the log without numbers."""

import json

import pytest
from aws_lambda_powertools import Logger

from telemetry import Metrics, format_line
from tests.lambdas import Metric, capture_log, make_count, read_metrics


@pytest.fixture
def logger() -> Logger:
    return Logger(service="test_telemetry", json_serializer=format_line)


def test_a_count_belongs_to_its_service(logger: Logger, capsys: pytest.CaptureFixture[str]) -> None:
    Metrics("warmline-prod", logger).count("Calls")

    assert read_metrics(capsys.readouterr().out) == [Metric("Calls", 1, "Count", (("service", "warmline-prod"),))]


def test_a_dimension_comes_beside_the_service(logger: Logger, capsys: pytest.CaptureFixture[str]) -> None:
    Metrics("warmline", logger).count("DialsEnded", outcome="busy")

    dimensions = (("service", "warmline"), ("outcome", "busy"))
    assert read_metrics(capsys.readouterr().out) == [Metric("DialsEnded", 1, "Count", dimensions)]


def test_milliseconds_are_milliseconds(logger: Logger, capsys: pytest.CaptureFixture[str]) -> None:
    Metrics("warmline", logger).measure("TimeToHumanMs", 8500)

    assert read_metrics(capsys.readouterr().out) == [Metric("TimeToHumanMs", 8500, "Milliseconds")]


def test_a_line_names_the_call_and_no_dimension_does(logger: Logger, capsys: pytest.CaptureFixture[str]) -> None:
    logger.append_keys(call_sid="CA1")
    Metrics("warmline", logger).count("Calls")
    logger.remove_keys(["call_sid"])
    Metrics("warmline", logger).count("Calls")

    out = capsys.readouterr().out
    assert [json.loads(text).get("call_sid") for text in out.splitlines()] == ["CA1", None]
    assert read_metrics(out) == [make_count("Calls"), make_count("Calls")]


def test_a_metric_is_written_when_it_is_known(logger: Logger, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError):
        _count_and_fail(Metrics("warmline", logger))

    assert [metric.name for metric in read_metrics(capsys.readouterr().out)] == ["Calls"]


def _count_and_fail(metrics: Metrics) -> None:
    metrics.count("Calls")
    raise ZeroDivisionError


@pytest.mark.parametrize("service", ["", " ", "\x00", "ä" * 2000])
def test_a_metric_never_costs_an_answer(logger: Logger, service: str) -> None:
    Metrics(service, logger).count("")
    Metrics(service, logger).count("Calls", outcome="")


def test_a_metric_that_cannot_be_written_is_in_the_log(logger: Logger) -> None:
    with capture_log(logger) as out:
        Metrics("warmline", logger).count("Unheard")  # the table has no such metric

    assert "A metric could not be written" in out.getvalue()


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("busy: +15550100001", "busy: +...001"),
        ("?From=%2B15550100001&To=%2b4930123456", "?From=%2B...001&To=%2b...456"),
        ("sip:+15550100001@example.com", "sip:+...001@example.com"),
        ("+15550100001+15550100002", "+...001+...002"),
        ("2026-11-22T09:00:00+0000", "2026-11-22T09:00:00+0000"),
        ("CA0123456789abcdef2b15550100001ab", "CA0123456789abcdef2b15550100001ab"),
        ("1 + 15550100001", "1 + 15550100001"),
    ],
)
def test_a_number_is_not_written_whole(said: str, shown: str) -> None:
    assert json.loads(format_line({"message": said, "exception": [said]})) == {"message": shown, "exception": [shown]}


def test_any_record_is_one_line_that_can_be_written_anywhere() -> None:
    text = format_line({"what": object, "broken": "\ud800", "wide": "ä\n"})

    assert text.isascii()
    assert text.count("\n") == 0
    assert json.loads(text)["wide"] == "ä\n"


def test_an_exception_s_own_words_show_no_number(logger: Logger) -> None:
    with capture_log(logger) as out:
        try:
            int("+15550100001x")
        except ValueError:
            logger.exception("A defect")

    assert "invalid literal" in out.getvalue()
    assert "15550100001" not in out.getvalue()
