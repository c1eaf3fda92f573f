"""The container in the template: how it is locked up, how a deploy spares its calls, how it is scaled."""

import re

import msgspec
import pytest

from socket_server.__main__ import KEEP_ALIVE_SECONDS
from tests.deploy.stack_template import (
    DEFAULT,
    DOMAIN,
    ROOT,
    Mode,
    Node,
    list_before,
    properties,
    resources,
    template,
)

REVISION = {"Fn::Select": [1, {"Fn::Split": ["/", {"Ref": "TaskDefinition"}]}]}
DIMENSIONS = [{"Name": "service", "Value": {"Ref": "AWS::StackName"}}, {"Name": "revision", "Value": REVISION}]


def container(mode: Mode = DEFAULT) -> Node:
    (found,) = properties("TaskDefinition", mode)["ContainerDefinitions"]
    return found


def pairs(listed: Node) -> dict[str, Node]:
    return {one["Key"]: one["Value"] for one in listed}


def test_the_container_can_change_nothing_and_is_nobody() -> None:
    assert container()["ReadonlyRootFilesystem"] is True
    assert container()["User"] == "10001:10001"
    assert not {"Privileged", "MountPoints", "DockerSecurityOptions"} & set(container())


def test_signals_reach_the_server_and_its_children_are_reaped() -> None:
    assert container()["LinuxParameters"] == {"InitProcessEnabled": True}
    # What the image says is what runs: nothing of a shell around it.
    assert not {"Command", "EntryPoint"} & set(container())


def test_a_stopped_task_has_fargates_longest_time_and_the_server_less() -> None:
    (drain,) = [int(one["Value"]) for one in container()["Environment"] if one["Name"] == "DRAIN_SECONDS"]

    assert container()["StopTimeout"] == 120
    assert drain <= 110


def test_a_slow_log_does_not_stop_the_audio() -> None:
    options = container()["LogConfiguration"]["Options"]

    assert (options["mode"], options["max-buffer-size"]) == ("non-blocking", "25m")
    assert options["awslogs-group"] == {"Ref": "ContainerLogs"}


def test_the_image_is_named_by_its_digest_or_by_its_owner() -> None:
    assert container()["Image"] == {"Fn::GetAtt": ["Image", "ImageUri"]}
    assert container({**DEFAULT, "BuildImage": False})["Image"] == {"Ref": "ImageUri"}


def test_the_processor_is_the_one_that_the_image_was_built_for() -> None:
    other = {**DEFAULT, "Arm": False}

    assert properties("TaskDefinition")["RuntimePlatform"]["CpuArchitecture"] == "ARM64"
    assert properties("TaskDefinition", other)["RuntimePlatform"]["CpuArchitecture"] == "X86_64"
    assert properties("ImageProject")["Environment"]["Type"] == "ARM_CONTAINER"
    assert properties("ImageProject", other)["Environment"]["Type"] == "LINUX_CONTAINER"
    assert "aarch64" in properties("ImageProject")["Environment"]["Image"]
    assert "x86_64" in properties("ImageProject", other)["Environment"]["Image"]


def test_the_build_reads_the_variables_that_the_function_gives_it() -> None:
    spec = msgspec.yaml.decode(properties("ImageProject")["Source"]["BuildSpec"])
    commands = "\n".join(spec["phases"]["build"]["commands"])
    given = re.findall(r'^ +"([A-Z_]+)": ', (ROOT / "functions/image_builder/image_build.py").read_text(), re.MULTILINE)

    assert set(re.findall(r"\$\{?([A-Z_]+)", commands)) == set(given) != set()
    assert commands.startswith("set -euo pipefail")  # a failed login must not look like a failed push


def test_every_size_that_can_be_chosen_is_one_that_fargate_has() -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html"""
    fargate = {256: (512, 2048), 512: (1024, 4096), 1024: (2048, 8192), 2048: (4096, 16384)}
    parameters = template()["Parameters"]
    rules = {
        int(rule["RuleCondition"]["Fn::Equals"][1]): rule["Assertions"][0]["Assert"]["Fn::Contains"][0]
        for rule in template()["Rules"].values()
        if rule["RuleCondition"].get("Fn::Equals", [None])[0] == {"Ref": "TaskCpu"}
    }

    assert set(rules) == set(parameters["TaskCpu"]["AllowedValues"]) == set(fargate)
    for cpu, (least, most) in fargate.items():
        sizes = parameters["TaskMemory"]["AllowedValues"]
        assert [int(size) for size in rules[cpu]] == [size for size in sizes if least <= size <= most]


def test_a_deploy_replaces_tasks_without_ending_their_calls() -> None:
    deployment = properties("Service")["DeploymentConfiguration"]

    assert deployment == {
        "Strategy": "ROLLING",
        "MinimumHealthyPercent": 100,
        "MaximumPercent": 200,
        "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
        "EarlySuccessCriteria": {"Enable": True, "HealthyPercent": 100, "SourceServiceRevisionCleanup": "DEFERRED"},
    }


@pytest.mark.parametrize(
    ("value", "criteria"),
    [
        ("enabled", {"Enable": True, "HealthyPercent": 100, "SourceServiceRevisionCleanup": "DEFERRED"}),
        ("disabled", {"Enable": False, "HealthyPercent": 100, "SourceServiceRevisionCleanup": "DEFERRED"}),
        ("omitted", None),
    ],
)
def test_a_deploy_waits_for_the_old_tasks_where_the_parameter_says_so(value: str, criteria: Node) -> None:
    mode = {**DEFAULT, "EarlySuccess": value == "enabled", "EarlySuccessOmitted": value == "omitted"}

    assert value in template()["Parameters"]["EarlySuccessCriteria"]["AllowedValues"]
    assert properties("Service", mode)["DeploymentConfiguration"].get("EarlySuccessCriteria") == criteria


def test_nothing_but_a_deploy_and_scaling_moves_tasks() -> None:
    service = properties("Service")

    assert service["AvailabilityZoneRebalancing"] == "DISABLED"
    assert service["LaunchType"] == "FARGATE"  # Spot is taken away with two minutes' notice
    assert "DesiredCount" not in service  # each deploy would reset what scaling has chosen


def test_calls_of_a_replaced_task_end_after_the_parameter() -> None:
    attributes = pairs(properties("TargetGroup")["TargetGroupAttributes"])

    assert attributes["deregistration_delay.timeout_seconds"] == {"Ref": "DrainSeconds"}
    assert attributes["load_balancing.algorithm.type"] == "least_outstanding_requests"


def test_one_busy_second_does_not_cost_a_task_its_calls() -> None:
    group = properties("TargetGroup")

    assert group["HealthCheckPath"] == "/healthz"
    assert group["HealthCheckTimeoutSeconds"] < group["HealthCheckIntervalSeconds"]
    assert group["UnhealthyThresholdCount"] >= 5


def test_the_load_balancer_lets_go_of_an_idle_connection_before_the_container_does() -> None:
    attributes = pairs(properties("LoadBalancer")["LoadBalancerAttributes"])
    (origin,) = properties("Distribution")["DistributionConfig"]["Origins"]
    idle = int(attributes["idle_timeout.timeout_seconds"])

    assert origin["CustomOriginConfig"]["OriginKeepaliveTimeout"] < idle < KEEP_ALIVE_SECONDS


def test_port_and_name_are_the_same_everywhere() -> None:
    (balanced,) = properties("Service")["LoadBalancers"]

    assert (balanced["ContainerName"], balanced["ContainerPort"]) == (container()["Name"], 8080)
    assert [one["ContainerPort"] for one in container()["PortMappings"]] == [8080]
    assert properties("TargetGroup")["Port"] == 8080
    assert (properties("TaskIngress")["FromPort"], properties("TaskIngress")["ToPort"]) == (8080, 8080)


def test_scaling_follows_the_calls_of_the_revision_that_takes_new_ones() -> None:
    policy = properties("ScalingPolicy")["TargetTrackingScalingPolicyConfiguration"]
    metric = policy["CustomizedMetricSpecification"]

    assert (metric["Namespace"], metric["MetricName"], metric["Statistic"]) == ("Warmline", "ActiveCalls", "Average")
    assert metric["Dimensions"] == DIMENSIONS == properties("NearlyFullAlarm")["Dimensions"]
    assert policy["TargetValue"] == {"Fn::FindInMap": ["Calls", {"Ref": "MaxCalls"}, "Target"]}
    assert policy["ScaleOutCooldown"] == 60


def test_no_second_scale_in_comes_while_the_tasks_of_the_first_may_still_drain() -> None:
    policy = properties("ScalingPolicy")["TargetTrackingScalingPolicyConfiguration"]

    assert policy["ScaleInCooldown"] >= template()["Parameters"]["DrainSeconds"]["MaxValue"]


def test_scaling_stays_between_the_parameters() -> None:
    target = properties("ScalableTarget")

    assert (target["MinCapacity"], target["MaxCapacity"]) == ({"Ref": "MinTasks"}, {"Ref": "MaxTasks"})
    assert target["ResourceId"] == {"Fn::Sub": "service/${Cluster}/${Service.Name}"}


def test_the_service_comes_after_the_rule_that_ties_its_target_group_to_a_listener() -> None:
    assert "StreamRule" in list_before("Service", resources())
    assert "DomainStreamRule" in list_before("Service", resources(DOMAIN))
