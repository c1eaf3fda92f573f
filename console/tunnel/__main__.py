"""`make tunnel URL=https://…`, or `python -m console.tunnel`: exit status 0 after a tunnel that answered calls."""

import asyncio
import os
import sys
from typing import TYPE_CHECKING

from rich.console import Console

from console.terminal import find_first_error, run_interruptible
from sandbox.clean_environment import remove_developer_settings
from sandbox.interrupts import INTERRUPTS, accept_interrupts

if TYPE_CHECKING:
    from console.tunnel.tunnel import Tunnel


def main() -> int:
    """The exit status: 0 it was interrupted, 1 it did not come to calls, 2 wrong usage."""
    accept_interrupts()
    return run_interruptible(_run)


def _run() -> int:
    remove_developer_settings(os.environ)  # their profile of AWS would come between the parts
    from doctor.shared_code import find_shared_code

    find_shared_code()
    from console.tunnel.settings import SettingsError, read_settings

    console = Console(highlight=False)
    try:
        settings = read_settings(sys.argv[1:], os.environ)
    except SettingsError as error:
        console.print(str(error), soft_wrap=True, markup=False)
        return 2
    from console.tunnel.tunnel import Surroundings, Tunnel, TunnelError
    from doctor.errors import DoctorError
    from doctor.report import ConsoleReporter
    from sandbox.program import ProgramError

    reporter = ConsoleReporter(console)

    def say(sentence: str) -> None:
        console.print(sentence, soft_wrap=True, markup=False)

    environment = os.environ.copy()
    status = 0
    try:
        tunnel = Tunnel(settings, Surroundings(say=say, ask=_ask, reporter=reporter, environment=environment))
        asyncio.run(_run_until_second_interrupt(tunnel))
    except* (TunnelError, ProgramError) as errors:
        say(str(find_first_error(errors)))
        status = 1
    except* DoctorError as errors:
        told = find_first_error(errors)
        say(f"{told.message[:1].upper()}{told.message[1:]}." + (f"\n  → {told.remedy}" if told.remedy else ""))
        status = 1
    return status


async def _run_until_second_interrupt(tunnel: "Tunnel") -> None:
    """The first interrupt puts the number back and lets calls end; the second one does not wait for them."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None, "a coroutine runs in a task"
    for number in INTERRUPTS:
        loop.add_signal_handler(number, task.cancel)
    await tunnel.run()


async def _ask(question: str) -> bool:
    """Ask at the terminal, in a way that an interrupt ends. Without a terminal nobody agrees."""
    if not sys.stdin.isatty():
        sys.stdout.write(f"{question} Nobody is at a terminal to agree: YES=1 does.\n")
        return False
    sys.stdout.write(f"{question} [y/N] ")
    sys.stdout.flush()
    loop, typed = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(sys.stdin, typed.set)
    try:
        await typed.wait()
    finally:
        loop.remove_reader(sys.stdin)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


if __name__ == "__main__":
    sys.exit(main())
