"""Finds a deployed stack as the doctor does, with the user's own AWS credentials."""

from botocore.exceptions import BotoCoreError, ClientError

from console.record.aws_sentences import tell_error
from doctor.checks.stack import check_stack
from doctor.context import Aws, Context
from doctor.errors import DoctorError
from doctor.facts import Stack
from doctor.findings import Status
from doctor.options import Options


class StackError(Exception):
    """The stack cannot be shown; the message is one sentence, with what to do."""


def find_stack(aws: Aws, name: str, region: str | None) -> tuple[Stack, str]:
    """What CloudFormation says about the stack, and its region. Raises `StackError`.

    `region`: None, the one of the user's AWS configuration.
    """
    context = Context(Options(stack=name, region=region), aws)
    try:
        for finding in check_stack(context):
            if finding.status is Status.FAILURE and context.facts.find(Stack) is None:
                raise DoctorError(finding.message, finding.remedy)
        return context.facts.get(Stack), aws.cloudformation.meta.region_name
    except (BotoCoreError, ClientError, DoctorError) as error:
        raise StackError(tell_error(error)) from error
