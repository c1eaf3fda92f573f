"""Whether the stack exists, is in a good state, and has all outputs that the other checks need."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from doctor.context import Context
from doctor.errors import read_error_code
from doctor.facts import Stack
from doctor.findings import Finding, fail, ok, warn

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

_HEALTHY_STATUSES = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"}


def check_stack(context: Context) -> Iterator[Finding]:
    client, name = context.aws.cloudformation, context.options.stack
    region = client.meta.region_name
    try:
        found = client.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if read_error_code(error) != "ValidationError":  # CloudFormation's error for a stack that does not exist
            raise
        found = []
    if not found:
        remedy = "`sam build && sam deploy --guided`; another name or region: STACK=… REGION=…"
        yield fail(f"there is no stack {name} in {region}", remedy)
        return
    yield _check_status(name, region, found[0])
    outputs = {each.get("OutputKey", ""): each.get("OutputValue", "") for each in found[0].get("Outputs", [])}
    parameters = {
        each.get("ParameterKey", ""): each.get("ParameterValue", "") for each in found[0].get("Parameters", [])
    }
    if missing := [output for output in Stack.OUTPUTS if not outputs.get(output)]:
        remedy = "deploy the template.yaml of this repository; another stack: STACK=…"
        yield fail(f"{name} lacks the outputs {', '.join(missing)}: is it a Warmline of this version?", remedy)
        return
    context.facts.add(Stack(name, outputs, parameters))


def _check_status(name: str, region: str, found: "StackTypeDef") -> Finding:
    status = str(found["StackStatus"])
    where = f"{name} in {region} is {status}"
    if status == "UPDATE_ROLLBACK_COMPLETE":
        reason = "the last deployment failed, and what was there before it is in use"
        return warn(f"{where}: {reason}", "see the stack's events in CloudFormation's console; deploy again")
    if status in _HEALTHY_STATUSES:
        return ok(where)
    if status.endswith("_IN_PROGRESS"):
        return warn(f"{where}: what follows may change in a moment", "try again when it is done")
    return fail(where, "see the stack's events in CloudFormation's console; deploy again")
