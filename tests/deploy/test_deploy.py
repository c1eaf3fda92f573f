"""`sam deploy` from beginning to end: what it makes, what it changes, and what stops it with which words.

The account is moto's (tests/deploy/moto_cloud). The functions that check a deploy and have the image built really run.
"""

import json
import re
from collections.abc import Iterator

import pytest

from tests.deploy.deployment import OPENAI, TWILIO, Account, Node, Project

IMAGE = "registry.example.com/warmline@sha256:" + "0" * 64


@pytest.fixture(scope="module")
def stack(project: Project) -> str:
    """A stack as it comes with nothing but Enter; two tests change it."""
    run = project.deploy("warmline")
    assert run.status == 0, run.said
    return "warmline"


def test_a_deploy_without_any_choice_succeeds(aws: Account, stack: str) -> None:
    assert aws.status(stack) == "CREATE_COMPLETE"
    assert {"VoiceUrl", "StreamUrl", "FallbackUrl", "DashboardUrl"} <= aws.outputs(stack).keys()


def test_the_image_is_built_from_the_uploaded_source_and_named_by_its_digest(aws: Account, stack: str) -> None:
    resources = aws.resources(stack)
    (image,) = aws.client("ecr").describe_images(repositoryName=resources["Repository"]["id"])["imageDetails"]
    (container,) = resources["TaskDefinition"]["properties"]["ContainerDefinitions"]

    assert container["Image"].endswith(f"{resources['Repository']['id']}@{image['imageDigest']}")


def test_a_second_deploy_without_a_change_changes_nothing(project: Project, stack: str) -> None:
    run = project.deploy(stack)

    assert "No changes to deploy" in run.said


def test_a_changed_parameter_gives_the_container_another_revision(aws: Account, project: Project, stack: str) -> None:
    before = aws.resources(stack)
    run = project.deploy(stack, MaxCalls="40", DrainSeconds="120")
    after = aws.resources(stack)

    assert run.status == 0, run.said
    assert aws.status(stack) == "UPDATE_COMPLETE"
    assert read_revision(after["TaskDefinition"]["id"]) == read_revision(before["TaskDefinition"]["id"]) + 1
    assert after["Service"]["properties"]["TaskDefinition"] == after["TaskDefinition"]["id"]
    assert (
        find_counted_revision(after)
        == after["TaskDefinition"]["id"].rpartition("/")[2]
        != find_counted_revision(before)
    )
    assert after["Service"]["id"] == before["Service"]["id"]
    assert after["LoadBalancer"]["id"] == before["LoadBalancer"]["id"]
    assert {one["id"] for one in aws.resources(stack).values() if one["type"] == "Custom::Image"} == {"Image"}


def find_counted_revision(resources: dict[str, Node]) -> str:
    """The revision whose calls scaling looks at."""
    tracking = resources["ScalingPolicy"]["properties"]["TargetTrackingScalingPolicyConfiguration"]
    dimensions = tracking["CustomizedMetricSpecification"]["Dimensions"]
    return str({one["Name"]: one["Value"] for one in dimensions}["revision"])


def read_revision(arn: str) -> int:
    return int(arn.rpartition(":")[2])


def test_prod_comes_up_with_what_samconfig_says_of_it(aws: Account, project: Project) -> None:
    run = project.deploy("warmline-prod", stage="prod")
    assert run.status == 0, run.said

    assert aws.outputs("warmline-prod")["DrainSeconds"] == "3600"
    assert aws.resources("warmline-prod")["ScalableTarget"]["properties"]["MinCapacity"] == "2"


def test_an_image_of_ones_own_is_taken_and_nothing_is_built(aws: Account, project: Project) -> None:
    run = project.deploy("own-image", ImageUri=IMAGE)
    assert run.status == 0, run.said
    resources = aws.resources("own-image")

    assert resources["TaskDefinition"]["properties"]["ContainerDefinitions"][0]["Image"] == IMAGE
    assert {"Image", "ImageBuilderFunction", "ImageProject", "Repository", "SocketServerSource"} & set(
        resources
    ) == set()


def test_a_domain_of_ones_own_takes_the_place_of_cloudfront(aws: Account, project: Project) -> None:
    run = project.deploy("own-domain", ImageUri=IMAGE, DomainName="calls.example.com", HostedZoneId="Z0123456789ABC")
    assert run.status == 0, run.said
    resources, outputs = aws.resources("own-domain"), aws.outputs("own-domain")

    assert outputs["StreamUrl"] == "wss://calls.example.com/media-stream"
    assert outputs["FallbackUrl"] == "https://calls.example.com/fallback"
    assert [one for one in resources.values() if one["type"].startswith("AWS::CloudFront::")] == []
    alias = resources["DomainRecord"]["properties"]["AliasTarget"]
    (balancer,) = aws.client("elbv2").describe_load_balancers(LoadBalancerArns=[resources["LoadBalancer"]["id"]])[
        "LoadBalancers"
    ]
    assert alias == {"DNSName": balancer["DNSName"], "HostedZoneId": balancer["CanonicalHostedZoneId"]}


def test_a_stack_in_use_changes_its_address_step_by_step(aws: Account, project: Project) -> None:
    domain = {"DomainName": "calls.example.com", "HostedZoneId": "Z0123456789ABC"}
    steps = [{}, *({**domain, "CloudFrontWithDomain": step} for step in ("first", "standby", "none"))]
    used, ports = [], []
    for step in steps:
        run = project.deploy("changing", ImageUri=IMAGE, **step)
        assert run.status == 0, run.said
        balancer = aws.resources("changing")["LoadBalancer"]["id"]
        listeners = aws.client("elbv2").describe_listeners(LoadBalancerArn=balancer)["Listeners"]
        used.append(aws.outputs("changing")["StreamUrl"].endswith(".cloudfront.net/media-stream"))
        ports.append({one["Port"] for one in listeners})

    assert used == [True, True, False, False]
    assert ports == [{80}, {80, 443}, {80, 443}, {443}]


def test_a_network_of_ones_own_is_used_and_none_is_made(aws: Account, project: Project) -> None:
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/24")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.0.{start}/25", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for start, zone in ((0, "us-east-1a"), (128, "us-east-1b"))
    ]
    run = project.deploy("own-vpc", ImageUri=IMAGE, VpcId=vpc, SubnetIds=",".join(subnets))
    assert run.status == 0, run.said
    resources = aws.resources("own-vpc")

    network = resources["Service"]["properties"]["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert network["Subnets"] == resources["LoadBalancer"]["properties"]["Subnets"] == subnets
    assert resources["TargetGroup"]["properties"]["VpcId"] == vpc
    assert "Vpc" not in resources


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"Stage": "prod", "DrainSeconds": "60"}, "Stage=prod needs DrainSeconds=3600"),
        ({"SessionMinutes": "58"}, "SessionMinutes"),
    ],
)
def test_what_does_not_fit_together_is_refused_before_anything_is_made(
    aws: Account, project: Project, parameters: dict[str, str], said: str
) -> None:
    run = project.deploy("refused", **parameters)

    assert run.status != 0
    assert said in run.said
    assert "refused" not in aws.stacks()


@pytest.mark.parametrize(
    ("name", "secrets", "said"),
    [
        ("absent", {"openai": OPENAI}, ["absent/twilio: it may not be read; is there one of this name in us-east-1?"]),
        (
            "lacking",
            {"twilio": {**TWILIO, "STREAM_TOKEN_SECRET": ""}, "openai": {}},
            ["lacking/twilio: STREAM_TOKEN_SECRET: expected at least 32", "lacking/openai: OPENAI_API_KEY: expected"],
        ),
    ],
)
def test_a_bad_secret_stops_the_deploy_and_leaves_nothing(
    aws: Account, project: Project, name: str, secrets: dict[str, dict[str, str]], said: list[str]
) -> None:
    for kind, value in secrets.items():
        aws.put_secret(f"{name}/{kind}", value)
    run = project.deploy(name, ImageUri=IMAGE, TwilioSecret=f"{name}/twilio", OpenAISecret=f"{name}/openai")

    assert run.status != 0
    assert all(words in run.said for words in said), run.said
    assert not any(value in run.said for value in (*TWILIO.values(), *OPENAI.values()))
    assert "ROLLBACK_COMPLETE" in run.said
    assert name not in aws.stacks()


@pytest.fixture
def broken_directory(project: Project) -> Iterator[None]:
    """The people's directory with a number that is none, as `sam build` would have copied it; put right at the end."""
    files = list((project.folder / ".aws-sam" / "build").glob("*/directory.toml"))
    good = files[0].read_text()
    for file in files:
        file.write_text(re.sub(r'targets = \["\+\d+"', 'targets = ["+49-none"', good, count=1))
    yield
    for file in files:
        file.write_text(good)


@pytest.mark.usefixtures("broken_directory")
def test_a_broken_directory_never_reaches_a_caller(aws: Account, project: Project, stack: str) -> None:
    before = read_code_hashes(aws)
    run = project.deploy(stack, MaxCalls="40", DrainSeconds="120")

    assert run.status != 0
    assert "+49-none" in run.said
    assert aws.status(stack) == "UPDATE_ROLLBACK_COMPLETE"
    assert read_code_hashes(aws) == before
    assert aws.client("lambda").invoke(FunctionName=f"{stack}-transfer", Payload=json.dumps({"action": "destinations"}))
    updated = [
        one["LogicalResourceId"]
        for one in aws.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
        if one["ResourceStatus"] == "UPDATE_COMPLETE"
    ]
    assert "TransferFunction" not in updated


def read_code_hashes(aws: Account) -> dict[str, str]:
    """The hash of the code of each function that a call meets."""
    functions = aws.client("lambda")
    names = ("warmline-voice-webhook", "warmline-transfer")
    return {name: functions.get_function(FunctionName=name)["Configuration"]["CodeSha256"] for name in names}
