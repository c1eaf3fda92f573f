"""The deploy_check function: stops a bad deploy before it can affect a caller, and says why.

CloudFormation invokes it for two custom resources, on which functions and service depend: `Custom::AccountCheck`
(properties `TwilioSecret`, `OpenAISecret`; attributes `TwilioSecretArn`, `OpenAISecretArn`) and
`Custom::DirectoryCheck` (properties `Function`, `TwilioSecret`, `TwilioApiUrl`, `FallbackNumber`). If any
other property changes, CloudFormation runs the check again.
"""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from account_requirements import check_account, list_known_arns
from custom_resource import Context, FailedError, Request, answer
from directory_answer import check_directory
from new_permission import retry, retry_until
from twilio_numbers import list_twilio_numbers, read_api_url

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

CLIENT = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4})
# A new version starts cold; a new account may run ten functions at a time, and those are tried again.
FUNCTIONS = Config(connect_timeout=3, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 4})

logger = logging.getLogger(__name__)


def lambda_handler(event: object, context: Context) -> None:
    answer(event, context, check)


def check(request: Request) -> Mapping[str, str]:
    """The attributes of the resource. Raises `FailedError`."""
    back = request.update and is_rolling_back(
        boto3.client("cloudformation", config=CLIENT), request.stack_id, request.until
    )
    match request.resource_type:
        case "Custom::AccountCheck":
            secrets = boto3.client("secretsmanager", config=CLIENT)
            if back:
                return list_known_arns(request, secrets)
            return check_account(request, secrets, boto3.client("iam", config=CLIENT))
        case "Custom::DirectoryCheck":
            if back:
                return {}
            numbers = list_twilio_numbers(
                boto3.client("secretsmanager", config=CLIENT),
                request.properties.get("TwilioSecret"),
                read_api_url(request.properties),
            )
            return check_directory(request, boto3.client("lambda", config=FUNCTIONS), numbers)
        case other:
            expected = "Custom::AccountCheck or Custom::DirectoryCheck"
            raise FailedError(f"Resource {request.logical_id}: expected the type {expected}, got {other}.")


def is_rolling_back(stacks: "CloudFormationClient", stack_id: str, until: float) -> bool:
    """Whether the stack is being rolled back.

    The cause of the failed update still exists then. If the check failed again, the stack would be stuck half-way.
    """
    try:
        (stack,) = retry(lambda: stacks.describe_stacks(StackName=stack_id)["Stacks"], retry_until(until))
    except (BotoCoreError, ClientError):
        logger.exception("The state of the stack could not be read; checking as in a deploy")
        return False
    return "ROLLBACK" in stack["StackStatus"]
