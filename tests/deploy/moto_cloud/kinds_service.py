"""What runs and what is stored: containers, images, tables, secrets, roles, logs, alarms."""

import json
from collections.abc import Mapping

from tests.deploy.moto_cloud.intrinsics import TemplateError
from tests.deploy.moto_cloud.kinds import ByApi, Facts, Kept, Kind, Place, Properties


class _Role(ByApi):
    """A role can go when its policies have gone."""

    def delete(self, place: Place, facts: Facts) -> None:
        _set_policies(place, facts, {})
        super().delete(place, facts)


class _Cluster(ByApi):
    """The first cluster of an account fails while ECS's own role is missing, which ECS makes too late."""

    def create(self, place: Place, properties: Properties) -> Facts:
        try:
            place.client("iam").get_role(RoleName="AWSServiceRoleForECS")
        except place.client("iam").exceptions.NoSuchEntityException:
            raise TemplateError("Unable to assume the service linked role. Please verify that it exists.") from None
        return super().create(place, properties)


class _ScalingPolicy(ByApi):
    """`ScalingTargetId` is three parameters of the API in one."""

    def create(self, place: Place, properties: Properties) -> Facts:
        return super().create(place, _add_target(properties))

    def update(self, place: Place, facts: Facts, old: Properties, properties: Properties) -> Facts:
        return super().update(place, facts, _add_target(old), _add_target(properties))


def _add_target(properties: Properties) -> Properties:
    rest = {name: value for name, value in properties.items() if name != "ScalingTargetId"}
    target = properties["ScalingTargetId"].split("|")
    return {**rest, **dict(zip(("ResourceId", "ScalableDimension", "ServiceNamespace"), target, strict=True))}


def _set_policies(place: Place, facts: Facts, properties: Properties) -> None:
    iam, role = place.client("iam"), facts["RoleName"]
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        iam.delete_role_policy(RoleName=role, PolicyName=name)
    for policy in properties.get("Policies", []):
        document = json.dumps(policy["PolicyDocument"])
        iam.put_role_policy(RoleName=role, PolicyName=policy["PolicyName"], PolicyDocument=document)
    for attached in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=role, PolicyArn=attached["PolicyArn"])
    for arn in properties.get("ManagedPolicyArns", []):
        iam.attach_role_policy(RoleName=role, PolicyArn=arn)


def _set_table_settings(place: Place, facts: Facts, properties: Properties) -> None:
    client, table = place.client("dynamodb"), facts["TableName"]
    facts["Arn"] = facts["TableArn"]
    if ttl := properties.get("TimeToLiveSpecification"):
        specification = {"AttributeName": ttl["AttributeName"], "Enabled": str(ttl["Enabled"]).lower() == "true"}
        client.update_time_to_live(TableName=table, TimeToLiveSpecification=specification)
    if backups := properties.get("PointInTimeRecoverySpecification"):
        specification = {"PointInTimeRecoveryEnabled": str(backups["PointInTimeRecoveryEnabled"]).lower() == "true"}
        if days := backups.get("RecoveryPeriodInDays"):
            specification["RecoveryPeriodInDays"] = int(days)
        client.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=specification)


def _set_retention(place: Place, facts: Facts, properties: Properties) -> None:
    if days := properties.get("RetentionInDays"):
        group = {"logGroupName": facts["LogGroupName"], "retentionInDays": int(days)}
        place.client("logs").put_retention_policy(**group)


def _set_subscriptions(place: Place, facts: Facts, properties: Properties) -> None:
    for one in properties.get("Subscription", []):
        place.client("sns").subscribe(TopicArn=facts["TopicArn"], Protocol=one["Protocol"], Endpoint=one["Endpoint"])


class _Secret:
    """Its value may be drawn by CloudFormation."""

    def create(self, place: Place, properties: Properties) -> Facts:
        client = place.client("secretsmanager")
        value = properties.get("SecretString")
        if wish := properties.get("GenerateSecretString"):
            length = int(wish.get("PasswordLength", 32))
            value = client.get_random_password(PasswordLength=length, ExcludePunctuation=True)["RandomPassword"]
            if key := wish.get("GenerateStringKey"):
                value = json.dumps({**json.loads(wish["SecretStringTemplate"]), key: value})
        made = client.create_secret(Name=properties.get("Name", place.make_name()), SecretString=value)
        return {**properties, "ARN": made["ARN"]}

    def update(self, place: Place, facts: Facts, old: Properties, properties: Properties) -> Facts:  # noqa: ARG002
        return {**properties, "ARN": facts["ARN"]}

    def delete(self, place: Place, facts: Facts) -> None:
        place.client("secretsmanager").delete_secret(SecretId=facts["ARN"], ForceDeleteWithoutRecovery=True)

    def ref(self, place: Place, facts: Facts) -> str:  # noqa: ARG002
        return str(facts["ARN"])

    def attribute(self, place: Place, facts: Facts, name: str) -> str:  # noqa: ARG002
        return str(facts["ARN"])  # Id is the only one


SERVICE: Mapping[str, Kind] = {
    "AWS::SecretsManager::Secret": _Secret(),
    "AWS::DynamoDB::Table": ByApi(
        "dynamodb",
        "create_table",
        "{TableName}",
        {"Arn": "{TableArn}"},
        updating="update_table",
        deleting="delete_table",
        key={"TableName": "{TableName}"},
        answer="TableDescription",
        name="TableName",
        apart=frozenset({"TimeToLiveSpecification", "PointInTimeRecoverySpecification"}),
        after=_set_table_settings,
    ),
    "AWS::IAM::Role": _Role(
        "iam",
        "create_role",
        "{RoleName}",
        {"Arn": "{Arn}", "RoleId": "{RoleId}"},
        updating="update_role",
        deleting="delete_role",
        key={"RoleName": "{RoleName}"},
        answer="Role",
        name="RoleName",
        apart=frozenset({"Policies", "ManagedPolicyArns"}),
        after=_set_policies,
    ),
    "AWS::Logs::LogGroup": ByApi(
        "logs",
        "create_log_group",
        "{LogGroupName}",
        {"Arn": "arn:aws:logs:{region}:{account}:log-group:{LogGroupName}:*"},
        deleting="delete_log_group",
        key={"logGroupName": "{LogGroupName}"},
        name="LogGroupName",
        apart=frozenset({"RetentionInDays"}),
        after=_set_retention,
    ),
    "AWS::ECS::Cluster": _Cluster(
        "ecs",
        "create_cluster",
        "{clusterName}",
        {"Arn": "{clusterArn}"},
        updating="update_cluster",
        deleting="delete_cluster",
        key={"cluster": "{clusterName}"},
        answer="cluster",
        name="ClusterName",
        rename={"ClusterSettings": "settings"},
    ),
    "AWS::ECS::TaskDefinition": ByApi(
        "ecs",
        "register_task_definition",
        "{taskDefinitionArn}",
        {"TaskDefinitionArn": "{taskDefinitionArn}"},
        deleting="deregister_task_definition",
        key={"taskDefinition": "{taskDefinitionArn}"},
        answer="taskDefinition",
        name="Family",
    ),
    "AWS::ECS::Service": ByApi(
        "ecs",
        "create_service",
        "{serviceArn}",
        {"Name": "{serviceName}", "ServiceArn": "{serviceArn}"},
        updating="update_service",
        deleting="delete_service",
        key={"service": "{serviceName}", "cluster": "{Cluster}"},
        answer="service",
        name="ServiceName",
    ),
    "AWS::ECR::Repository": ByApi(
        "ecr",
        "create_repository",
        "{repositoryName}",
        {"Arn": "{repositoryArn}", "RepositoryUri": "{repositoryUri}"},
        deleting="delete_repository",
        key={"repositoryName": "{repositoryName}"},
        answer="repository",
        name="RepositoryName",
        apart=frozenset({"EmptyOnDelete", "LifecyclePolicy", "RepositoryPolicyText"}),
    ),
    "AWS::CodeBuild::Project": Kept("{Name}", {"Arn": "arn:aws:codebuild:{region}:{account}:project/{Name}"}),
    "AWS::ApplicationAutoScaling::ScalableTarget": ByApi(
        "application-autoscaling",
        "register_scalable_target",
        "{ResourceId}|{ScalableDimension}|{ServiceNamespace}",
        updating="register_scalable_target",
        deleting="deregister_scalable_target",
        key={name: "{" + name + "}" for name in ("ResourceId", "ScalableDimension", "ServiceNamespace")},
    ),
    "AWS::ApplicationAutoScaling::ScalingPolicy": _ScalingPolicy(
        "application-autoscaling",
        "put_scaling_policy",
        "{PolicyARN}",
        {"Arn": "{PolicyARN}"},
        updating="put_scaling_policy",
    ),
    "AWS::CloudWatch::Alarm": ByApi(
        "cloudwatch",
        "put_metric_alarm",
        "{AlarmName}",
        {"Arn": "arn:aws:cloudwatch:{region}:{account}:alarm:{AlarmName}"},
        updating="put_metric_alarm",
        name="AlarmName",
    ),
    "AWS::CloudWatch::Dashboard": ByApi(
        "cloudwatch", "put_dashboard", "{DashboardName}", updating="put_dashboard", name="DashboardName"
    ),
    "AWS::SNS::Topic": ByApi(
        "sns",
        "create_topic",
        "{TopicArn}",
        {"TopicArn": "{TopicArn}", "TopicName": "{TopicName}"},
        deleting="delete_topic",
        key={"TopicArn": "{TopicArn}"},
        name="TopicName",
        rename={"TopicName": "Name"},
        apart=frozenset({"Subscription", "DisplayName", "KmsMasterKeyId"}),
        after=_set_subscriptions,
    ),
    "AWS::SNS::Subscription": ByApi(
        "sns",
        "subscribe",
        "{SubscriptionArn}",
        deleting="unsubscribe",
        key={"SubscriptionArn": "{SubscriptionArn}"},
    ),
    "AWS::SNS::TopicPolicy": Kept(),
    "AWS::ApiGatewayV2::Api": Kept(
        attributes={"ApiId": "{id}", "ApiEndpoint": "https://{id}.execute-api.{region}.amazonaws.com"},
    ),
    "AWS::ApiGatewayV2::Stage": Kept("{StageName}", replaced_by=frozenset({"ApiId", "StageName"})),
    "AWS::Logs::MetricFilter": Kept(),
}
