"""The tools that the model may call."""

import asyncio
import contextlib
import json
from typing import Any, Literal

import pytest
from msgspec import Struct

from socket_server.call.tools import TOOLS, Tool, ToolContext, list_offers, make_schema, run
from socket_server.core.agent import Agent
from socket_server.core.tool_offers import Json

AGENT = Agent("Be brief.", "Greet.", opening_hours="Always.")
CONTEXT = ToolContext(AGENT, "CA1")


class Size(Struct):
    inches: float


class Order(Struct, forbid_unknown_fields=True):
    number: int
    size: Size
    kind: Literal["road", "town"] = "town"


async def look_up(order: Order, context: ToolContext) -> Json:
    return {"number": order.number, "inches": order.size.inches, "call": context.call_sid}


async def fail(order: Order, context: ToolContext) -> Json:
    raise ValueError(order, context)


async def answer_with_no_json(_: Order, __: ToolContext) -> Any:
    return object()


async def never_answer(_: Order, __: ToolContext) -> Json:
    return await asyncio.Event().wait()


TABLE: tuple[Tool[Any], ...] = (
    Tool("look_up", "Look an order up.", Order, look_up),
    Tool("fail", "Fail.", Order, fail),
    Tool("no_json", "Answer with nonsense.", Order, answer_with_no_json),
    Tool("never", "Take for ever.", Order, never_answer),
)
GOOD = '{"number": 1024, "size": {"inches": 28}}'


async def ask(name: str, arguments: str = GOOD, table: tuple[Tool[Any], ...] = TABLE) -> Any:
    return json.loads(await run(name, arguments, CONTEXT, table))


# --- running them


async def test_a_tool_answers_with_json() -> None:
    assert await ask("look_up") == {"number": 1024, "inches": 28.0, "call": "CA1"}


@pytest.mark.parametrize("arguments", ["", "{}"])
async def test_the_example_answers_from_the_agent_s_file(arguments: str) -> None:
    assert await ask("opening_hours", arguments, TOOLS) == {"opening_hours": "Always."}


@pytest.mark.parametrize(
    "arguments",
    [
        '{"number": 1024, "size": {"inches": 28}, "colour": "red"}',
        '{"number": "1024", "size": {"inches": 28}, "colour": null}',
    ],
)
async def test_what_does_not_matter_refuses_nothing(arguments: str) -> None:
    assert await ask("look_up", arguments) == {"number": 1024, "inches": 28.0, "call": "CA1"}


@pytest.mark.parametrize("name", ["functions.look_up", "Look-Up", " look_up"])
async def test_a_tool_s_name_is_folded(name: str) -> None:
    assert await ask(name) == {"number": 1024, "inches": 28.0, "call": "CA1"}


@pytest.mark.parametrize("arguments", ["null", " ", "{", '{"_": 1}'])
async def test_a_tool_that_needs_no_arguments_takes_any(arguments: str) -> None:
    assert await ask("opening_hours", arguments, TOOLS) == {"opening_hours": "Always."}


async def test_an_unknown_tool_is_told_with_the_names_there_are() -> None:
    assert await ask("lookup") == {
        "error": "there is no tool 'lookup'; there are: look_up, fail, no_json, never, transfer_to_human, end_call"
    }


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ("", "Object missing required field `number`"),
        ("{", "Input data was truncated"),
        ('{"number": "a", "size": {"inches": 28}}', "Expected `int`, got `str` - at `$.number`"),
        ('{"number": null, "size": {"inches": 28}}', "Object missing required field `number`"),
        ("[]", "Expected `object`, got `array`"),
        ("[" * 9000, "Input data was truncated"),
    ],
)
async def test_bad_arguments_are_told(arguments: str, why: str) -> None:
    assert await ask("look_up", arguments) == {"error": f"bad arguments for look_up: {why}"}


@pytest.mark.parametrize("name", ["fail", "no_json"])
async def test_a_tool_that_fails_is_told_as_failed(name: str, caplog: pytest.LogCaptureFixture) -> None:
    assert await ask(name) == {"error": f"{name} failed"}
    assert caplog.messages == [f"tool {name} failed"]


async def test_a_tool_that_takes_too_long_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    assert json.loads(await run("never", GOOD, CONTEXT, TABLE, seconds=0.0)) == {"error": "never took too long"}
    assert caplog.messages == ["tool never took longer than 0.0 s"]


# --- offering them


def test_a_tool_is_offered_with_the_schema_of_its_arguments() -> None:
    offer = list_offers(AGENT, [], TABLE)[0]

    assert (offer.name, offer.description) == ("look_up", "Look an order up.")
    assert offer.parameters == {
        "type": "object",
        "properties": {
            "number": {"type": "integer"},
            "size": {"$ref": "#/$defs/Size"},
            "kind": {"enum": ["road", "town"], "default": "town"},
        },
        "required": ["number", "size"],
        "additionalProperties": False,
        "$defs": {
            "Size": {
                "title": "Size",
                "type": "object",
                "properties": {"inches": {"type": "number"}},
                "required": ["inches"],
            }
        },
    }


class Part(Struct):
    parts: list["Part"]


def test_arguments_that_hold_themselves_keep_their_definition() -> None:
    own = {
        "type": "object",
        "properties": {"parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}}},
        "required": ["parts"],
    }

    assert make_schema(Part) == own | {"$defs": {"Part": {"title": "Part"} | own}}


# Whoever adds a tool to the table changes no test.
HOURS = [tool for tool in TOOLS if tool.name == "opening_hours"]


@pytest.mark.parametrize(
    ("hours", "names"),
    [("Always.", ["opening_hours", "transfer_to_human", "end_call"]), ("", ["transfer_to_human", "end_call"])],
)
def test_opening_hours_are_offered_where_the_agent_has_some(hours: str, names: list[str]) -> None:
    agent = Agent("Be brief.", "Greet.", opening_hours=hours)

    assert [offer.name for offer in list_offers(agent, [], HOURS)] == names


def test_the_tools_of_the_table_are_offered_before_those_of_the_core() -> None:
    shipped = [tool.name for tool in TOOLS]

    assert [offer.name for offer in list_offers(AGENT, [])] == [*shipped, "transfer_to_human", "end_call"]


def test_a_tool_without_arguments_takes_none() -> None:
    assert list_offers(AGENT, [], HOURS)[0].parameters == {
        "type": "object",
        "properties": {},
        "required": [],
        "additionalProperties": False,
    }


async def test_a_table_of_numbers_is_an_argument_as_json_has_it() -> None:
    class Counts(Struct):
        by_size: dict[int, str]

    async def count(arguments: Counts, _: ToolContext) -> Json:
        return arguments.by_size[7]

    table = (Tool("count", "Count.", Counts, count),)
    assert json.loads(await run("count", '{"by_size": {"7": "two"}}', CONTEXT, table)) == "two"


@pytest.mark.parametrize("fault", [SystemExit(2), KeyboardInterrupt(), GeneratorExit()])
async def test_a_tool_that_would_end_the_process_is_told_as_failed(fault: BaseException) -> None:
    async def leave(_: Order, __: ToolContext) -> Json:
        raise fault

    assert await ask("leave", table=(Tool("leave", "Leave.", Order, leave),)) == {"error": "leave failed"}


async def test_a_tool_that_does_not_end_when_it_is_told_to_is_not_waited_for() -> None:
    may_end = asyncio.Event()

    async def stay(_: Order, __: ToolContext) -> Json:
        while not may_end.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await may_end.wait()
        return "late"

    table = (Tool("stay", "Stay.", Order, stay),)
    assert json.loads(await run("stay", GOOD, CONTEXT, table, seconds=0.01)) == {"error": "stay took too long"}
    may_end.set()
