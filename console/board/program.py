"""Finds the stack as the doctor does, and serves its calls until it is interrupted."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping

from botocore.exceptions import BotoCoreError, ClientError

from console.board.actions import Actions
from console.board.log_links import LogGroups
from console.board.options import Options
from console.board.routes import make_extension
from console.record.aws_sentences import tell_error
from console.record.record_source import RecordSource
from console.web.app import make_app
from console.web.serve import serve_for_ever
from doctor.checks.stack import check_stack
from doctor.context import Aws, Context
from doctor.errors import DoctorError
from doctor.facts import Stack
from doctor.findings import Status
from doctor.options import Options as DoctorOptions


class BoardError(Exception):
    """The stack cannot be shown; the message is one sentence, with what to do."""


async def run_board(
    options: Options, aws: Aws, tables: Aws, environment: Mapping[str, str], say: Callable[[str], object]
) -> None:
    """Serve the pages. `aws`: the user's account; `tables`: the same with the time limits for reading the table."""
    stack, region = await asyncio.to_thread(find_stack, aws, options)
    name = f"stack {stack.name} in {region}"
    with contextlib.closing(RecordSource(tables.dynamodb, stack.outputs["CallsTable"], name)) as source:
        actions = Actions(aws.lambda_, stack.outputs["TransferFunction"])
        app = make_app(source, make_extension(source, actions, LogGroups.of(stack, region)))
        say(f"The calls of {name}, with your own AWS credentials. Ctrl-C ends it.")
        try:
            await serve_for_ever(app, options.port, environment, say=say)
        finally:
            say(f"Read {source.read_units:.1f} read units of {stack.outputs['CallsTable']}.")


def find_stack(aws: Aws, options: Options) -> tuple[Stack, str]:
    """What CloudFormation says about the stack, and its region. Raises `BoardError`."""
    context = Context(DoctorOptions(stack=options.stack, region=options.region), aws)
    try:
        for finding in check_stack(context):
            if finding.status is Status.FAILURE and context.facts.find(Stack) is None:
                raise DoctorError(finding.message, finding.remedy)
        return context.facts.get(Stack), aws.cloudformation.meta.region_name
    except (BotoCoreError, ClientError, DoctorError) as error:
        raise BoardError(tell_error(error)) from error
