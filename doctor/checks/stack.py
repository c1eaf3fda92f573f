"""Whether the stack is there, whole, and tells its outputs."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from doctor.context import Patient
from doctor.errors import code_of
from doctor.facts import Stack
from doctor.findings import Finding, ok, warning, wrong

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

_GOOD = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"}


def stack(patient: Patient) -> Iterator[Finding]:
    client, name = patient.aws.cloudformation, patient.options.stack
    region = client.meta.region_name
    try:
        found = client.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if code_of(error) != "ValidationError":  # which is how CloudFormation says that there is none
            raise
        found = []
    if not found:
        cure = "`sam build && sam deploy --guided`; another name or region: STACK=… REGION=…"
        yield wrong(f"there is no stack {name} in {region}", cure)
        return
    yield _state(name, region, found[0])
    outputs = {each.get("OutputKey", ""): each.get("OutputValue", "") for each in found[0].get("Outputs", [])}
    parameters = {
        each.get("ParameterKey", ""): each.get("ParameterValue", "") for each in found[0].get("Parameters", [])
    }
    if missing := [output for output in Stack.OUTPUTS if not outputs.get(output)]:
        cure = "deploy the template.yaml of this repository; another stack: STACK=…"
        yield wrong(f"{name} lacks the outputs {', '.join(missing)}: is it a Warmline of this version?", cure)
        return
    patient.chart.note(Stack(name, region, outputs, parameters))


def _state(name: str, region: str, found: "StackTypeDef") -> Finding:
    status = str(found["StackStatus"])
    where = f"{name} in {region} is {status}"
    if status == "UPDATE_ROLLBACK_COMPLETE":
        reason = "the last deployment failed, and what was there before it is in use"
        return warning(f"{where}: {reason}", "see the stack's events in CloudFormation's console; deploy again")
    if status in _GOOD:
        return ok(where)
    if status.endswith("_IN_PROGRESS"):
        return warning(f"{where}: what follows may change in a moment", "once more when it is done")
    return wrong(where, "see the stack's events in CloudFormation's console; deploy again")
