"""Each button of "What if?", pressed in a call of the page: the caller is served."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from console.play.options import Options
from console.play.program import Playing, run_playing
from console.play.what_if import FAULTS
from sandbox.speech.voices.lines import line
from sandbox.twilio.events import PlayoutStarted
from tests.browser.axe import find_violations
from tests.browser.test_play import (
    ANNA,
    CALLER,
    LATE_MS,
    find_card,
    press,
    serve_telephones,
    wait_for_state,
    wait_until_heard,
)
from tests.browser.visits import Visits

ASK = line("ask_person")
HAPPEN = [fault for fault in FAULTS if not fault.lasts]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def playing() -> AsyncIterator[Playing]:
    async with run_playing(Options(0, "", "sandbox")) as playing:
        yield playing


async def call(page: Page) -> None:
    """The caller hears the greeting. There is no microphone, and the page says so."""
    await press(page, CALLER, "Call")
    await wait_for_state(page, CALLER, "talking")
    await wait_until_heard(page, CALLER)


async def let_happen(page: Page, title: str) -> None:
    await page.get_by_role("button", name=title, exact=True).click(timeout=LATE_MS)
    await expect(page.locator("call-page").get_by_text(f"What if? {title}").first).to_be_attached(timeout=LATE_MS)


async def ask_for_anna(page: Page) -> None:
    await press(page, CALLER, f"“{ASK.text}”")


async def hang_up(page: Page) -> None:
    await press(page, CALLER, "Hang up")
    await wait_for_state(page, CALLER, "ended")


@pytest.mark.parametrize("fault", HAPPEN, ids=lambda fault: fault.name)
async def test_after_it_the_caller_talks_on_and_reaches_a_person(
    playing: Playing, visits: Visits, fault: object
) -> None:
    title = next(each.title for each in HAPPEN if each is fault)
    async with serve_telephones(playing, visits) as address:
        page = await visits.open(address)
        await call(page)
        await let_happen(page, title)
        await ask_for_anna(page)
        await wait_for_state(page, ANNA, "ringing")
        await press(page, ANNA, "Decline")
        await hang_up(page)


async def test_a_slow_table_is_heard_by_nobody(playing: Playing, visits: Visits) -> None:
    async with serve_telephones(playing, visits) as address:
        page = await visits.open(address)
        await call(page)
        await let_happen(page, "The table is slow")
        played = len(playing.local.environment.carrier.events.of(PlayoutStarted))
        await press(page, CALLER, f"“{line('ask_hours').text}”")
        events = playing.local.environment.carrier.events
        await events.wait_for(PlayoutStarted, lambda _: len(events.of(PlayoutStarted)) > played)
        await hang_up(page)


async def test_a_failing_transfer_function_leaves_the_caller_with_the_assistant(
    playing: Playing, visits: Visits
) -> None:
    async with serve_telephones(playing, visits) as address:
        page = await visits.open(address)
        await call(page)
        await let_happen(page, "The transfer function fails")
        await ask_for_anna(page)
        await expect(page.locator("call-transcript")).to_contain_text(line("failed").text[:20], timeout=LATE_MS)
        assert await find_violations(visits, page) == []
        await hang_up(page)
        pressed = page.get_by_role("button", name="The transfer function fails", exact=True)
        await expect(pressed).to_have_attribute("aria-pressed", "false", timeout=LATE_MS)


async def test_when_nobody_answers_the_caller_is_back_with_the_assistant(playing: Playing, visits: Visits) -> None:
    async with serve_telephones(playing, visits) as address:
        page = await visits.open(address)
        await call(page)
        await let_happen(page, "Nobody answers")
        await ask_for_anna(page)
        await wait_for_state(page, ANNA, "ringing")
        await press(page, ANNA, "Answer")
        await expect(find_card(page, ANNA)).to_have_attribute("data-state", "ringing")
        await expect(page.locator("call-transcript")).to_contain_text(line("no_answer").text[:20], timeout=LATE_MS)
        await hang_up(page)
