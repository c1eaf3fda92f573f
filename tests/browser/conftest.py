"""One Chromium for all tests here, and pages that fail a test by an error that nobody expected."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.browser.chromium import launch
from tests.browser.visits import Visits


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All in one event loop: it is the browser's."""
    for item in items:
        if pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visits(browser: Browser) -> AsyncIterator[Visits]:
    made = Visits(browser)
    yield made
    await made.leave()
    assert made.problems == []
