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
from toml_file import TomlFile, TomlFileError


def main(arguments: Sequence[str]) -> int:
    """The exit status: 1, and a line for each fault, for a file that cannot be used."""
    file = Path(arguments[0]) if arguments else DEFAULT_AGENT
    try:
        agent = parse_agent(_read(file))
        load_greeting_audio(agent, file)
        _read(PRICES).decode(Prices)
        tools.check()
    except (SettingError, TomlFileError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{file.name}: {agent.model}, {agent.voice}\n")
    return 0


def _read(file: Path) -> TomlFile:
    """Named as the user knows it: in the image and in the checkout from the folder above the package."""
    return TomlFile.read(file, str(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
