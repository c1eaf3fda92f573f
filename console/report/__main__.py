"""`make report CALL=CA…`, or `python -m console.report`: one file of a call of a deployed stack.

The exit status: 0 it is written, 1 it cannot be, 2 wrong usage. Calls of this machine are saved from their page; `make
demo` writes the report of its call by itself.
"""

import argparse
import asyncio
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from console.terminal import run_interruptible, say

CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}")


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """The exit status."""
    return run_interruptible(lambda: _run(arguments, environment), interrupted="Interrupted.", status=130)


def _run(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    import boto3

    from doctor.shared_code import find_shared_code

    find_shared_code()
    from console.record.record_source import CLIENT
    from console.record.stack import StackError, find_stack
    from console.report.stack_report import ReportError, report_call
    from doctor.context import Aws

    given = _read_arguments(arguments)
    region = given.region or environment.get("AWS_REGION") or None

    def make_session() -> boto3.session.Session:
        return boto3.session.Session(region_name=region)

    path = Path(f"report-{given.call}.html")
    try:
        aws, tables = Aws(make_session), Aws(make_session, config=CLIENT)
        stack, region = find_stack(aws, given.stack, given.region)
        say(asyncio.run(report_call(stack, region, given.call, path, tables, show_numbers=given.numbers)))
    except (StackError, ReportError) as error:
        say(str(error))
        return 1
    return 0


def _read_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    from doctor.one_line_parser import OneLineParser

    parser = OneLineParser(prog="python -m console.report", description="Writes a call of a stack into one HTML file.")
    parser.add_argument("--call", required=True, help="its CallSid, from the board or Twilio's console")
    parser.add_argument("--stack", default="warmline", help="name of the stack; default: %(default)s")
    parser.add_argument("--region", help="of the stack; default: the one of your AWS configuration")
    parser.add_argument("--numbers", action="store_true", help="show whole telephone numbers")
    given = parser.parse_args(arguments)
    if not CALL_SID.fullmatch(given.call):
        parser.error(f"CALL: expected CA and 32 hexadecimal digits, got {given.call!r}")
    return given


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
