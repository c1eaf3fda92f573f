"""`make play`, or `python -m console.play`: exit status 0 after Ctrl-C, 1 it could not begin, 2 wrong usage."""

import asyncio
import os
import sys

from console.terminal import find_first_error, run_interruptible, say
from sandbox.clean_environment import remove_developer_settings
from sandbox.interrupts import accept_interrupts, run_until_interrupted


def main() -> int:
    """The exit status."""
    accept_interrupts()
    return run_interruptible(_run)


def _run() -> int:
    remove_developer_settings(os.environ)  # their proxy or profile would come between the parts
    from doctor.shared_code import find_shared_code

    find_shared_code()
    from console.play.model import ModelError
    from console.play.options import OptionError, read_options
    from console.play.program import PlayError, run_play
    from console.web.serve import ServeError
    from sandbox.program import ProgramError

    try:
        options = read_options(sys.argv[1:], os.environ)
    except OptionError as error:
        say(str(error))
        return 2
    status = 0
    try:
        say("Setting up the telephone network and the agent.")
        asyncio.run(run_until_interrupted(run_play(options, os.environ)))
    except* (PlayError, ModelError, ServeError, ProgramError) as errors:
        say(str(find_first_error(errors)))
        status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
