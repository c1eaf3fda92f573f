"""`make doctor SANDBOX=1`, or `python -m sandbox.doctor_target`: runs the doctor against the sandbox.

It takes no arguments, because the sandbox has its own stack, number, people and agent.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence

from rich.console import Console

from sandbox.clean_environment import remove_developer_settings


async def diagnose() -> int:
    """The doctor's exit status."""
    from doctor.check_list import CHECKS
    from doctor.report import ConsoleReporter
    from doctor.runner import run_checks
    from sandbox.doctor_target.target import run_target

    reporter = ConsoleReporter(Console(highlight=False))
    async with run_target() as target:
        return reporter.summarize(await asyncio.to_thread(run_checks, target.make_context(), CHECKS, reporter))


def main(arguments: Sequence[str]) -> int:
    if arguments:
        sys.stderr.write(f"The sandbox has its own installation: expected no options, got {' '.join(arguments)}.\n")
        return 2
    remove_developer_settings(os.environ)  # a proxy or an AWS profile of the developer would break the sandbox
    from doctor.shared_code import find_shared_code

    find_shared_code()
    from sandbox.program import ProgramError

    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a background job of a shell script starts with SIGINT ignored
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        return asyncio.run(diagnose())
    except ProgramError as error:
        sys.stderr.write(f"The sandbox's installation cannot be checked: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stdout.write("\nInterrupted. All started processes have been stopped.\n")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
