"""The tools that the model may call. To add one, add it to the table.

A tool is a name, a description for the model, a struct of its arguments and a coroutine that answers. It runs while the
audio goes on. If it fails, the model is told, and the call goes on. The core decides about the tools that move or end
the call; this file only offers them.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import Struct, ValidationError, convert
from msgspec.json import decode, schema

from socket_server.call.core_offers import list_core_offers
from socket_server.core import transfer_messages
from socket_server.core.agent import Agent
from socket_server.core.errors import BAD_JSON
from socket_server.core.tool_offers import Destination, Json, ToolOffer

TOOL_SECONDS = 10.0  # for anything longer, a caller would wait in silence

log = logging.getLogger(__name__)


class NoArguments(Struct, forbid_unknown_fields=True):
    """For a tool without arguments: arguments that the model gives are dropped."""


@dataclass(frozen=True, slots=True)
class ToolContext:
    """What a tool may know about its call."""

    agent: Agent
    call_sid: str


@dataclass(frozen=True, slots=True)
class Tool[T: Struct]:
    name: str
    description: str
    arguments: type[T]
    run: Callable[[T, ToolContext], Awaitable[Json]]
    """Its result is given to the model as JSON."""
    ends_with_call: bool = False
    """True: stop it when the call ends or is moved. False: it is finished, and its answer is in the record."""


async def opening_hours(_: NoArguments, context: ToolContext) -> Json:
    return {"opening_hours": context.agent.opening_hours}


# Add yours here.
TOOLS: tuple[Tool[Any], ...] = (
    Tool(
        "opening_hours",
        "When the business is open. Call it before you say anything about times.",
        NoArguments,
        opening_hours,
    ),
)


def list_offers(
    agent: Agent, destinations: Sequence[Destination], tools: Sequence[Tool[Any]] = TOOLS
) -> list[ToolOffer]:
    """The tools that this call offers to the model."""
    own = [
        ToolOffer(tool.name, tool.description, make_schema(tool.arguments))
        for tool in tools
        if tool.name != "opening_hours" or agent.opening_hours
    ]
    return [*own, *list_core_offers(destinations)]


async def run(
    name: str,
    arguments: str,
    context: ToolContext,
    tools: Sequence[Tool[Any]] = TOOLS,
    *,
    seconds: float = TOOL_SECONDS,
    owner: set[asyncio.Task[str]] | None = None,
) -> str:
    """The tool's output as JSON text; for an unknown name, bad arguments or a failure, one that says so.

    `owner` holds the tool's own task while it runs, which may be longer than this call of `run`.
    """
    tool = find(name, tools)
    if tool is None:
        offered = [each.name for each in list_offers(context.agent, (), tools)]
        return transfer_messages.refusal_output(f"there is no tool {name!r}; there are: {', '.join(offered)}")
    try:
        parsed = _read_arguments(arguments, tool.arguments)
    except BAD_JSON as error:
        return transfer_messages.refusal_output(f"bad arguments for {name}: {error}")
    job = asyncio.create_task(_run(tool, parsed, context))
    if owner is not None:
        owner.add(job)
        job.add_done_callback(owner.discard)
    if await _ends_within(seconds, job):
        return job.result()
    log.warning("tool %s took longer than %s s", tool.name, seconds)
    return transfer_messages.refusal_output(f"{tool.name} took too long")


async def _ends_within(seconds: float, job: asyncio.Task[str]) -> bool:
    """Whether it ended in time. If not, it is cancelled, and nobody waits for it."""
    try:
        done, _ = await asyncio.wait([job], timeout=seconds)
    finally:
        job.cancel()  # nothing happens to one that is done
    return bool(done)


async def _run[T: Struct](tool: Tool[T], parsed: T, context: ToolContext) -> str:
    try:
        return json.dumps(await tool.run(parsed, context))
    except asyncio.CancelledError:
        raise
    except BaseException:  # a user's tool may fail in any way, and SystemExit would end the process with all its calls
        log.exception("tool %s failed", tool.name)
        return transfer_messages.refusal_output(f"{tool.name} failed")


def find(name: str, tools: Sequence[Tool[Any]]) -> Tool[Any] | None:
    """The tool that the model means by the name; None: there is none."""
    return next(
        (tool for tool in tools if transfer_messages.fold_name(tool.name) == transfer_messages.fold_name(name)), None
    )


def _read_arguments[T: Struct](arguments: str, shape: type[T]) -> T:
    """The arguments in the tool's types; raises one of BAD_JSON.

    Small differences are accepted: null is the same as a missing argument, unknown fields are dropped, and a number may
    be written as text.
    """
    if shape is NoArguments:
        return shape()
    fields = decode(arguments if arguments.strip() else "{}")
    try:
        return convert({} if fields is None else fields, shape, str_keys=True)
    except ValidationError:
        if not isinstance(fields, dict):
            raise
        known = {field for field in shape.__struct_encode_fields__ if fields.get(field) is not None}
        return convert({field: fields[field] for field in fields if field in known}, shape, strict=False)


def make_schema(arguments: type[Struct]) -> dict[str, Json]:
    """The struct as the plain JSON Schema of an object."""
    whole = schema(arguments)
    name = arguments.__name__
    own: dict[str, Json] = dict(whole["$defs"][name])
    if f'"#/$defs/{name}"' not in json.dumps(whole["$defs"]):  # it does not hold itself
        del whole["$defs"][name]
    own.pop("title", None)
    own.pop("description", None)
    return own | {"$defs": whole["$defs"]} if whole["$defs"] else own
