"""What the user of `make board` chose: STACK, REGION, PORT."""

from collections.abc import Sequence
from dataclasses import dataclass

from console.options import find_port_fault


@dataclass(frozen=True, slots=True)
class Options:
    stack: str
    region: str | None
    """None: the one of the user's AWS configuration."""
    port: int
    """Of 127.0.0.1, where the pages are; 0: a free one."""


def read_options(arguments: Sequence[str]) -> Options:
    """Exits with a message if an option is not valid."""
    from doctor.one_line_parser import OneLineParser

    parser = OneLineParser(prog="python -m console.board", description="Shows the calls of a deployed stack.")
    parser.add_argument("--stack", default="warmline", help="name of the stack; default: %(default)s")
    parser.add_argument("--region", help="of the stack; default: the one of your AWS configuration")
    parser.add_argument("--port", default="0", help="of 127.0.0.1; default: a free one")
    given = parser.parse_args(arguments)
    if fault := find_port_fault(given.port):
        parser.error(f"PORT: {fault}")
    return Options(given.stack, given.region, int(given.port))
