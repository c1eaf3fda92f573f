"""The board's page of a call that runs: orders come after a question, and say what became of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, expect

from console.board.log_links import LogGroups
from console.board.routes import make_extension
from tests.browser.axe import find_violations
from tests.browser.visits import NARROW, WIDE, Visits
from tests.console.board.noted_actions import NotedActions
from tests.console.calls_in_memory import CallsInMemory
from tests.console.example_call import SID, VIEW, view_at
from tests.console.example_pages import serve_example


@asynccontextmanager
async def open_call(
    visits: Visits, actions: NotedActions, *, width: int = WIDE
) -> AsyncIterator[tuple[Page, CallsInMemory]]:
    """The page of a call that runs."""
    source = CallsInMemory(view_at(40_000))
    extension = make_extension(source, actions, LogGroups("us-east-1", ("/ecs/warmline",)))
    async with serve_example(source, extension) as address:
        page = await visits.open(address, width=width)
        await page.goto(f"{address.split('/?')[0]}/calls/{SID}")
        await page.wait_for_selector(".figures")
        yield page, source
        await visits.leave()


async def test_a_caller_is_put_through_to_whom_was_chosen(visits: Visits) -> None:
    actions = NotedActions()
    async with open_call(visits, actions) as (page, _):
        await page.get_by_role("button", name="Put through to …").click()
        await page.get_by_label("To", exact=True).select_option("workshop")
        await page.get_by_role("button", name="Put through", exact=True).click()

        await expect(page.locator("operator-actions .told")).to_have_text("It rings.")
        ((sid, destination, request_id),) = actions.done
        assert (sid, destination) == (SID, "workshop")
        assert request_id.startswith("board_")


async def test_a_goodbye_is_said_after_a_question(visits: Visits) -> None:
    actions = NotedActions()
    async with open_call(visits, actions) as (page, _):
        await page.get_by_role("button", name="Say goodbye").click()
        await page.get_by_role("button", name="Cancel").click()
        assert actions.done == []

        await page.get_by_role("button", name="Say goodbye").click()
        await page.get_by_role("dialog").get_by_role("button", name="Say goodbye").click()

        await expect(page.locator("operator-actions .told")).to_have_text("Goodbye is said.")
        assert len(actions.done) == 1


async def test_an_order_is_given_by_keyboard_alone(visits: Visits) -> None:
    actions = NotedActions()
    async with open_call(visits, actions) as (page, _):
        await page.get_by_role("button", name="Say goodbye").focus()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_be_hidden()
        await page.keyboard.press("Enter")  # the focus is back on the button
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")

        await expect(page.locator("operator-actions .told")).to_have_text("Goodbye is said.")


async def test_a_call_that_is_over_takes_no_orders(visits: Visits) -> None:
    async with open_call(visits, NotedActions()) as (page, source):
        await page.get_by_role("button", name="Say goodbye").click()
        source.put(VIEW)

        await expect(page.get_by_role("dialog")).to_be_hidden()
        await expect(page.get_by_role("button", name="Say goodbye")).to_be_hidden()
        await expect(page.locator("operator-actions .told")).to_have_text("The call is over.")


async def test_a_problem_is_told_in_its_sentence(visits: Visits) -> None:
    async with open_call(visits, NotedActions("Your AWS user may not call Invoke.")) as (page, _):
        await page.get_by_role("button", name="Put through to …").click()

        await expect(page.locator("operator-actions .told")).to_have_text("Your AWS user may not call Invoke.")
    assert all("502" in problem for problem in visits.problems)
    visits.problems.clear()  # Chromium says so of its own


async def test_the_link_leads_to_the_log_lines(visits: Visits) -> None:
    async with open_call(visits, NotedActions()) as (page, _):
        link = page.get_by_role("link", name="Log lines")

        await expect(link).to_be_visible()
        href = await link.get_attribute("href")
        assert href
        assert href.startswith("https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logsV2:")


@pytest.mark.parametrize("width", [WIDE, NARROW])
async def test_a_question_breaks_no_rule_in_any_look(visits: Visits, width: int) -> None:
    async with open_call(visits, NotedActions(), width=width) as (page, _):
        without = await find_violations(visits, page)
        await page.get_by_role("button", name="Put through to …").click()
        await page.wait_for_selector("dialog[open]")

        assert without + await find_violations(visits, page) == []
