"""Every permission is one that the code needs, and the code has every one that it needs: read from the code."""

from pathlib import Path

import pytest

from tests.deploy.called_actions import list_called_actions
from tests.deploy.test_template_permissions import may

ROOT = Path(__file__).parents[2]
RECORD = [ROOT / "layers" / "call_record" / name for name in ("call_record.py", "call_items.py")]
RINGING = [RECORD[0], RECORD[0].with_name("ringing.py"), RECORD[1]]
TRANSCRIPTS = [RECORD[0], RECORD[0].with_name("transcripts.py"), RECORD[1]]
SECRET = [RECORD[0].with_name("secret_cache.py")]
LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}  # Lambda's, which writes a function's output in its name

CALLED = {
    "VoiceWebhookRole": ("functions/voice_webhook", {"secretsmanager:GetSecretValue", "lambda:InvokeFunction"}),
    "TransferRole": (
        "functions/transfer",
        {"secretsmanager:GetSecretValue", "sns:Publish", "lambda:InvokeFunction"},  # itself: `ring_on`
    ),
    "DeployCheckRole": (
        "functions/deploy_check",
        {
            "secretsmanager:GetSecretValue",
            "iam:GetRole",
            "iam:CreateServiceLinkedRole",
            "lambda:InvokeFunction",
            "cloudformation:DescribeStacks",
        },
    ),
    "ImageBuilderRole": (
        "functions/image_builder",
        {
            "lambda:GetLayerVersion",
            "ecr:DescribeImages",
            "codebuild:StartBuild",
            "codebuild:BatchGetBuilds",
            "codebuild:StopBuild",
            "logs:GetLogEvents",
        },
    ),
    "TaskRole": ("socket_server", {"lambda:InvokeFunction", "secretsmanager:GetSecretValue"}),
}
TABLE = {
    "VoiceWebhookRole": {"dynamodb:Query", "dynamodb:GetItem", "dynamodb:UpdateItem"},
    "TransferRole": {"dynamodb:Query", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
    "TaskRole": {"dynamodb:Query", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
}


@pytest.mark.parametrize("role", CALLED)
def test_the_code_calls_what_this_table_says(role: str) -> None:
    folder, expected = CALLED[role]

    shared = (RECORD, RINGING, TRANSCRIPTS, SECRET)
    called = [list_called_actions(ROOT / folder, files if role in TABLE else ()) for files in shared]
    assert set().union(*called) == expected | TABLE.get(role, set())


@pytest.mark.parametrize("role", CALLED)
def test_a_role_may_do_what_its_code_calls_and_nothing_else(role: str) -> None:
    logs = set() if role == "TaskRole" else LOGS  # a container's log is written by Fargate, with another role

    assert set(may(role)) == CALLED[role][1] | TABLE.get(role, set()) | logs
