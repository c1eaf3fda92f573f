"""The simulation uses the values of the template and of the functions."""

import re
from pathlib import Path

import call_flow
import twiml
from bench.simulation.settings import Assumptions, Settings

TEMPLATE = (Path(__file__).parents[2] / "template.yaml").read_text()
DEFAULTS, AROUND = Settings(), Assumptions()


def default(parameter: str) -> int:
    found = re.search(rf"^  {parameter}:\n(?:    .*\n)*?    Default: (\d+)$", TEMPLATE, re.MULTILINE)
    assert found, f"template.yaml has no parameter {parameter} with a number as its default"
    return int(found[1])


def test_the_parameters_have_the_defaults_of_the_template() -> None:
    assert DEFAULTS.max_calls == default("MaxCalls")
    assert DEFAULTS.min_tasks == default("MinTasks")
    assert DEFAULTS.max_tasks == default("MaxTasks")
    assert DEFAULTS.drain_s == default("DrainSeconds")
    assert DEFAULTS.session_s == default("SessionMinutes") * 60


def test_the_policy_is_that_of_the_template() -> None:
    targets = {int(calls): int(target) for calls, target in re.findall(r'"(\d+)": \{Target: (\d+),', TEMPLATE)}
    assert targets == {calls: Settings(max_calls=calls).target_calls for calls in targets}
    assert f"ScaleOutCooldown: {DEFAULTS.scale_out_cooldown_s:g}\n" in TEMPLATE
    assert f"ScaleInCooldown: {DEFAULTS.scale_in_cooldown_s:g}\n" in TEMPLATE
    assert f"MetricName: ActiveCalls\n          Statistic: {DEFAULTS.statistic}\n" in TEMPLATE
    assert f"HealthCheckIntervalSeconds: {AROUND.health_check_s:g}\n" in TEMPLATE
    assert f"HealthyThresholdCount: {AROUND.healthy_checks}\n" in TEMPLATE


def test_a_refused_caller_retries_as_the_webhook_says() -> None:
    assert AROUND.pause_s == twiml.PAUSE_SECONDS
    assert AROUND.max_streams == call_flow.MAX_STREAMS
    assert AROUND.talk_s * 1000 == call_flow.TALK_MS
