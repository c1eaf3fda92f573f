"""What the board adds to the pages: orders to a call, behind the same checks, and links to its log."""

from typing import Any

import httpx
import pytest

from console.board.actions import Actions
from console.board.log_links import LogGroups
from console.board.routes import make_extension
from tests.console.board.noted_actions import NotedActions
from tests.console.calls_in_memory import CallsInMemory
from tests.console.example_call import SID, VIEW
from tests.console.web.pages_client import ORIGIN, make_source_client

ORDER = {"request_id": "board_1", "destination": "front_desk"}


def make_board_client(actions: Actions) -> httpx.AsyncClient:
    source = CallsInMemory(VIEW)
    return make_source_client(source, make_extension(source, actions, LogGroups("us-east-1", ("/ecs/w",))))


async def post(actions: Actions, what: str, order: Any, *, sid: str = SID, origin: str = ORIGIN) -> httpx.Response:
    async with make_board_client(actions) as client:
        content = order if isinstance(order, bytes) else None
        return await client.post(
            f"/api/board/calls/{sid}/{what}",
            content=content,
            json=None if content is not None else order,
            headers={"Origin": origin},
        )


async def test_an_order_is_carried_out_and_its_outcome_told() -> None:
    actions = NotedActions()

    answers = [await post(actions, "transfer", ORDER), await post(actions, "end", {"request_id": "board_2"})]

    assert [answer.json() for answer in answers] == [
        {"done": True, "sentence": "It rings."},
        {"done": True, "sentence": "Goodbye is said."},
    ]
    assert actions.done == [(SID, "front_desk", "board_1"), (SID, "board_2")]


@pytest.mark.parametrize(
    ("order", "status"),
    [
        (b"", 400),
        (b"no JSON", 400),
        ([], 400),
        ({}, 400),
        ({"request_id": 7}, 400),
        ({"request_id": "b", "destination": None}, 400),
        ({"request_id": "b"}, 400),
        ({**ORDER, "more": 1}, 400),
        ({**ORDER, "destination": "x" * 3000}, 413),
    ],
)
async def test_an_order_that_cannot_be_meant_is_refused_in_one_sentence(order: object, status: int) -> None:
    actions = NotedActions()

    answer = await post(actions, "transfer", order)

    assert answer.status_code == status
    assert len(answer.text.splitlines()) == 1
    assert actions.done == []


@pytest.mark.parametrize("what", ["transfer", "end"])
async def test_an_order_of_another_page_is_refused(what: str) -> None:
    actions = NotedActions()

    answer = await post(actions, what, ORDER, origin="https://example.org")

    assert (answer.status_code, actions.done) == (403, [])


@pytest.mark.parametrize("path", [f"/api/board/calls/{SID}/transfer", f"/api/board/calls/{SID}/end"])
async def test_nothing_is_done_without_a_post(path: str) -> None:
    actions = NotedActions()
    async with make_board_client(actions) as client:
        answer = await client.get(path)

    assert (answer.status_code, actions.done) == (405, [])


async def test_a_call_that_cannot_be_is_not_found() -> None:
    actions = NotedActions()

    answer = await post(actions, "end", ORDER, sid="nonsense")

    assert (answer.status_code, actions.done) == (404, [])


async def test_a_problem_of_the_function_is_one_sentence() -> None:
    actions = NotedActions("Your AWS user may not call Invoke.")
    async with make_board_client(actions) as client:
        listed = await client.get("/api/board/destinations")
    answers = [listed, await post(actions, "transfer", ORDER), await post(actions, "end", ORDER)]

    assert {(answer.status_code, answer.text) for answer in answers} == {(502, "Your AWS user may not call Invoke.\n")}


async def test_what_the_function_says_has_no_number_and_no_key() -> None:
    answer = await post(NotedActions("+15550100002 refused sk-0123456789abcdefghij \ud800"), "end", ORDER)

    assert (answer.status_code, answer.text) == (502, "…0002 refused … ?\n")


async def test_the_page_of_a_call_has_the_orders_and_the_link() -> None:
    async with make_board_client(NotedActions()) as client:
        page = (await client.get(f"/calls/{SID}")).text
        module = await client.get("/static/operator-actions.js")
        style = await client.get("/static/board.css")
        logs = (await client.get(f"/api/board/calls/{SID}/logs")).json()
        unknown = await client.get(f"/api/board/calls/CA{'9' * 32}/logs")
        destinations = (await client.get("/api/board/destinations")).json()

    assert f'<operator-actions sid="{SID}">' in page
    assert (module.status_code, style.status_code, unknown.status_code) == (200, 200, 404)
    assert logs["url"].startswith("https://us-east-1.console.aws.amazon.com/cloudwatch/")
    assert destinations["destinations"][0] == {"name": "front_desk", "description": "<b>Anna</b>", "open": True}
