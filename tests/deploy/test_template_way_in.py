"""The way in: nothing reaches the container but Twilio's streams, through CloudFront or under a domain of one's own."""

import xml.etree.ElementTree as ET

import pytest

from tests.deploy.stack_template import (
    DEFAULT,
    DOMAIN,
    Mode,
    Node,
    list_before,
    list_references,
    properties,
    resources,
    template,
)

MODES = pytest.mark.parametrize("mode", [DEFAULT, DOMAIN], ids=["default", "domain"])
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html and
# .../using-managed-origin-request-policies.html
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
HEADER = {"Fn::Sub": "{{resolve:secretsmanager:${OriginSecret}:SecretString}}"}
VPC = {"Ref": "Vpc"}


def distribution() -> Node:
    return properties("Distribution")["DistributionConfig"]


def list_ways_in(mode: Mode) -> set[str]:
    """The rules that let anybody connect to the load balancer."""
    group = {"Ref": "LoadBalancerSecurityGroup"}
    rules = resources(mode, "AWS::EC2::SecurityGroupIngress").items()
    return {name for name, one in rules if one["Properties"]["GroupId"] == group}


def conditions(rule: str, mode: Mode) -> dict[str, Node]:
    return {one["Field"]: one for one in properties(rule, mode)["Conditions"]}


@MODES
def test_what_no_rule_lets_in_is_forbidden(mode: Mode) -> None:
    (action,) = properties("Listener" if mode["CloudFront"] else "DomainListener", mode)["DefaultActions"]

    assert action["FixedResponseConfig"]["StatusCode"] == "403"


@MODES
def test_only_the_path_of_the_streams_leads_to_the_container(mode: Mode) -> None:
    rules = resources(mode, "AWS::ElasticLoadBalancingV2::ListenerRule")
    forwarding = [name for name, one in rules.items() if one["Properties"]["Actions"][0]["Type"] == "forward"]

    (rule,) = forwarding
    assert conditions(rule, mode)["path-pattern"]["PathPatternConfig"]["Values"] == ["/media-stream"]


def test_with_cloudfront_only_our_distribution_gets_through() -> None:
    assert list_ways_in(DEFAULT) == {"CloudFrontIngress"}
    assert "SecurityGroupIngress" not in properties("LoadBalancerSecurityGroup")
    ingress = properties("CloudFrontIngress")
    header = conditions("StreamRule", DEFAULT)["http-header"]["HttpHeaderConfig"]
    (origin,) = distribution()["Origins"]

    assert "CidrIp" not in ingress
    assert ingress["SourcePrefixListId"] == {"Fn::FindInMap": ["CloudFrontPrefixLists", {"Ref": "AWS::Region"}, "Id"]}
    assert header == {"HttpHeaderName": "X-Origin-Verify", "Values": [HEADER]}
    assert origin["OriginCustomHeaders"] == [{"HeaderName": "X-Origin-Verify", "HeaderValue": HEADER}]


def test_a_region_that_is_not_known_names_its_prefix_list() -> None:
    given = {**DEFAULT, "PrefixListGiven": True}

    assert properties("CloudFrontIngress", given)["SourcePrefixListId"] == {"Ref": "CloudFrontPrefixList"}


def test_cloudfront_passes_a_websocket_on() -> None:
    behaviour = distribution()["DefaultCacheBehavior"]
    (origin,) = distribution()["Origins"]

    assert behaviour["CachePolicyId"] == CACHING_DISABLED
    # With the viewer's own Host the load balancer refuses the upgrade.
    assert behaviour["OriginRequestPolicyId"] == ALL_VIEWER_EXCEPT_HOST_HEADER
    assert behaviour["ViewerProtocolPolicy"] == "https-only"
    assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "http-only"
    # It would end the stream when it is over; without, there is no limit.
    assert "ResponseCompletionTimeout" not in origin


def test_cloudfront_keeps_no_error_and_does_not_try_for_long() -> None:
    kept = {one["ErrorCode"]: one for one in distribution()["CustomErrorResponses"]}
    (origin,) = distribution()["Origins"]

    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html, but for 412 and 415, for
    # which it lets nobody choose, and which nothing here answers.
    assert set(kept) == {400, 403, 404, 405, 414, 500, 501, 502, 503, 504}
    assert all(one == {"ErrorCode": code, "ErrorCachingMinTTL": 0} for code, one in kept.items())
    assert origin["ConnectionAttempts"] * origin["ConnectionTimeout"] <= 6


def test_with_a_domain_there_is_tls_and_no_cloudfront() -> None:
    listener = properties("DomainListener", DOMAIN)

    assert list_ways_in(DOMAIN) == {"DomainIngress"}
    assert (listener["Port"], listener["Protocol"]) == (443, "HTTPS")
    assert listener["Certificates"] == [{"CertificateArn": {"Ref": "Certificate"}}]
    assert "TLS13-1-2" in listener["SslPolicy"]
    assert not resources(DOMAIN, "AWS::CloudFront")
    assert "OriginSecret" not in resources(DOMAIN)
    assert set(conditions("DomainStreamRule", DOMAIN)) == {"path-pattern"}


def test_the_certificate_proves_itself() -> None:
    (option,) = properties("Certificate", DOMAIN)["DomainValidationOptions"]

    assert option == {"DomainName": {"Ref": "DomainName"}, "HostedZoneId": {"Ref": "HostedZoneId"}}


def test_a_task_is_reached_by_the_load_balancer_alone() -> None:
    assert "SecurityGroupIngress" not in properties("TaskSecurityGroup")
    assert properties("TaskIngress")["SourceSecurityGroupId"] == {"Ref": "LoadBalancerSecurityGroup"}


def test_a_network_costs_nothing_by_itself() -> None:
    assert not resources(DEFAULT, "AWS::EC2::NatGateway") | resources(DEFAULT, "AWS::EC2::VPCEndpoint")


def test_a_network_of_ones_own_is_taken_as_it_is() -> None:
    own = {**DEFAULT, "NewVpc": False}
    kinds = {one["Type"] for one in resources(own, "AWS::EC2").values()}

    assert kinds == {"AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress"}
    assert properties("LoadBalancer", own)["Subnets"] == {"Fn::Split": [",", {"Ref": "SubnetIds"}]}
    assert properties("Service", own)["NetworkConfiguration"]["AwsvpcConfiguration"]["Subnets"] == {
        "Fn::Split": [",", {"Ref": "SubnetIds"}]
    }
    for name in ("TargetGroup", "TaskSecurityGroup", "LoadBalancerSecurityGroup"):
        assert properties(name, own)["VpcId"] == {"Ref": "VpcId"}
        assert properties(name)["VpcId"] == VPC


def list_ports_out(mode: Mode) -> set[tuple[str, int, int]]:
    out = properties("TaskSecurityGroup", mode)["SecurityGroupEgress"]
    return {(one["IpProtocol"], one["FromPort"], one["ToPort"]) for one in out}


def test_tasks_reach_the_name_servers_of_a_network_of_ones_own() -> None:
    """A security group does not filter requests to Amazon's name server, but to every other one.

    https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
    """
    https = ("tcp", 443, 443)

    assert list_ports_out(DEFAULT) == {https}
    assert list_ports_out({**DEFAULT, "NewVpc": False}) == {https, ("udp", 53, 53), ("tcp", 53, 53)}


def test_what_lies_in_a_subnet_goes_before_the_way_out() -> None:
    """An internet gateway cannot be taken from a network in which anything still has a public address."""
    for subnet in ("SubnetA", "SubnetB"):
        assert resources()[subnet]["DependsOn"] == "DefaultRoute"
    assert resources()["DefaultRoute"]["DependsOn"] == "InternetGatewayAttachment"


@pytest.mark.parametrize("late", ["Service", "LoadBalancer"])
def test_subnets_have_their_route_as_long_as_anything_uses_it(late: str) -> None:
    """Without it a first task cannot load its image, and a deletion cuts the calls that drain."""
    assert {"SubnetARoutes", "SubnetBRoutes", "DefaultRoute"} <= list_before(late, resources())


def fallback(mode: Mode) -> str:
    """The document that FallbackUrl gives."""
    body = (
        properties("FallbackFunction", mode)["FunctionCode"]
        if mode["CloudFront"]
        else properties("FallbackRule", mode)["Actions"][0]["FixedResponseConfig"]["MessageBody"]
    )
    text, given = body["Fn::Sub"]
    words = template()["Mappings"]["Fallback"]["Twiml"]
    number = given["Dial"]["Fn::Sub"].replace("${FallbackNumber}", "+15550100009") if given["Dial"] else ""
    number = number.replace("${FallbackCallerId}", "+15550100000")
    text = text.replace("${Before}", words["Before"]).replace("${After}", words["After"]).replace("${Dial}", number)
    return str(text[text.index("<Response>") : text.index("</Response>") + len("</Response>")])


@MODES
def test_the_fallback_says_something_and_rings_the_number_if_there_is_one(mode: Mode) -> None:
    words = ET.fromstring(fallback(mode))  # noqa: S314 (the template's own text)
    ringing = ET.fromstring(fallback({**mode, "FallbackNumberGiven": True}))  # noqa: S314

    assert [verb.tag for verb in words] == ["Say", "Say"]
    assert [verb.tag for verb in ringing] == ["Say", "Dial", "Say"]
    assert (ringing[1].text, ringing[1].get("callerId")) == ("+15550100009", None)


@MODES
def test_the_fallback_shows_the_number_that_it_is_given(mode: Mode) -> None:
    both = {"FallbackNumberGiven": True, "FallbackCallerIdGiven": True}
    ringing = ET.fromstring(fallback({**mode, **both}))  # noqa: S314 (the template's own text)

    assert (ringing[1].text, ringing[1].get("callerId")) == ("+15550100009", "+15550100000")


@MODES
def test_the_fallback_stands_when_everything_else_is_down(mode: Mode) -> None:
    name = "FallbackFunction" if mode["CloudFront"] else "FallbackRule"
    reached = set(list_references(resources(mode)[name]))

    assert reached <= {"AWS::StackName", "AWS::Region", "FallbackNumber", "FallbackCallerId", "DomainListener"}


def test_the_fallback_fits_where_it_is() -> None:
    assert (
        len(fallback({**DOMAIN, "FallbackNumberGiven": True, "FallbackCallerIdGiven": True})) <= 1024
    )  # of a load balancer
    code, _ = properties("FallbackFunction")["FunctionCode"]["Fn::Sub"]
    assert len(code) + 1024 <= 10_240  # of a CloudFront function
    assert "'" not in fallback(DEFAULT)  # it is in single quotes there
    assert "${!" not in code


def test_twilio_may_post_to_the_fallback() -> None:
    (behaviour,) = distribution()["CacheBehaviors"]

    assert behaviour["PathPattern"] == "/fallback"
    assert "POST" in behaviour["AllowedMethods"]
    assert behaviour["CachePolicyId"] == CACHING_DISABLED
    (association,) = behaviour["FunctionAssociations"]
    assert association["EventType"] == "viewer-request"
