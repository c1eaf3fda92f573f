"""The command line of `make doctor`, and the files that it reads unless the user names others."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from doctor.one_line_parser import OneLineParser

ROOT = Path(__file__).parents[1]
DIRECTORY = ROOT / "functions" / "transfer" / "directory.toml"
AGENT = ROOT / "socket_server" / "agent.toml"


@dataclass(frozen=True, slots=True)
class Options:
    stack: str = "warmline"
    region: str | None = None
    """None: the one of the user's AWS configuration."""
    number: str | None = None
    """Which of the account's numbers is Warmline's, in E.164."""
    fix: bool = False
    """Apply fixes without asking."""
    agent_file: Path = AGENT
    directory_file: Path = DIRECTORY


def read_options(arguments: Sequence[str]) -> Options:
    """Exits with a message if an option is not valid."""
    parser = OneLineParser(
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
    parsed = parser.parse_args(arguments)
    number = parsed.number and parsed.number.replace(" ", "")
    if number and not (number.startswith("+") and number[1:].isascii() and number[1:].isdecimal()):
        parser.error(f"--number: expected E.164, such as +14155550100, got {parsed.number!r}")
    return Options(
        stack=parsed.stack,
        region=parsed.region,
        number=number,
        fix=parsed.fix,
        agent_file=parsed.agent.resolve(),
        directory_file=parsed.directory.resolve(),
    )
