"""`make play`, or `python -m console.play`: exit status 0 after Ctrl-C, 1 it could not begin, 2 wrong usage."""

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine

from sandbox.clean_environment import remove_developer_settings

_INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    """The exit status."""
    for number in _INTERRUPTS:
        signal.signal(number, signal.default_int_handler)  # a script's background job starts with SIGINT ignored
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
        asyncio.run(_run_until_interrupted(run_play(options, os.environ)))
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


async def _run_until_interrupted(work: Coroutine[None, None, None]) -> None:
    """Cancel it at the first interrupt. Whoever presses Ctrl-C again need not: everything is being stopped already."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None, "a coroutine runs in a task"

    def interrupt() -> None:
        for number in _INTERRUPTS:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)
        task.cancel()

    for number in _INTERRUPTS:
        loop.add_signal_handler(number, interrupt)
    await work


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
