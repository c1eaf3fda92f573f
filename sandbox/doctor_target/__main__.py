"""`make doctor SANDBOX=1`, or `python -m sandbox.doctor_target`: the doctor's checks of an installation in the sandbox.

It takes no arguments: stack, number, people and agent are the sandbox's own.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence

from rich.console import Console

from sandbox.clean_environment import forget_surroundings


async def diagnose() -> int:
    """The doctor's exit status."""
    from doctor.check_list import CHECKS
    from doctor.report import ConsoleReporter
    from doctor.runner import run_checks
    from sandbox.doctor_target.target import run_target

    lines = ConsoleReporter(Console(highlight=False))
    async with run_target() as target:
        return lines.summarize(await asyncio.to_thread(run_checks, target.context(), CHECKS, lines))


def main(arguments: Sequence[str]) -> int:
    if arguments:
        sys.stderr.write(
            f"The sandbox has an installation of its own: expected no choices, got {' '.join(arguments)}.\n"
        )
        return 2
    forget_surroundings(os.environ)  # a proxy or profile of the developer would come between the parts of the sandbox
    from doctor.shared_code import find_shared_code

    find_shared_code()
    from sandbox.program import ProgramError

    signal.signal(signal.SIGINT, signal.default_int_handler)  # a script's background job starts with it ignored
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        return asyncio.run(diagnose())
    except ProgramError as error:
        sys.stderr.write(f"The sandbox's installation cannot be examined: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stdout.write("\nInterrupted. Everything that was started has been stopped.\n")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
