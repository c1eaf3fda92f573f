"""Finds the stack as the doctor does, and serves its calls until it is interrupted."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping

from console.board.actions import Actions
from console.board.log_links import LogGroups
from console.board.options import Options
from console.board.routes import make_extension
from console.record.record_source import RecordSource
from console.record.stack import find_stack
from console.web.app import make_app
from console.web.serve import serve_for_ever
from doctor.context import Aws


async def run_board(
    options: Options, aws: Aws, tables: Aws, environment: Mapping[str, str], say: Callable[[str], object]
) -> None:
    """Serve the pages. `aws`: the user's account; `tables`: the same with the time limits for reading the table."""
    stack, region = await asyncio.to_thread(find_stack, aws, options.stack, options.region)
    name = f"stack {stack.name} in {region}"
    with contextlib.closing(RecordSource(tables.dynamodb, stack.outputs["CallsTable"], name)) as source:
        actions = Actions(aws.lambda_, stack.outputs["TransferFunction"])
        app = make_app(source, make_extension(source, actions, LogGroups.of(stack, region)))
        say(f"The calls of {name}, with your own AWS credentials. Ctrl-C ends it.")
        try:
            await serve_for_ever(app, options.port, environment, say=say)
        finally:
            say(f"Read {source.read_units:.1f} read units of {stack.outputs['CallsTable']}.")
