"""Network, load balancer, content delivery, names and certificates."""

import secrets
from collections.abc import Mapping

from moto.elbv2.models import elbv2_backends

from tests.deploy.moto_cloud.kinds import ByApi, Facts, Kept, Kind, Place, Properties

_NO_TAGS = frozenset({"Tags"})  # moto would want them wrapped in a TagSpecification


def _set_vpc_attributes(place: Place, facts: Facts, properties: Properties) -> None:
    for name in ("EnableDnsSupport", "EnableDnsHostnames"):
        if name in properties:
            value = {"Value": str(properties[name]).lower() == "true"}
            place.client("ec2").modify_vpc_attribute(VpcId=facts["VpcId"], **{name: value})


def _set_public_addresses(place: Place, facts: Facts, properties: Properties) -> None:
    if str(properties.get("MapPublicIpOnLaunch")).lower() == "true":
        subnet = {"SubnetId": facts["SubnetId"], "MapPublicIpOnLaunch": {"Value": True}}
        place.client("ec2").modify_subnet_attribute(**subnet)


def _set_load_balancer_attributes(place: Place, facts: Facts, properties: Properties) -> None:
    if attributes := properties.get("LoadBalancerAttributes"):
        place.client("elbv2").modify_load_balancer_attributes(
            LoadBalancerArn=facts["LoadBalancerArn"], Attributes=attributes
        )
    facts["FullName"] = facts["LoadBalancerArn"].partition(":loadbalancer/")[2]


def _set_target_group_attributes(place: Place, facts: Facts, properties: Properties) -> None:
    # Not by the API: moto refuses 3600 seconds of delay, which AWS takes.
    made = elbv2_backends[place.account][place.region].target_groups[facts["TargetGroupArn"]]
    made.attributes.update({one["Key"]: str(one["Value"]) for one in properties.get("TargetGroupAttributes", [])})
    facts["FullName"] = facts["TargetGroupArn"].rpartition(":")[2]


NETWORK: Mapping[str, Kind] = {
    "AWS::EC2::VPC": ByApi(
        "ec2",
        "create_vpc",
        "{VpcId}",
        {"VpcId": "{VpcId}", "CidrBlock": "{CidrBlock}"},
        deleting="delete_vpc",
        key={"VpcId": "{VpcId}"},
        answer="Vpc",
        apart=_NO_TAGS | {"EnableDnsSupport", "EnableDnsHostnames"},
        after=_set_vpc_attributes,
    ),
    "AWS::EC2::Subnet": ByApi(
        "ec2",
        "create_subnet",
        "{SubnetId}",
        {"SubnetId": "{SubnetId}"},
        deleting="delete_subnet",
        key={"SubnetId": "{SubnetId}"},
        answer="Subnet",
        apart=_NO_TAGS | {"MapPublicIpOnLaunch"},
        after=_set_public_addresses,
    ),
    "AWS::EC2::InternetGateway": ByApi(
        "ec2",
        "create_internet_gateway",
        "{InternetGatewayId}",
        deleting="delete_internet_gateway",
        key={"InternetGatewayId": "{InternetGatewayId}"},
        answer="InternetGateway",
        apart=_NO_TAGS,
    ),
    "AWS::EC2::VPCGatewayAttachment": ByApi(
        "ec2",
        "attach_internet_gateway",
        "{InternetGatewayId}|{VpcId}",
        deleting="detach_internet_gateway",
        key={"InternetGatewayId": "{InternetGatewayId}", "VpcId": "{VpcId}"},
    ),
    "AWS::EC2::RouteTable": ByApi(
        "ec2",
        "create_route_table",
        "{RouteTableId}",
        {"RouteTableId": "{RouteTableId}"},
        deleting="delete_route_table",
        key={"RouteTableId": "{RouteTableId}"},
        answer="RouteTable",
        apart=_NO_TAGS,
    ),
    "AWS::EC2::Route": ByApi(
        "ec2",
        "create_route",
        "{RouteTableId}|{DestinationCidrBlock}",
        deleting="delete_route",
        key={"RouteTableId": "{RouteTableId}", "DestinationCidrBlock": "{DestinationCidrBlock}"},
    ),
    "AWS::EC2::SubnetRouteTableAssociation": ByApi(
        "ec2",
        "associate_route_table",
        "{AssociationId}",
        deleting="disassociate_route_table",
        key={"AssociationId": "{AssociationId}"},
    ),
    # moto's rules of security groups lose what they do not know, so these are kept as they were written.
    "AWS::EC2::SecurityGroup": Kept(
        "{id}",
        {"GroupId": "{id}", "VpcId": "{VpcId}"},
        draw=lambda place: _make_security_group(place),
        replaced_by=frozenset({"GroupDescription", "GroupName", "VpcId"}),
    ),
    "AWS::EC2::SecurityGroupIngress": Kept(),
    "AWS::EC2::SecurityGroupEgress": Kept(),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ByApi(
        "elbv2",
        "create_load_balancer",
        "{LoadBalancerArn}",
        {
            "DNSName": "{DNSName}",
            "LoadBalancerArn": "{LoadBalancerArn}",
            "CanonicalHostedZoneID": "{CanonicalHostedZoneId}",
            "LoadBalancerFullName": "{FullName}",
            "LoadBalancerName": "{LoadBalancerName}",
        },
        deleting="delete_load_balancer",
        key={"LoadBalancerArn": "{LoadBalancerArn}"},
        answer="LoadBalancers.0",
        name="Name",
        apart=frozenset({"LoadBalancerAttributes"}),
        after=_set_load_balancer_attributes,
    ),
    "AWS::ElasticLoadBalancingV2::TargetGroup": ByApi(
        "elbv2",
        "create_target_group",
        "{TargetGroupArn}",
        {
            "TargetGroupArn": "{TargetGroupArn}",
            "TargetGroupFullName": "{FullName}",
            "TargetGroupName": "{TargetGroupName}",
        },
        updating="modify_target_group",
        deleting="delete_target_group",
        key={"TargetGroupArn": "{TargetGroupArn}"},
        answer="TargetGroups.0",
        name="Name",
        apart=frozenset({"TargetGroupAttributes"}),
        after=_set_target_group_attributes,
    ),
    "AWS::ElasticLoadBalancingV2::Listener": ByApi(
        "elbv2",
        "create_listener",
        "{ListenerArn}",
        {"ListenerArn": "{ListenerArn}"},
        updating="modify_listener",
        deleting="delete_listener",
        key={"ListenerArn": "{ListenerArn}"},
        answer="Listeners.0",
    ),
    "AWS::ElasticLoadBalancingV2::ListenerRule": ByApi(
        "elbv2",
        "create_rule",
        "{RuleArn}",
        {"RuleArn": "{RuleArn}"},
        updating="modify_rule",
        deleting="delete_rule",
        key={"RuleArn": "{RuleArn}"},
        answer="Rules.0",
    ),
    "AWS::CloudFront::Distribution": Kept(
        attributes={"DomainName": "{id}.cloudfront.net", "Id": "{id}"},
        draw=lambda _: "d" + secrets.token_hex(6),
    ),
    "AWS::CloudFront::Function": Kept(
        "arn:aws:cloudfront::{account}:function/{id}",
        {
            "FunctionARN": "arn:aws:cloudfront::{account}:function/{id}",
            "FunctionMetadata.FunctionARN": "arn:aws:cloudfront::{account}:function/{id}",
        },
        draw=Place.make_name,
    ),
    "AWS::CertificateManager::Certificate": Kept(
        draw=lambda place: _make_certificate(place), replaced_by=frozenset({"DomainName", "DomainValidationOptions"})
    ),
    "AWS::Route53::RecordSet": Kept("{Name}", replaced_by=frozenset({"Name", "HostedZoneId"})),
}


def _make_security_group(place: Place) -> str:
    """Its id must be moto's, because moto's load balancers ask for it."""
    name = place.make_name()
    made = place.client("ec2").create_security_group(GroupName=name, Description=place.logical_id)
    return str(made["GroupId"])


def _make_certificate(place: Place) -> str:
    """Its ARN must be moto's, because moto's listeners ask for it."""
    made = place.client("acm").request_certificate(DomainName=f"{place.stack}.example.com", ValidationMethod="DNS")
    return str(made["CertificateArn"])
