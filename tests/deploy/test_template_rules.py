"""What CloudFormation refuses before it makes anything: parameters out of their bounds, and halves of a whole."""

import re

import pytest

from tests.deploy.stack_template import Node, template

VPC = {"VpcId": "vpc-0123abcd", "SubnetIds": "subnet-0000000a,subnet-0000000b"}
DOMAIN = {"DomainName": "calls.example.com", "HostedZoneId": "Z0123456789ABC"}


def choose_parameters(given: dict[str, str], region: str = "us-east-1") -> dict[str, str]:
    """All parameters, as their texts."""
    defaults = {name: str(one["Default"]) for name, one in template()["Parameters"].items()}
    assert set(given) <= set(defaults)
    return {**defaults, **given, "AWS::Region": region}


def evaluate(node: Node, parameters: dict[str, str]) -> object:
    """What a rule's condition or assertion says of these parameters."""
    match node:
        case {"Ref": str(name)}:
            return parameters[name]
        case {"Fn::Equals": [one, other]}:
            return evaluate(one, parameters) == evaluate(other, parameters)
        case {"Fn::Not": [one]}:
            return not evaluate(one, parameters)
        case {"Fn::And": list(parts)}:
            return all(evaluate(one, parameters) for one in parts)
        case {"Fn::Or": list(parts)}:
            return any(evaluate(one, parameters) for one in parts)
        case {"Fn::Contains": [list(members), one]}:
            return evaluate(one, parameters) in members
    assert isinstance(node, str), f"a rule knows no {node}"
    return node


def list_refusals(given: dict[str, str], region: str = "us-east-1") -> list[str]:
    """What the rules say against these parameters."""
    parameters = choose_parameters(given, region)
    return [
        assertion["AssertDescription"]
        for rule in template()["Rules"].values()
        if evaluate(rule["RuleCondition"], parameters)
        for assertion in rule["Assertions"]
        if not evaluate(assertion["Assert"], parameters)
    ]


@pytest.mark.parametrize(
    "given",
    [
        {},
        VPC,
        DOMAIN,
        VPC | DOMAIN,
        DOMAIN | {"CloudFrontWithDomain": "first"},
        DOMAIN | {"CloudFrontWithDomain": "standby"},
        {"Stage": "prod", "DrainSeconds": "3600"},
        {"DrainSeconds": "3600"},
        {"TaskCpu": "256", "TaskMemory": "512"},
        {"TaskCpu": "2048", "TaskMemory": "8192"},
    ],
)
def test_what_fits_together_passes(given: dict[str, str]) -> None:
    assert list_refusals(given) == []


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"Stage": "prod"}, "Stage=prod needs DrainSeconds=3600"),
        ({"Stage": "prod", "DrainSeconds": "3599"}, "Stage=prod needs DrainSeconds=3600"),
        ({"VpcId": "vpc-0123abcd"}, "VpcId needs SubnetIds"),
        ({"SubnetIds": "subnet-0000000a,subnet-0000000b"}, "SubnetIds needs VpcId"),
        ({"DomainName": "calls.example.com"}, "DomainName needs HostedZoneId"),
        ({"HostedZoneId": "Z0123456789ABC"}, "HostedZoneId needs DomainName"),
        ({"CloudFrontWithDomain": "standby"}, "CloudFrontWithDomain needs DomainName"),
        ({"CloudFrontWithDomain": "first"}, "CloudFrontWithDomain needs DomainName"),
        ({"TaskCpu": "256"} | {"TaskMemory": "4096"}, "TaskCpu=256 goes with"),
        ({"TaskMemory": "512"}, "TaskCpu=512 goes with"),
        ({"TaskCpu": "1024"}, "TaskCpu=1024 goes with"),
        ({"TaskCpu": "2048"}, "TaskCpu=2048 goes with"),
    ],
)
def test_what_does_not_fit_together_is_refused_with_its_reason(given: dict[str, str], says: str) -> None:
    (sentence,) = list_refusals(given)

    assert sentence.startswith(says)


def test_a_region_without_a_known_prefix_list_asks_for_it() -> None:
    (sentence,) = list_refusals({}, "eu-central-2")

    assert "CloudFrontPrefixList must be given" in sentence
    assert list_refusals({"CloudFrontPrefixList": "pl-0123abcd"}, "eu-central-2") == []
    assert list_refusals(DOMAIN, "eu-central-2") == []
    assert list_refusals(DOMAIN | {"CloudFrontWithDomain": "standby"}, "eu-central-2") == [sentence]


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("TwilioSecret", ["warmline/twilio", "a"], ["", "with space", "arn:aws:secretsmanager:x", "*"]),
        ("OpenAISecret", ["warmline/openai"], ["", "a/*"]),
        (
            "TwilioApiUrl",
            ["https://api.twilio.com", "https://api.dublin.ie1.twilio.com", "https://api.sydney.au1.twilio.com"],
            ["", "https://api.ie1.twilio.com", "http://api.twilio.com", "https://api.twilio.com/", "https://a.b"],
        ),
        ("ImageUri", ["", "repo.example/a:1", "repo.example/a@sha256:0f"], ["warmline", "a b:1"]),
        ("VpcId", ["", "vpc-0123abcd"], ["subnet-1", "vpc-"]),
        (
            "SubnetIds",
            ["", "subnet-0000000a,subnet-0000000b"],
            ["subnet-0000000a", "subnet-0000000a, subnet-0000000b", ","],
        ),
        ("DomainName", ["", "calls.example.com", "a-b.co"], ["localhost", "https://a.b", "a.b/", "A.com", "-a.com"]),
        ("HostedZoneId", ["", "Z0123456789ABC"], ["/hostedzone/Z1", "z1"]),
        ("CloudFrontPrefixList", ["", "pl-3b927c52"], ["pl-", "3b927c52"]),
        ("FallbackNumber", ["", "+15550100009"], ["15550100009", "+0123456789", "+1 555", "+1'</Dial>", "112"]),
        ("FallbackCallerId", ["", "+15550100000"], ["15550100000", "client:anna", "+1'</Dial>"]),
        ("NotifyEmail", ["", "anna@example.com"], ["anna", "@", "a@b@c", "a b@c"]),
        ("AlarmEmail", ["", "on-call@example.com"], ["on-call", "@", "a@b@c", "a b@c"]),
    ],
)
def test_a_pattern_takes_what_it_should_and_nothing_else(name: str, good: list[str], bad: list[str]) -> None:
    pattern = template()["Parameters"][name]["AllowedPattern"]

    assert all(re.fullmatch(pattern, text) for text in good)
    assert not [text for text in bad if re.fullmatch(pattern, text)]
    assert (pattern[0], pattern[-1]) == ("^", "$")  # whether CloudFormation matches the whole text is not documented


def test_every_default_is_within_its_bounds() -> None:
    for name, parameter in template()["Parameters"].items():
        default = parameter["Default"]
        assert default in parameter.get("AllowedValues", [default]), name
        if parameter["Type"] == "Number":
            assert parameter.get("MinValue", default) <= default <= parameter.get("MaxValue", default), name
