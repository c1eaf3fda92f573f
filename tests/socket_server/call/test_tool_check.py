"""What of the table of tools is refused before a call meets it."""

from functools import partial
from typing import Any

import pytest
from msgspec import Struct

from socket_server.call.tool_check import check_tools
from socket_server.call.tools import Tool, ToolContext
from socket_server.core.errors import SettingError
from socket_server.core.tool_offers import Json


class Order(Struct):
    number: int


async def look_up(order: Order, _: ToolContext) -> Json:
    return order.number


TABLE: tuple[Tool[Any], ...] = (Tool("look_up", "Look an order up.", Order, look_up),)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("order status", "expected a name of letters, digits, _ and -, at most 64"),
        ("", "expected a name of letters"),
        ("a" * 65, "expected a name of letters"),
        ("end_call", "the name is taken by a tool that every session has"),
        ("Transfer-To-Human", "the name is taken by a tool that every session has"),
        ("Look-Up", "the name is taken by the tool 'look_up'"),
    ],
)
def test_a_tool_that_no_service_would_take_is_refused_before_a_call_meets_it(name: str, why: str) -> None:
    with pytest.raises(SettingError, match=why):
        check_tools((*TABLE, Tool(name, "Do it.", Order, look_up)))


@pytest.mark.parametrize("description", ["", " \n"])
def test_a_tool_without_a_description_is_refused(description: str) -> None:
    with pytest.raises(SettingError, match="tool 'quiet': expected a description"):
        check_tools((*TABLE, Tool("quiet", description, Order, look_up)))


def test_every_fault_of_the_table_is_told_at_once() -> None:
    class Strange(Struct):
        number: complex

    table = (*TABLE, Tool("a b", "Do it.", Order, look_up), Tool("twist", "Do it.", Strange, look_up))

    with pytest.raises(SettingError) as wrong:
        check_tools(table)

    named, strange = str(wrong.value).splitlines()
    assert named == ("socket_server/call/tools.py: tool 'a b': expected a name of letters, digits, _ and -, at most 64")
    assert strange.startswith("socket_server/call/tools.py: tool 'twist': expected arguments that JSON can hold: ")


def test_arguments_that_are_a_list_in_json_are_refused() -> None:
    class Pair(Struct, array_like=True):
        number: int

    with pytest.raises(SettingError, match="tool 'pair': expected arguments that are an object in JSON, got an array"):
        check_tools((*TABLE, Tool("pair", "Do it.", Pair, look_up)))


def test_the_tools_that_are_there_can_be_offered() -> None:
    check_tools()


def answer_at_once(order: Order, _: ToolContext) -> Json:
    return order.number


async def answer_without_a_context(order: Order) -> Json:
    return order.number


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (answer_at_once, "tool 'x': expected `async def answer_at_once`, got `def`"),
        (answer_without_a_context, "tool 'x': expected a coroutine that takes two values, .*: too many positional"),
    ],
)
def test_a_function_that_no_call_could_use_is_refused(run: Any, said: str) -> None:
    with pytest.raises(SettingError, match=said):
        check_tools((*TABLE, Tool("x", "Do it.", Order, run)))


def test_a_coroutine_in_another_form_is_taken() -> None:
    class Shop:
        async def look_up(self, order: Order, _: ToolContext) -> Json:
            return order.number

    check_tools((Tool("one", "Do it.", Order, Shop().look_up), Tool("two", "Do it.", Order, partial(look_up))))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (TABLE[0], "TOOLS: expected a tuple, got a Tool: is a comma missing?"),
        (None, "TOOLS: expected a tuple, got a NoneType"),
        ((*TABLE, Tool), "TOOLS: expected a Tool as entry 2, got a type"),
        ([Tool(7, "Do it.", Order, look_up)], "tool 7: expected a name of letters"),  # type: ignore[arg-type]  # a user's
        ([Tool("x", None, Order, look_up)], "tool 'x': expected a description, by which .*, got None"),  # type: ignore[arg-type]  # a user's
        ([Tool("x", "Do it.", int, look_up)], "tool 'x': expected a struct of arguments, got <class 'int'>"),  # type: ignore[arg-type, type-var]  # a user's
        ([Tool("x", "Do it.", Order, None)], "tool 'x': expected a coroutine that answers, got None"),  # type: ignore[arg-type]  # a user's
    ],
)
def test_whatever_stands_in_the_table_is_refused_with_its_place(table: object, said: str) -> None:
    with pytest.raises(SettingError, match=said):
        check_tools(table)
