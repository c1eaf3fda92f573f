"""Checks the table of tools, which users write, before a call meets it."""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from socket_server.call.core_offers import CORE_TOOLS
from socket_server.call.tools import TOOLS, Tool, make_schema
from socket_server.core import transfer_messages
from socket_server.core.errors import SettingError

FILE = "socket_server/call/tools.py"
NAME = re.compile("[A-Za-z0-9_-]{1,64}")  # the names that the service accepts


def check_tools(tools: object = TOOLS) -> None:
    """SettingError with a line for each entry of the table that the service, or we, would not accept."""
    if not isinstance(tools, list | tuple):
        raise SettingError(f"{FILE}: TOOLS: expected a tuple, got a {type(tools).__name__}: is a comma missing?")
    faults = []
    taken = {transfer_messages.fold_name(name): "" for name in CORE_TOOLS}
    for number, tool in enumerate(tools, 1):
        if not isinstance(tool, Tool):
            faults.append(f"{FILE}: TOOLS: expected a Tool as entry {number}, got a {type(tool).__name__}")
            continue
        faults += [f"{FILE}: tool {tool.name!r}: {reason}" for reason in _find_faults(tool, taken)]
        taken.setdefault(transfer_messages.fold_name(str(tool.name)), str(tool.name))
    if faults:
        raise SettingError("\n".join(faults))


def _find_faults(tool: Tool[Struct], taken: Mapping[str, str]) -> Iterator[str]:
    """`taken` has the names of the tools before this one. Those that every session has are empty."""
    name, description, arguments, run = _list_values(tool)
    if not isinstance(name, str) or not NAME.fullmatch(name):
        yield "expected a name of letters, digits, _ and -, at most 64"
    elif (other := taken.get(transfer_messages.fold_name(name))) is not None:
        yield f"the name is taken by {f'the tool {other!r}' if other else 'a tool that every session has'}"
    if not isinstance(description, str) or not description.strip():
        yield f"expected a description, by which the model knows when to call it, got {description!r}"
    if not callable(run):
        yield f"expected a coroutine that answers, got {run!r}"
    elif fault := _find_function_fault(run):
        yield fault
    if not (isinstance(arguments, type) and issubclass(arguments, Struct)):
        yield f"expected a struct of arguments, got {arguments!r}"
        return
    try:
        kind = make_schema(arguments).get("type")
    except Exception as error:  # msgspec's, of several kinds: the arguments have no schema that a model could read
        yield f"expected arguments that JSON can hold: {' '.join(str(error).split())}"
    else:
        # Functions take objects: https://platform.openai.com/docs/guides/function-calling
        if kind != "object":
            yield f"expected arguments that are an object in JSON, got an {kind}: is array_like set?"


def _find_function_fault(run: Callable[..., object]) -> str:
    """Why no call of it would be answered; "": nobody can tell before."""
    if inspect.isfunction(run) and not inspect.iscoroutinefunction(run):
        return f"expected `async def {run.__name__}`, got `def`"
    try:
        inspect.signature(run).bind("arguments", "context")
    except TypeError as error:
        return f"expected a coroutine that takes two values, the arguments and the context: {error}"
    except ValueError:  # of something that is written in C
        return ""
    return ""


def _list_values(tool: Tool[Struct]) -> tuple[object, ...]:
    """Of any type: Python does not check them."""
    return tool.name, tool.description, tool.arguments, tool.run
