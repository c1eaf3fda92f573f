"""`make carrier URL=http://127.0.0.1:…`, or `python -m console.carrier`: exit status 0 after Ctrl-C, 2 wrong usage."""

import asyncio
import os
import sys

from console.terminal import find_first_error, run_interruptible, say
from sandbox.clean_environment import remove_developer_settings
from sandbox.interrupts import accept_interrupts, run_until_interrupted


def main() -> int:
    """The exit status; 1: the page could not be served."""
    accept_interrupts()
    return run_interruptible(_run)


def _run() -> int:
    environment = os.environ.copy()
    remove_developer_settings(os.environ)  # their proxy would come between the parts
    from doctor.shared_code import find_shared_code

    find_shared_code()
    from console.carrier.program import run_carrier
    from console.carrier.settings import SettingsError, read_settings
    from console.web.serve import ServeError

    try:
        settings = read_settings(sys.argv[1:], environment)
    except SettingsError as error:
        say(str(error))
        return 2
    status = 0
    try:
        asyncio.run(run_until_interrupted(run_carrier(settings, environment, say)))
    except* ServeError as errors:  # from within a task group
        say(str(find_first_error(errors)))
        status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
