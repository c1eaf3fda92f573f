"""What the user of `make doctor` chose."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from doctor.context import AGENT, DIRECTORY, Options


def read_options(arguments: Sequence[str]) -> Options:
    """Ends the program with a sentence when a choice cannot be right."""
    parser = argparse.ArgumentParser(
        prog="python -m doctor",
        description="Proves an installation of Warmline from this machine. Exit status 0 only if nothing is wrong.",
        allow_abbrev=False,
    )
    parser.add_argument("--stack", default="warmline", help="name of the stack; default: %(default)s")
    parser.add_argument("--region", help="of the stack; default: the one of your AWS configuration")
    parser.add_argument("--number", metavar="+1…", help="which of the Twilio account's numbers is Warmline's")
    parser.add_argument("--fix", action="store_true", help="set the number's webhooks without asking")
    parser.add_argument("--agent", type=Path, default=AGENT, metavar="FILE", help="the agent that was deployed")
    parser.add_argument("--directory", type=Path, default=DIRECTORY, metavar="FILE", help="the people deployed")
    given = parser.parse_args(arguments)
    number = given.number and given.number.replace(" ", "")
    if number and not (number.startswith("+") and number[1:].isascii() and number[1:].isdecimal()):
        parser.error(f"--number: expected E.164, such as +14155550100, got {given.number!r}")
    return Options(
        stack=given.stack,
        region=given.region,
        number=number,
        fix=given.fix,
        agent_file=given.agent.resolve(),
        directory_file=given.directory.resolve(),
    )
