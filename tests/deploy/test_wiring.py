"""The deployed parts fit together: each is asked in moto what it was told, and the programs' own readers judge it."""

import transfer_settings
import webhook_settings
from socket_server.settings import Settings
from socket_server.twilio.stream_auth import AUDIENCE
from tests.deploy.deployment import OPENAI, TWILIO, WIRED, Account, Node


def variables(aws: Account, function: str) -> dict[str, str]:
    configuration = aws.client("lambda").get_function_configuration(FunctionName=function)
    found: dict[str, str] = configuration["Environment"]["Variables"]
    return found


def test_the_webhooks_read_their_settings(aws: Account, outputs: dict[str, str]) -> None:
    found = webhook_settings.Settings.read(variables(aws, outputs["VoiceWebhookFunction"]))

    assert found == webhook_settings.Settings(
        secret_id=outputs["TwilioSecretArn"],
        calls_table=outputs["CallsTable"],
        stream_url=outputs["StreamUrl"],
        transfer_function=outputs["TransferFunction"],
        voice_url=None,
        record_retention_days=30,
        keep_transcripts=True,
    )


def test_the_transfer_function_reads_its_settings(aws: Account, outputs: dict[str, str]) -> None:
    found = transfer_settings.Settings.read(variables(aws, outputs["TransferFunction"]))

    assert found.secret_id == outputs["TwilioSecretArn"]
    assert found.calls_table == outputs["CallsTable"]
    assert f"{found.voice_url}/voice/incoming" == outputs["VoiceUrl"]
    assert found.twilio_api_url == "https://api.twilio.com"
    assert found.fallback_url == outputs["FallbackUrl"]
    assert (found.record_retention_days, found.keep_transcripts) == (30, True)


def test_the_container_reads_its_settings(settings: Settings, outputs: dict[str, str]) -> None:
    assert settings.stream_url == outputs["StreamUrl"]
    assert settings.transfer_function == outputs["TransferFunction"]
    assert settings.calls_table == outputs["CallsTable"]
    assert settings.service_name == WIRED
    assert (settings.max_calls, settings.max_lag_ms, settings.spare_sessions) == (40, 50, 3)
    assert settings.session_minutes == int(outputs["SessionMinutes"])


def test_every_secret_reaches_the_one_who_needs_it(settings: Settings, outputs: dict[str, str]) -> None:
    assert settings.twilio_auth_token == TWILIO["TWILIO_AUTH_TOKEN"]
    assert settings.stream_token_secret == TWILIO["STREAM_TOKEN_SECRET"]
    assert settings.openai_api_key == OPENAI["OPENAI_API_KEY"]
    assert settings.secret_id == outputs["TwilioSecretArn"]  # where it looks for newer ones
    assert settings.openai_secret_id == outputs["OpenAISecretArn"]


def test_the_way_to_the_container_has_one_port(
    aws: Account, resources: dict[str, Node], task: Node, settings: Settings
) -> None:
    (found,) = task["containerDefinitions"]
    (group,) = aws.client("elbv2").describe_target_groups(TargetGroupArns=[resources["TargetGroup"]["id"]])[
        "TargetGroups"
    ]
    (way,) = resources["Service"]["properties"]["LoadBalancers"]
    (mapping,) = found["portMappings"]
    ingress = resources["TaskIngress"]["properties"]
    (egress,) = resources["LoadBalancerSecurityGroup"]["properties"]["SecurityGroupEgress"]

    assert way["TargetGroupArn"] == group["TargetGroupArn"]
    assert way["ContainerName"] == found["name"]
    ports = [mapping["containerPort"], group["Port"], int(way["ContainerPort"])]
    ports += [int(one[name]) for one in (ingress, egress) for name in ("FromPort", "ToPort")]
    assert set(ports) == {settings.port}
    assert (
        ingress["GroupId"]
        in resources["Service"]["properties"]["NetworkConfiguration"]["AwsvpcConfiguration"]["SecurityGroups"]
    )
    assert ingress["SourceSecurityGroupId"] == resources["LoadBalancerSecurityGroup"]["id"]


def test_a_task_that_drains_stays_healthy_until_its_delay_ends(
    aws: Account, resources: dict[str, Node], outputs: dict[str, str]
) -> None:
    client, arn = aws.client("elbv2"), resources["TargetGroup"]["id"]
    (group,) = client.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
    attributes = client.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
    told = {one["Key"]: one["Value"] for one in attributes}

    assert (group["HealthCheckPath"], group["Protocol"], group["TargetType"]) == ("/healthz", "HTTP", "ip")
    assert told["deregistration_delay.timeout_seconds"] == outputs["DrainSeconds"]
    assert told["load_balancing.algorithm.type"] == "least_outstanding_requests"


def test_only_our_distribution_knows_what_the_load_balancer_asks_for(
    aws: Account, resources: dict[str, Node], outputs: dict[str, str]
) -> None:
    client = aws.client("elbv2")
    (rule,) = client.describe_rules(RuleArns=[resources["StreamRule"]["id"]])["Rules"]
    conditions = {one["Field"]: one for one in rule["Conditions"]}
    secret = aws.client("secretsmanager").get_secret_value(SecretId=resources["OriginSecret"]["id"])["SecretString"]
    (origin,) = resources["Distribution"]["properties"]["DistributionConfig"]["Origins"]
    (balancer,) = client.describe_load_balancers(LoadBalancerArns=[resources["LoadBalancer"]["id"]])["LoadBalancers"]

    assert origin["DomainName"] == balancer["DNSName"]
    assert len(secret) >= 32
    assert origin["OriginCustomHeaders"] == [{"HeaderName": "X-Origin-Verify", "HeaderValue": secret}]
    header = conditions["http-header"]["HttpHeaderConfig"]
    assert (header["HttpHeaderName"], header["Values"]) == ("X-Origin-Verify", [secret])
    assert outputs["StreamUrl"] == f"wss://{resources['Distribution']['id']}.cloudfront.net/{AUDIENCE}"
    assert conditions["path-pattern"]["PathPatternConfig"]["Values"] == [f"/{AUDIENCE}"]


def test_scaling_counts_the_calls_of_the_revision_that_runs(
    aws: Account, resources: dict[str, Node], task: Node, settings: Settings
) -> None:
    scaling = aws.client("application-autoscaling")
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[f"service/{WIRED}/{WIRED}"])[
        "ScalableTargets"
    ]
    (policy,) = scaling.describe_scaling_policies(ServiceNamespace="ecs", ResourceId=target["ResourceId"])[
        "ScalingPolicies"
    ]
    tracking = policy["TargetTrackingScalingPolicyConfiguration"]
    metric = tracking["CustomizedMetricSpecification"]

    assert resources["Service"]["id"].endswith(f":{target['ResourceId']}")
    assert (metric["Namespace"], metric["MetricName"], metric["Statistic"]) == ("Warmline", "ActiveCalls", "Average")
    assert {one["Name"]: one["Value"] for one in metric["Dimensions"]} == {
        "service": settings.service_name,
        "revision": f"{task['family']}:{task['revision']}",
    }
    assert tracking["TargetValue"] < settings.max_calls


def test_api_gateway_asks_the_webhooks(aws: Account, resources: dict[str, Node], outputs: dict[str, str]) -> None:
    arn = aws.client("lambda").get_function_configuration(FunctionName=outputs["VoiceWebhookFunction"])["FunctionArn"]
    latest = resources["VoiceWebhookFunctionAliaslive"]["id"]
    paths = resources["HttpApi"]["properties"]["Body"]["paths"]
    permissions = [one["properties"] for one in resources.values() if one["type"] == "AWS::Lambda::Permission"]

    assert outputs["VoiceUrl"].removeprefix(f"https://{resources['HttpApi']['id']}.") == (
        "execute-api.us-east-1.amazonaws.com/voice/incoming"
    )
    assert latest == f"{arn}:live"
    for path, methods in paths.items():
        integration = methods["post"]["x-amazon-apigateway-integration"]
        assert integration["uri"].endswith(f":lambda:path/2015-03-31/functions/{latest}/invocations"), path
        assert integration["payloadFormatVersion"] == "2.0"
    assert {one["SourceArn"].partition("/*/POST")[2] for one in permissions} == set(paths)
    assert {one["FunctionName"] for one in permissions} == {latest}


def test_an_alarm_reaches_somebody(aws: Account, resources: dict[str, Node]) -> None:
    topic = resources["AlarmTopic"]["id"]
    (letter,) = aws.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    alarms = aws.client("cloudwatch").describe_alarms(AlarmNamePrefix=WIRED)["MetricAlarms"]

    assert letter["Endpoint"] == "operator@example.com"
    assert len(alarms) == len([one for one in resources.values() if one["type"] == "AWS::CloudWatch::Alarm"])
    assert all(one["AlarmActions"] == [topic] for one in alarms)
