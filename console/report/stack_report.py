"""The report of a call of a deployed stack, read with the user's own AWS credentials."""

import asyncio
import contextlib
from pathlib import Path

from console.call_source import SourceError
from console.record.record_source import RecordSource
from console.report.write_report import write_report
from doctor.context import Aws
from doctor.facts import Stack


class ReportError(Exception):
    """There is no report; the message is one sentence for the user."""


async def report_call(stack: Stack, region: str, sid: str, path: Path, tables: Aws, *, show_numbers: bool) -> str:
    """Write the file; returns a sentence that names it. Raises `ReportError`.

    `tables`: the user's account, with the time limits for reading the table.
    """
    name = f"stack {stack.name} in {region}"
    with contextlib.closing(RecordSource(tables.dynamodb, stack.outputs["CallsTable"], name)) as source:
        try:
            view = await source.read_call(sid)
        except SourceError as error:
            raise ReportError(str(error)) from error
    if view is None:
        raise ReportError(f"There is no call {sid} in {name}: it may be deleted, or of another stack.")
    try:
        await asyncio.to_thread(write_report, view, path, show_numbers=show_numbers)
    except OSError as error:
        raise ReportError(f"{path} cannot be written: {error.strerror}.") from None
    return f"The report of the call: {path}"
