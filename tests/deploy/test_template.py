"""The template in every mode: nothing refers to what is not there, nothing waits for itself; what a stage deploys."""

import itertools
import json
import re
import subprocess
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from sandbox.installation import NOTICES
from tests.deploy.stack_template import (
    DEFAULT,
    DOMAIN,
    FIRST,
    ROOT,
    STANDBY,
    Mode,
    Node,
    list_before,
    list_needs,
    list_references,
    resources,
    take_branches,
    template,
)

CFN_LINT = ROOT / ".venv-deploy" / "bin" / "cfn-lint"
SWITCHES = (
    "NewVpc",
    "BuildImage",
    "Arm",
    "PrefixListGiven",
    "FallbackNumberGiven",
    "FallbackCallerIdGiven",
    "NotifyEmailGiven",
    "AlarmEmailGiven",
)
MODES = [
    {**way_in, **dict(zip(SWITCHES, switched, strict=True))}
    for way_in in (DEFAULT, DOMAIN, FIRST, STANDBY)
    for switched in itertools.product((True, False), repeat=len(SWITCHES))
]


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: "-".join(name for name, on in mode.items() if on))
def test_nothing_refers_to_what_this_mode_does_not_make(mode: Mode) -> None:
    made = resources(mode)
    known = set(made) | set(template()["Parameters"])

    for name, resource in made.items():
        assert {one for one in list_needs(resource) if not one.startswith("AWS::")} <= known, name
    for name, output in take_branches(template()["Outputs"], mode).items():
        assert {one for one in list_references(output) if not one.startswith("AWS::")} <= known, name


def test_no_resource_waits_for_itself() -> None:
    every = template()["Resources"]

    order = list(TopologicalSorter({name: list_needs(one) & set(every) for name, one in every.items()}).static_order())

    assert len(order) == len(every)


@pytest.mark.parametrize("late", ["VoiceWebhookFunction", "TransferFunction", "Service"])
def test_what_a_caller_meets_comes_after_the_checks(late: str) -> None:
    assert {"AccountCheck", "DirectoryCheck"} <= list_before(late, resources())


def test_the_cluster_comes_after_the_role_that_ecs_would_make_too_late() -> None:
    assert resources()["Cluster"]["DependsOn"] == "AccountCheck"


def test_every_parameter_has_a_default_and_a_sentence() -> None:
    for name, parameter in template()["Parameters"].items():
        assert "Default" in parameter, name
        assert len(parameter["Description"]) > 20, name
        assert {"AllowedValues", "AllowedPattern", "MinValue"} & set(parameter), f"{name} has no bounds"


def test_every_parameter_is_in_one_group_with_a_label() -> None:
    groups = template()["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    labels = [label for group in groups for label in group["Label"].values()]

    assert sorted(name for group in groups for name in group["Parameters"]) == sorted(template()["Parameters"])
    assert all(labels)
    assert len(set(labels)) == len(groups)


def test_the_longest_call_ends_before_the_drain_of_prod() -> None:
    parameters = template()["Parameters"]

    assert (parameters["SessionMinutes"]["MaxValue"] + 2) * 60 <= parameters["DrainSeconds"]["MaxValue"] == 3600


def test_fewest_and_most_tasks_cannot_contradict_each_other() -> None:
    parameters = template()["Parameters"]

    assert parameters["MinTasks"]["MaxValue"] <= parameters["MaxTasks"]["MinValue"]


def test_every_number_of_calls_has_its_target_and_its_alarm() -> None:
    rows = template()["Mappings"]["Calls"]

    assert [int(calls) for calls in rows] == template()["Parameters"]["MaxCalls"]["AllowedValues"]
    for calls, row in rows.items():
        assert 0 < row["Target"] == int(calls) * 0.6 < row["NearlyFull"] == int(calls) * 0.8


def test_the_rule_knows_the_regions_that_have_a_prefix_list() -> None:
    (assertion,) = template()["Rules"]["CloudFrontIsKnownInTheRegion"]["Assertions"]
    regions, region = assertion["Assert"]["Fn::Contains"]

    lists = template()["Mappings"]["CloudFrontPrefixLists"]
    known = {name for name, row in lists.items() if re.fullmatch("pl-[0-9a-f]{8}", row["Id"])}

    assert set(regions) == known
    assert all(row["Id"] == "unknown" for name, row in lists.items() if name not in known)
    assert region == {"Ref": "AWS::Region"}


def test_prod_lets_every_call_end_and_has_two_tasks() -> None:
    stages = tomllib.loads((ROOT / "samconfig.toml").read_text())

    assert overrides(stages, "default") == {"Stage": "default", "DrainSeconds": "60"}
    assert overrides(stages, "prod") == {"Stage": "prod", "DrainSeconds": "3600", "MinTasks": "2"}


def test_a_stage_needs_no_more_than_the_right_to_make_roles() -> None:
    stages = tomllib.loads((ROOT / "samconfig.toml").read_text())

    for name in ("default", "prod"):
        deploy = stages[name]["deploy"]["parameters"]
        assert deploy["resolve_s3"] is True
        assert deploy["capabilities"] == "CAPABILITY_IAM"


def test_the_services_that_a_deployer_needs_are_those_of_the_template() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text()
    listed = re.search(r"resources of these services: ([\w,\s]+)\.", page)
    kinds = [one["Type"] for one in template()["Resources"].values()]
    services = {kind.split("::")[1] for kind in kinds if kind.startswith("AWS::")}

    assert listed
    assert re.split(r",\s", listed[1]) == sorted(services)


def overrides(stages: Node, name: str) -> dict[str, str]:
    text = stages[name]["deploy"]["parameters"]["parameter_overrides"]
    return dict(pair.split("=", 1) for pair in text.split())


def test_linting_the_translated_template_shows_a_cycle_that_the_other_hides(tmp_path: Path) -> None:
    """Of the check itself: the transfer function needs the API's name, and the API voice_webhook."""
    broken = json.loads(json.dumps(template()))
    variables = broken["Resources"]["VoiceWebhookFunction"]["Properties"]["Environment"]["Variables"]
    variables["TRANSFER_FUNCTION"] = {"Ref": "TransferFunction"}
    (file := tmp_path / "translated.json").write_text(json.dumps(broken))

    run = subprocess.run([CFN_LINT, file], capture_output=True, text=True, check=False)

    assert "E3004" in run.stdout


def test_a_notice_waits_for_ten_minutes_at_most() -> None:
    """Not for six hours, after which the caller's data may have been deleted."""
    (config,) = resources(DEFAULT, "AWS::Lambda::EventInvokeConfig").values()

    assert config["Properties"]["MaximumEventAgeInSeconds"] == 600
    assert NOTICES.oldest_s == 600, "the sandbox keeps one as long"
