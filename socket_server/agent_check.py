"""`python -m socket_server.agent_check [FILE]`: whether a container could start with this agent.

`make check` asks it, and so does the build of the image: a bad file fails there, before it can reach a caller. The
recorded greeting, the list of prices and the table of tools are checked along with it.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from socket_server.agent import parse_agent
from socket_server.call import tools
from socket_server.core.errors import SettingError
from socket_server.core.prices import Prices
from socket_server.greeting_audio import load_greeting_audio
from socket_server.settings import DEFAULT_AGENT, PRICES
from socket_server.toml_file import decode


def main(arguments: Sequence[str]) -> int:
    """The exit status: 1, and a line about the first fault, for a file that cannot be used."""
    file = Path(arguments[0]) if arguments else DEFAULT_AGENT
    try:
        agent = parse_agent(_read(file), _named(file))
        load_greeting_audio(agent, file)
        decode(_read(PRICES), _named(PRICES), Prices)
        tools.check()
    except SettingError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{file.name}: {agent.model}, {agent.voice}\n")
    return 0


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{_named(file)}: cannot be read: {error}") from error


def _named(file: Path) -> str:
    """As the user knows it: in the image and in the checkout from the folder above the package."""
    return str(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
