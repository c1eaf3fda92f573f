"""`python -m socket_server.agent_check [FILE]`: whether a container could serve calls with this agent.

`make check` and the build of the image run it, with the container's packages alone. So a bad file, or a tool that
cannot be imported, fails there and affects no caller. It checks the agent, the recorded greeting, the prices, every
module of the container and the table of tools. `make doctor` asks the service itself.
"""

import importlib
import sys
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path

from socket_server.agent import parse_agent
from socket_server.core.errors import SettingError
from socket_server.core.prices import Prices
from socket_server.greeting_audio import load_greeting_audio
from socket_server.openai.agent import OpenAIAgent
from socket_server.openai.catalog import find_unlisted_names
from socket_server.openai.client_events import encode_session_update
from socket_server.settings import DEFAULT_AGENT, PRICES
from toml_file import TomlFile, TomlFileError

PACKAGE = Path(__file__).parent


def main(arguments: Sequence[str]) -> int:
    """The exit status. 1, with a line for each fault, if the container could not serve calls."""
    file = Path(arguments[0]) if arguments else DEFAULT_AGENT
    faults = list(_find_import_faults())
    try:
        agent = _load_agent(file)
        _read(PRICES).decode(Prices)
        if not faults:
            names = _list_tools(agent)
    except (SettingError, TomlFileError) as error:
        faults.append(str(error))
    if faults:
        sys.stderr.write("".join(f"{fault}\n" for fault in faults))
        return 1
    sys.stdout.write(f"{file.name}: {agent.model}, {agent.voice}; tools: {', '.join(names)}\n")
    return 0


def _load_agent(file: Path) -> OpenAIAgent:
    agent = parse_agent(_read(file), find_unlisted_names)
    load_greeting_audio(agent, file)
    return agent


def _list_tools(agent: OpenAIAgent) -> list[str]:
    """The names of the tools that a session offers to the model."""
    from socket_server.call import tools  # a user's file; by now we know that it can be imported

    tools.check()
    offers = tools.list_offers(agent, ())
    encode_session_update(agent, offers)
    return [offer.name for offer in offers]


def _find_import_faults() -> Iterator[str]:
    """A line for each module that keeps the container from being imported with the packages that there are."""
    told = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        if not all(part.isidentifier() for part in parts):  # nobody can import it, such as an editor's file
            continue
        try:
            importlib.import_module(".".join(parts).removesuffix(".__init__"))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a user's module may do anything, and SystemExit would end the check as good
            fault = f"{_find_place(error, path)}: {_describe(error)}"
            if fault not in told:
                told.add(fault)
                yield fault


def _find_place(error: BaseException, imported: Path) -> str:
    """File and line of ours where it went wrong; several modules may import that one."""
    ours = [
        frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(PACKAGE)
    ]
    own = [frame for frame in ours if frame.filename != __file__]
    if isinstance(error, SyntaxError) or not own:
        return _display_path(Path(getattr(error, "filename", None) or imported))
    return f"{_display_path(Path(own[-1].filename))}:{own[-1].lineno}"


def _describe(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name and error.name.partition(".")[0] != PACKAGE.name:
        remedy = "name its package in socket_server/requirements.txt, then `make lock`, which needs uv"
        return f"no module {error.name!r} in the container: {remedy}"
    said = " ".join(str(error).split())
    return f"cannot be imported: {type(error).__name__}: {said}"


def _read(file: Path) -> TomlFile:
    return TomlFile.read(file, _display_path(file))


def _display_path(file: Path) -> str:
    """The path as the user knows it, from the folder above the package: the same in the image and in the checkout."""
    return str(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
