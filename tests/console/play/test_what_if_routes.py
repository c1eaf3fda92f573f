from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest

from console.play.what_if import FAULTS, UnknownFaultError, WhatIf
from console.play.what_if_routes import make_routes
from console.web.app import make_app
from console.web.app_state import Extension
from console.web.serve import serve
from sandbox.program import ProgramError
from tests.console.calls_in_memory import CallsInMemory


@dataclass(slots=True)
class Pressed(WhatIf):
    """Does nothing but remember."""

    names: list[str] = field(default_factory=list)

    async def press(self, name: str) -> None:
        if name not in {each.name for each in FAULTS}:
            raise UnknownFaultError(f"There is no fault {name!r}.")
        if name == "deploy":
            raise ProgramError("socket_server ended")
        self.names.append(name)

    @property
    def lasting(self) -> frozenset[str]:
        return frozenset(self.names) & {each.name for each in FAULTS if each.lasts}


@dataclass(slots=True)
class Page:
    what_if: Pressed
    browser: httpx.AsyncClient
    origin: str

    async def press(self, name: str) -> httpx.Response:
        return await self.browser.post(f"{self.origin}/api/what-if/{name}", headers={"Origin": self.origin})


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    what_if = Pressed()
    app = make_app(CallsInMemory(), Extension(routes=make_routes(what_if)))
    async with serve(app) as address, httpx.AsyncClient(trust_env=False, follow_redirects=True) as browser:
        await browser.get(address)
        yield Page(what_if, browser, address.partition("/?")[0])


async def test_every_button_is_shown_with_what_to_expect(page: Page) -> None:
    answer = await page.browser.get(f"{page.origin}/api/what-if")

    assert [each["name"] for each in answer.json()["faults"]] == [each.name for each in FAULTS]
    assert all(each["title"] and each["expected"] for each in answer.json()["faults"])


async def test_a_button_that_lasts_is_on_after_it_was_pressed(page: Page) -> None:
    faults = (await page.press("table_slow")).json()["faults"]

    assert [each["name"] for each in faults if each["on"]] == ["table_slow"]
    assert page.what_if.names == ["table_slow"]


async def test_a_button_that_does_not_exist_is_one_sentence(page: Page) -> None:
    answer = await page.press("format_disk")

    assert (answer.status_code, answer.text) == (404, "There is no fault 'format_disk'.\n")


async def test_a_container_that_does_not_come_up_is_one_sentence(page: Page) -> None:
    answer = await page.press("deploy")

    assert (answer.status_code, answer.text) == (503, "No container came up: socket_server ended\n")


async def test_only_the_page_itself_may_press(page: Page) -> None:
    url = f"{page.origin}/api/what-if/table_slow"

    foreign = await page.browser.post(url, headers={"Origin": "http://example.com"})

    assert (foreign.status_code, page.what_if.names) == (403, [])
