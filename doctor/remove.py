"""Deletes a stack: `make remove STACK=warmline-prod`, or `python -m doctor.remove`.

`sam delete` alone does not come to its end where the load balancer waits an hour for calls (`DrainSeconds` of prod):
CloudFormation gives an ECS service 30 minutes. So the load balancer is first told to wait a minute only. That is not a
stack update: CloudFormation refuses one for a stack that has failed, as it is after such a `sam delete`.
"""

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from doctor.active_calls import count_calls
from doctor.errors import DoctorError, explain_aws_error, read_error_code
from doctor.one_line_parser import OneLineParser
from doctor.secret_input import Say

type Ask = Callable[[str], str]
type Pause = Callable[[float], None]
type Json = dict[str, Any]

DESCRIPTION = "Warmline, "  # how the template's begins
DRAIN = "deregistration_delay.timeout_seconds"
DRAIN_S = "60"
POLL_S, LIMIT_S = 10, 3600  # CloudFront and the tasks take a quarter of an hour together


@dataclass(frozen=True, slots=True)
class Clients:
    """The clients of AWS."""

    cloudformation: Any
    cloudwatch: Any
    elbv2: Any


@dataclass(frozen=True, slots=True)
class Order:
    stack: str
    confirmed: bool = False
    cut_calls: bool = False


def remove_stack(order: Order, clients: Clients, ask: Ask | None, say: Say, pause: Pause = time.sleep) -> None:
    """Delete the stack, and wait until it is gone. Raises `DoctorError` and the errors of AWS's SDK.

    `ask`: None without a terminal.
    """
    stack = _find_stack(order.stack, clients.cloudformation)
    if stack["StackStatus"] != "DELETE_IN_PROGRESS":
        _refuse_bad_moment(stack, order, clients)
        say(f"{_describe(stack)}\n")
        _confirm(order, ask)
        _delete(stack["StackId"], clients)
    say(f"{order.stack} is being deleted. Where there is CloudFront, that takes a quarter of an hour.\n")
    _wait(stack, clients.cloudformation, pause)
    say(f'{order.stack} is deleted. These are left: docs/deploy.md, "Removing it", says how to delete them.\n')
    for name in _list_left(stack):
        say(f"  {name}\n")


def _find_stack(name: str, client: Any) -> Json:
    region = client.meta.region_name
    try:
        (stack,) = client.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if read_error_code(error) != "ValidationError":  # CloudFormation's error for a stack that does not exist
            raise
        raise DoctorError(f"there is no stack {name} in {region}", "another region: REGION=…") from None
    if not stack.get("Description", "").startswith(DESCRIPTION):
        raise DoctorError(f"{name} in {region} is not a stack of Warmline's: nothing was deleted", "STACK=… names it")
    found: Json = stack
    return found


def _refuse_bad_moment(stack: Json, order: Order, clients: Clients) -> None:
    name, status = stack["StackName"], stack["StackStatus"]
    if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":  # a review waits for nothing
        raise DoctorError(f"{name} is {status}: nothing was deleted", "try again when it is done")
    if stack.get("EnableTerminationProtection"):
        unprotect = "aws cloudformation update-termination-protection --no-enable-termination-protection"
        remedy = f"`{unprotect} --stack-name {name}`"
        raise DoctorError(f"{name} is protected against deletion: nothing was deleted", remedy)
    if (calls := count_calls(name, clients.cloudwatch)) and not order.cut_calls:
        remedy = "set the number's URLs to something else and try again later, or cut them: CUT_CALLS=1"
        raise DoctorError(f"about {calls} calls are under way: nothing was deleted", remedy)


def _describe(stack: Json) -> str:
    return (
        f"{stack['StackName']} ({stack['StackStatus']}, {stack['StackId'].split(':')[3]}) will be deleted, with its "
        "table of calls, logs, images and addresses. Set the number's URLs to something else first: whoever calls "
        "meanwhile hears Twilio's error."
    )


def _confirm(order: Order, ask: Ask | None) -> None:
    if order.confirmed:
        return
    if ask is None:
        raise DoctorError("nobody is there to confirm it: nothing was deleted", "confirm it by YES=1")
    if ask(f"Type {order.stack} to delete it: ").strip() != order.stack:
        raise DoctorError("not confirmed: nothing was deleted")


def _delete(stack_id: str, clients: Clients) -> None:
    """Where the deletion cannot begin, the stack waits for its calls as before."""
    before: dict[str, str] = {}
    try:
        for arn in _list_target_groups(stack_id, clients.cloudformation):
            before[arn] = _set_drain(arn, DRAIN_S, clients.elbv2)
        clients.cloudformation.delete_stack(StackName=stack_id)
    except (BotoCoreError, ClientError):
        for arn, seconds in before.items():
            _set_drain(arn, seconds, clients.elbv2)
        raise


def _list_target_groups(stack_id: str, client: Any) -> list[str]:
    pages = client.get_paginator("list_stack_resources").paginate(StackName=stack_id)
    return [
        one["PhysicalResourceId"]
        for page in pages
        for one in page["StackResourceSummaries"]
        if one["ResourceType"] == "AWS::ElasticLoadBalancingV2::TargetGroup"
        and one["ResourceStatus"] != "DELETE_COMPLETE"
        and one.get("PhysicalResourceId", "").startswith("arn:")  # not if it could not be created
    ]


def _set_drain(arn: str, seconds: str, elbv2: Any) -> str:
    """Returns what it was before."""
    attributes = elbv2.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
    elbv2.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[{"Key": DRAIN, "Value": seconds}])
    return str(next((one["Value"] for one in attributes if one["Key"] == DRAIN), DRAIN_S))


def _wait(stack: Json, client: Any, pause: Pause) -> None:
    for _ in range(LIMIT_S // POLL_S):
        # By its id: the name of a deleted stack is unknown.
        (found,) = client.describe_stacks(StackName=stack["StackId"])["Stacks"]
        match found["StackStatus"]:
            case "DELETE_COMPLETE":
                return
            case "DELETE_FAILED":
                reason = found.get("StackStatusReason", "no reason given")
                remedy = "see the stack's events in CloudFormation's console; then run this again"
                raise DoctorError(f"{stack['StackName']} could not be deleted: {reason}", remedy)
        pause(POLL_S)
    remedy = "see the stack's events in CloudFormation's console, or run this again to go on waiting"
    raise DoctorError(f"{stack['StackName']} is still being deleted after {LIMIT_S // 60} minutes", remedy)


def _list_left(stack: Json) -> list[str]:
    given = {one["ParameterKey"]: one.get("ParameterValue", "") for one in stack.get("Parameters", [])}
    secrets = [given[name] for name in ("TwilioSecret", "OpenAISecret") if given.get(name)]
    # A stack that is older than the parameter had backups.
    backup = ["a backup of the table, which AWS deletes after 35 days"] if given.get("KeepTranscripts") != "0" else []
    return [
        f"the secrets {' and '.join(secrets) or 'of Twilio and OpenAI'}, which other stacks may use",
        *backup,
        "what SAM uploaded, in the bucket of the stack aws-sam-cli-managed-default",
        "ECS's service-linked role",
        "the number and the keys at Twilio, and the key at OpenAI",
    ]


def main(arguments: Sequence[str], environment: Mapping[str, str], ask: Ask | None, say: Say) -> int:
    parser = OneLineParser(prog="python -m doctor.remove", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--stack", required=True, help="name of the stack")
    parser.add_argument("--region", help="of the stack; default: the one of your AWS configuration")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--cut-calls", action="store_true", help="also while calls are under way")
    options = parser.parse_args(arguments)
    try:
        session = boto3.session.Session(region_name=options.region or environment.get("AWS_REGION") or None)
        config = Config(connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 5})
        clients = Clients(*(session.client(name, config=config) for name in ("cloudformation", "cloudwatch", "elbv2")))
        remove_stack(Order(options.stack, options.yes, options.cut_calls), clients, ask, say)
    except (BotoCoreError, ClientError, DoctorError) as error:
        told = error if isinstance(error, DoctorError) else explain_aws_error(error)
        say(f"{told.message[:1].upper()}{told.message[1:]}.\n" + (f"  → {told.remedy}\n" if told.remedy else ""))
        return 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:], os.environ, input if sys.stdin.isatty() else None, sys.stdout.write))
    except (KeyboardInterrupt, EOFError):
        sys.stdout.write("\nInterrupted. A deletion that has begun goes on.\n")
        sys.exit(130)
