"""A stack in use goes from CloudFront to a domain, or back, in three steps, and no caller is refused."""

import json

import pytest

from tests.deploy.stack_template import (
    DEFAULT,
    DOMAIN,
    FIRST,
    STANDBY,
    Mode,
    Node,
    properties,
    resources,
    take_branches,
    template,
)
from tests.deploy.test_template_rules import DOMAIN as DOMAIN_PARAMETERS
from tests.deploy.test_template_rules import choose_parameters

NAMES = {"CloudFront": DEFAULT, "first": FIRST, "standby": STANDBY, "domain": DOMAIN}
STEPS = [("CloudFront", "first"), ("first", "standby"), ("standby", "domain")]
STEPS += [(after, before) for before, after in STEPS]
# What a handshake comes through. CloudFormation creates what is new before it deletes what is not needed any more.
WAY = (
    "AWS::CertificateManager",
    "AWS::CloudFront",
    "AWS::EC2",
    "AWS::ElasticLoadBalancingV2",
    "AWS::Route53",
    "AWS::SecretsManager",
)


def list_way(mode: Mode) -> dict[str, Node]:
    return {name: one for name, one in resources(mode).items() if one["Type"].startswith(WAY)}


def read_handed_out(mode: Mode) -> str:
    """The address that a caller's stream is sent to."""
    return json.dumps(properties("VoiceWebhookFunction", mode)["Environment"]["Variables"]["STREAM_URL"])


def list_accepted(mode: Mode) -> set[str]:
    """The addresses whose signature a container takes."""
    (container,) = properties("TaskDefinition", mode)["ContainerDefinitions"]
    settings = [one for one in container["Environment"] if one["Name"].startswith("STREAM_URL")]
    return {json.dumps(one["Value"]) for one in settings}


def read_fallback(mode: Mode) -> Node:
    return take_branches(template()["Outputs"]["FallbackUrl"]["Value"], mode)


@pytest.mark.parametrize(("before", "after"), [*STEPS, ("CloudFront", "domain"), ("domain", "CloudFront")])
def test_no_step_changes_what_calls_come_through(before: str, after: str) -> None:
    old, new = list_way(NAMES[before]), list_way(NAMES[after])

    assert [
        name for name in old.keys() & new.keys() if old[name].get("Properties") != new[name].get("Properties")
    ] == []


@pytest.mark.parametrize(("before", "after"), STEPS)
def test_old_and_new_tasks_take_the_streams_of_old_and_new_webhooks(before: str, after: str) -> None:
    """The webhooks change minutes before the tasks, and each may meet each."""
    handed_out = {read_handed_out(NAMES[before]), read_handed_out(NAMES[after])}

    assert handed_out <= list_accepted(NAMES[before]) & list_accepted(NAMES[after])


def test_in_one_step_streams_would_be_refused_for_some_minutes() -> None:
    """Of the steps themselves: why there are three."""
    assert read_handed_out(DOMAIN) not in list_accepted(DEFAULT)


@pytest.mark.parametrize(("before", "after"), STEPS)
def test_the_fallback_that_the_number_has_is_there_after_each_step(before: str, after: str) -> None:
    """The number's FallbackUrl is set only after the step in which it changed."""
    serves = {"${Distribution.": "FallbackFunction", "${DomainName}": "FallbackRule"}
    (server,) = [rule for name, rule in serves.items() if name in json.dumps(read_fallback(NAMES[before]))]

    assert server in resources(NAMES[before])
    assert server in resources(NAMES[after])


def test_the_address_changes_in_one_step_only() -> None:
    used = [(read_handed_out(NAMES[name]), json.dumps(read_fallback(NAMES[name]))) for name in NAMES]

    assert used[0] == used[1] != used[2] == used[3]
    assert "Distribution" in used[0][0]
    assert "Distribution" in used[0][1]


@pytest.mark.parametrize(
    ("given", "mode"),
    [
        ({}, DEFAULT),
        (DOMAIN_PARAMETERS | {"CloudFrontWithDomain": "first"}, FIRST),
        (DOMAIN_PARAMETERS | {"CloudFrontWithDomain": "standby"}, STANDBY),
        (DOMAIN_PARAMETERS, DOMAIN),
    ],
)
def test_the_parameters_make_these_conditions(given: dict[str, str], mode: Mode) -> None:
    parameters = choose_parameters(given)

    for name in ("CloudFront", "OwnDomain", "BothAddresses", "UseDomain"):
        assert decide({"Condition": name}, parameters) == mode[name], name


def decide(node: Node, parameters: dict[str, str]) -> bool:
    """What a condition is with these parameters."""
    match node:
        case {"Condition": str(name)}:
            return decide(template()["Conditions"][name], parameters)
        case {"Fn::Equals": [{"Ref": str(name)}, str(value)]}:
            return parameters[name] == value
        case {"Fn::Not": [one]}:
            return not decide(one, parameters)
        case {"Fn::And": list(parts)}:
            return all(decide(one, parameters) for one in parts)
        case {"Fn::Or": list(parts)}:
            return any(decide(one, parameters) for one in parts)
    raise AssertionError(f"a condition knows no {node}")
