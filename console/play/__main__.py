"""`make play`, or `python -m console.play`: exit status 0 after Ctrl-C, 1 it could not begin, 2 wrong usage."""

import asyncio
import os
import sys

from sandbox.clean_environment import remove_developer_settings
from sandbox.interrupts import accept_interrupts, run_until_interrupted


def main() -> int:
    """The exit status."""
    accept_interrupts()
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
        _say("Setting up the telephone network and the agent.")
        asyncio.run(run_until_interrupted(run_play(options, os.environ)))
    except OptionError as error:
        _say(str(error))
        return 2
    except (KeyboardInterrupt, asyncio.CancelledError):
        _say("Interrupted. Everything that was started has been stopped.")
    except Exception as error:
        told = _unwrap(error)
        if not isinstance(told, PlayError | ModelError | ServeError | ProgramError):
            raise
        _say(str(told))
        return 1
    return 0


def _unwrap(error: Exception) -> Exception:
    """The only error of a group: the parts run in task groups, one inside the other."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
