"""What is watched: alarms and dashboard name metrics that the code gives, and no log is kept for ever."""

import json
import re

import pytest

from metric_table import METRICS, NAMESPACE
from tests.deploy.stack_template import DEFAULT, DOMAIN, Node, properties, resources, template

STACK = {"Ref": "AWS::StackName"}
# The metrics with another dimension beside `service`.
MORE = {name: metric.dimension for name, metric in METRICS.items() if metric.dimension}


def list_alarms() -> dict[str, Node]:
    return {name: one["Properties"] for name, one in resources(DEFAULT, "AWS::CloudWatch::Alarm").items()}


def dashboard() -> Node:
    """As CloudWatch gets it, with the stack's name for every variable."""
    text = properties("Dashboard")["DashboardBody"]["Fn::Sub"]
    return json.loads(re.sub(r"\$\{[^}]+\}", "warmline", text))


def parse_search(expression: str) -> tuple[str, str, set[str]]:
    """Namespace, metric and dimensions of a SEARCH."""
    found = re.fullmatch(
        r"SEARCH\('\{(\w+),([\w,]+)\} MetricName=\"(\w+)\" service=\"warmline\"', '(Sum|Average|Maximum)'\)", expression
    )
    assert found, expression
    return found[1], found[3], set(found[2].split(","))


def list_shown_metrics() -> list[tuple[str, str, set[str]]]:
    """Every metric of the dashboard, with its dimensions; `.` and `...` repeat the line before."""
    found = []
    for widget in dashboard()["widgets"]:
        last: list[str] = []
        for line in widget["properties"]["metrics"]:
            texts = [one for one in line if isinstance(one, str)]
            if not texts:
                found.append(parse_search(line[0]["expression"]))
                continue
            if texts != ["..."]:
                last = [last[i] if one == "." else one for i, one in enumerate(texts)]
            found.append((last[0], last[1], set(last[2::2])))
    return found


@pytest.mark.parametrize(("alarm", "metric"), [(one.alarm, name) for name, one in METRICS.items() if one.alarm])
def test_an_alarm_watches_a_metric_of_ours(alarm: str, metric: str) -> None:
    watched = list_alarms()[alarm]
    dimensions = {one["Name"]: one["Value"] for one in watched["Dimensions"]}

    assert (watched["Namespace"], watched["MetricName"]) == ("Warmline", metric)
    assert dimensions["service"] == STACK
    assert set(dimensions) == {"service", *([MORE[metric]] if metric in MORE else [])}


@pytest.mark.parametrize(
    ("alarm", "namespace", "metric", "dimensions"),
    [
        ("WebhookErrorsAlarm", "AWS/ApiGateway", "5xx", {"ApiId"}),
        ("WebhookLatencyAlarm", "AWS/ApiGateway", "Latency", {"ApiId"}),
        ("UnhealthyTasksAlarm", "AWS/ApplicationELB", "UnHealthyHostCount", {"LoadBalancer", "TargetGroup"}),
        ("NoTaskAlarm", "AWS/ApplicationELB", "HealthyHostCount", {"LoadBalancer", "TargetGroup"}),
        ("NotificationsDroppedAlarm", "AWS/Lambda", "AsyncEventsDropped", {"FunctionName"}),
        ("NotificationsFailedAlarm", "AWS/SNS", "NumberOfNotificationsFailed", {"TopicName"}),
    ],
)
def test_an_alarm_watches_a_metric_of_aws(alarm: str, namespace: str, metric: str, dimensions: set[str]) -> None:
    watched = list_alarms()[alarm]

    assert (watched["Namespace"], watched["MetricName"]) == (namespace, metric)
    assert {one["Name"] for one in watched["Dimensions"]} == dimensions


@pytest.mark.parametrize(
    ("function", "expression"),
    [
        ("VoiceWebhookFunction", "FILL(errors, 0) + FILL(throttles, 0)"),
        ("TransferFunction", "FILL(errors, 0) - FILL(postponed, 0) + FILL(throttles, 0)"),
    ],
)
def test_a_function_that_fails_or_is_throttled_raises_an_alarm(function: str, expression: str) -> None:
    total, *metrics = list_alarms()[f"{function}Alarm"]["Metrics"]
    watched = {one["Id"]: one["MetricStat"]["Metric"] for one in metrics}
    watched.pop("postponed", None)

    # Where every call is throttled there are no errors, and what is missing makes a sum of nothing.
    assert total["Expression"] == expression
    assert {name: one["MetricName"] for name, one in watched.items()} == {"errors": "Errors", "throttles": "Throttles"}
    assert all(one["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": function}}] for one in watched.values())


def test_a_notice_that_lambda_tries_again_raises_no_alarm_of_a_failed_function() -> None:
    """`NotificationsDroppedAlarm` says if Lambda tries in vain."""
    alarm = list_alarms()["TransferFunctionAlarm"]
    (postponed,) = [each["MetricStat"] for each in alarm["Metrics"] if each["Id"] == "postponed"]
    (errors,) = [each["MetricStat"] for each in alarm["Metrics"] if each["Id"] == "errors"]

    assert (postponed["Stat"], postponed["Period"]) == (errors["Stat"], errors["Period"])
    assert postponed["Metric"] == {
        "Namespace": NAMESPACE,
        "MetricName": "NotificationsPostponed",
        "Dimensions": [{"Name": "service", "Value": STACK}],
    }
    assert "NotificationsPostponed" in METRICS


def test_an_alarm_tells_somebody_and_is_quiet_when_nobody_calls() -> None:
    assert list_alarms()
    for name, alarm in list_alarms().items():
        assert alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}], name
        assert alarm["TreatMissingData"] == ("breaching" if name == "NoTaskAlarm" else "notBreaching"), name
        assert alarm["AlarmDescription"], name


def test_a_service_without_any_task_raises_an_alarm() -> None:
    alarm = list_alarms()["NoTaskAlarm"]

    assert (alarm["Statistic"], alarm["ComparisonOperator"], alarm["Threshold"]) == ("Maximum", "LessThanThreshold", 1)
    assert alarm["TreatMissingData"] == "breaching"


def test_spend_is_summed_over_the_hour_of_its_parameter() -> None:
    spend = list_alarms()["SpendAlarm"]

    assert (spend["Statistic"], spend["Period"]) == ("Sum", 3600)
    assert spend["Threshold"] == {"Ref": "SpendPerHourAlarm"}


@pytest.mark.parametrize("what", ["Alarm", "Notify"])
def test_an_email_is_sent_only_where_an_address_is_given(what: str) -> None:
    assert not resources(DEFAULT, "AWS::SNS::Subscription")
    (subscription,) = resources({**DEFAULT, f"{what}EmailGiven": True}, "AWS::SNS::Subscription").values()
    assert subscription["Properties"]["Endpoint"] == {"Ref": f"{what}Email"}
    assert subscription["Properties"]["TopicArn"] == {"Ref": f"{what}Topic"}


def test_what_people_are_told_is_encrypted_and_alarms_are_not() -> None:
    assert properties("NotifyTopic")["KmsMasterKeyId"] == "alias/aws/sns"
    assert "KmsMasterKeyId" not in properties("AlarmTopic")  # CloudWatch could not publish to it


def test_the_dashboard_names_each_metric_with_its_dimensions() -> None:
    for namespace, metric, dimensions in list_shown_metrics():
        if namespace == "Warmline":
            assert dimensions == {"service", *([MORE[metric]] if metric in MORE else [])}, metric


def test_every_metric_that_is_watched_is_in_the_table() -> None:
    watched = {metric for namespace, metric, _ in list_shown_metrics() if namespace == "Warmline"}
    watched |= {one["MetricName"] for one in list_alarms().values() if one.get("Namespace") == "Warmline"}

    assert watched <= METRICS.keys()


def test_every_alarm_on_a_metric_of_ours_is_in_the_table() -> None:
    ours = {name for name, one in list_alarms().items() if one.get("Namespace") == NAMESPACE}

    assert ours == {one.alarm for one in METRICS.values() if one.alarm}


def test_widgets_do_not_cover_each_other() -> None:
    places = [(one["x"], one["y"]) for one in dashboard()["widgets"]]

    assert len(set(places)) == len(places)
    assert all(x in (0, 8, 16) and y % 6 == 0 for x, y in places)


@pytest.mark.parametrize("mode", [DEFAULT, DOMAIN], ids=["default", "domain"])
def test_every_log_has_its_retention(mode: dict[str, bool]) -> None:
    groups = resources(mode, "AWS::Logs::LogGroup")

    assert all(one["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"} for one in groups.values())
    for name, function in resources(mode, "AWS::Lambda::Function").items():
        group = function["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]
        assert groups[group]["Properties"]["LogGroupName"]["Fn::Sub"].startswith("/aws/lambda/"), name


def read_log_format() -> str:
    (stage,) = resources(DEFAULT, "AWS::ApiGatewayV2::Stage").values()
    return str(stage["Properties"]["AccessLogSettings"]["Format"]["Fn::Sub"])


def test_a_request_that_was_throttled_is_counted() -> None:
    """No function sees it, and API Gateway's own metric 4xx counts every stranger's request too.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
    """
    found = properties("ThrottledRequests")
    (counted,) = found["MetricTransformations"]
    line = json.loads(re.sub(r"\$context\.status", "429", read_log_format()))
    ((field, value),) = re.findall(r'^\{ \$\.(\w+) = "(\w+)" \}$', found["FilterPattern"])

    assert found["LogGroupName"] == {"Ref": "HttpApiLogs"}
    assert line[field] == value
    assert (counted["MetricNamespace"], counted["MetricName"]) == (NAMESPACE, "RequestsThrottled")
    assert (counted["MetricValue"], counted["Unit"]) == ("1", METRICS["RequestsThrottled"].unit)
    assert counted["Dimensions"] == [{"Key": "service", "Value": "$.service"}]
    assert line["service"] == "${AWS::StackName}"


def test_the_table_has_what_the_template_counts() -> None:
    filters = resources(DEFAULT, "AWS::Logs::MetricFilter").values()
    counted = {one["MetricName"] for each in filters for one in each["Properties"]["MetricTransformations"]}

    assert counted == {name for name, metric in METRICS.items() if metric.writer == "http_api"}


def test_logs_of_requests_hold_no_numbers() -> None:
    logged = set(re.findall(r"\$context\.([\w.]+)", read_log_format()))

    assert logged == {
        "requestTime",
        "requestId",
        "routeKey",
        "status",
        "responseLatency",
        "integrationErrorMessage",
    }


def test_outputs_say_what_is_pasted_where() -> None:
    outputs = template()["Outputs"]

    assert {
        "VoiceUrl",
        "StreamUrl",
        "FallbackUrl",
        "DashboardUrl",
        "VoiceWebhookFunction",
        "TransferFunction",
        "TwilioSecretArn",
        "DrainSeconds",
        "SessionMinutes",
    } <= set(outputs)
    assert outputs["VoiceUrl"]["Value"] == {"Fn::Sub": "${HttpApi.ApiEndpoint}/voice/incoming"}
