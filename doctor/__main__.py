"""`make doctor`, or `python -m doctor`. The exit status is 0 only if no check fails."""

import os
import sys
from collections.abc import Mapping, Sequence

import boto3
from rich.console import Console


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Returns the exit status: 0 no check fails, 1 one does, 2 wrong usage, 130 interrupted."""
    from doctor.shared_code import find_shared_code

    find_shared_code()
    from doctor.check_list import CHECKS
    from doctor.context import Aws, Context
    from doctor.options import read_options
    from doctor.report import ConsoleReporter
    from doctor.runner import run_checks

    options = read_options(arguments)
    region = options.region or environment.get("AWS_REGION") or None
    context = Context(options, Aws(lambda: boto3.session.Session(region_name=region)))
    reporter = ConsoleReporter(Console(highlight=False))
    return reporter.summarize(run_checks(context, CHECKS, reporter))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:], os.environ))
    except (KeyboardInterrupt, EOFError):
        sys.stdout.write("\nInterrupted.\n")
        sys.exit(130)
