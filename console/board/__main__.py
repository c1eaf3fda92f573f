"""`make board STACK=…`, or `python -m console.board`: exit status 0 after Ctrl-C, 1 no begin, 2 wrong usage."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence

from console.terminal import run_interruptible, say


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """The exit status."""
    return run_interruptible(lambda: _run(arguments, environment), interrupted="Interrupted.")


def _run(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    import boto3

    from doctor.shared_code import find_shared_code

    find_shared_code()
    from console.board.options import read_options
    from console.board.program import run_board
    from console.record.record_source import CLIENT
    from console.record.stack import StackError
    from console.web.serve import ServeError
    from doctor.context import Aws

    options = read_options(arguments)
    region = options.region or environment.get("AWS_REGION") or None

    def make_session() -> boto3.session.Session:
        return boto3.session.Session(region_name=region)

    try:
        asyncio.run(run_board(options, Aws(make_session), Aws(make_session, config=CLIENT), environment, say))
    except (StackError, ServeError) as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
