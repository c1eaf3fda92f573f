"""With SnapStart a schedule invokes the webhook's version, which Lambda would otherwise make inactive."""

import json

from tests.deploy.stack_template import DEFAULT, properties, resources, template
from tests.deploy.test_template_permissions import list_statements
from voice_webhook import KEEP_SNAPSHOT

ON = {**DEFAULT, "SnapStartOn": True}


def test_the_schedule_is_there_only_with_snapshots() -> None:
    assert template()["Conditions"]["SnapStartOn"] == {"Fn::Equals": [{"Ref": "SnapStart"}, "PublishedVersions"]}
    assert not {"SnapshotSchedule", "SnapshotScheduleRole"} & set(resources(DEFAULT))
    assert {"SnapshotSchedule", "SnapshotScheduleRole"} <= set(resources(ON))


def test_the_version_that_the_api_invokes_is_invoked_each_day() -> None:
    """Lambda waits 14 days. https://docs.aws.amazon.com/lambda/latest/dg/snapstart-troubleshooting.html"""
    schedule = properties("SnapshotSchedule", ON)
    (alias,) = resources(ON, "AWS::Lambda::Alias").keys() - {"TransferCandidateFunctionAliascandidate"}
    target = schedule["Target"]

    assert (schedule["ScheduleExpression"], schedule["FlexibleTimeWindow"]["Mode"]) == ("rate(1 day)", "OFF")
    assert target["Arn"] == {"Ref": alias}
    assert json.loads(target["Input"]) == KEEP_SNAPSHOT
    assert target["RoleArn"] == {"Fn::GetAtt": ["SnapshotScheduleRole", "Arn"]}


def test_the_schedule_may_invoke_that_version_and_nothing_else() -> None:
    role = properties("SnapshotScheduleRole", ON)

    assert list_statements(role) == [(["lambda:InvokeFunction"], [properties("SnapshotSchedule", ON)["Target"]["Arn"]])]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
