"""The page of `make play` in Chromium: somebody calls, a person is rung and answers, both hear each other."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from console.play.options import Options
from console.play.pages import make_extension
from console.play.program import Playing, run_playing
from console.web.app import make_app
from console.web.serve import serve
from sandbox.demo.line_recognition import LineRecogniser, start_line_recogniser
from sandbox.speech import mulaw
from sandbox.speech.voices.lines import line
from sandbox.twilio.events import Bridged
from sandbox.twilio.phones import Phone
from tests.browser.axe import find_violations
from tests.browser.chromium import launch
from tests.browser.visits import Visits

CALLER, ANNA = 0, 1
ASK = line("ask_person")
# The microphone begins when the page opens it, and again from the start at its end. A second sentence comes when the
# first one has been answered, also on a busy machine.
SPEAKS = mulaw.silence(6000) + ASK.audio + mulaw.silence(14_000)
LOUD = 0.1  # of a peak that may be 1; noise of a quiet line is a hundredth of it
LATE_MS = 60_000  # whatever the call comes to, on a busy machine


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def playing() -> AsyncIterator[Playing]:
    async with run_playing(Options(0, "", "sandbox")) as playing:
        yield playing


@pytest.fixture(scope="module")
def recogniser() -> Iterator[LineRecogniser]:
    with start_line_recogniser() as recogniser:
        yield recogniser


@asynccontextmanager
async def serve_telephones(playing: Playing, visits: Visits) -> AsyncIterator[str]:
    """The address; its pages are left before it ends, and every call is over then."""
    async with serve(make_app(playing.local.source, make_extension(playing.telephones, playing.what_if))) as address:
        try:
            yield address
        finally:
            await visits.leave()
            for call in playing.local.environment.carrier.calls.values():
                call.hang_up("party")
                await call.signals.over.wait()


@asynccontextmanager
async def open_microphone(speaks: bytes, folder: Path) -> AsyncIterator[Browser]:
    """A Chromium whose microphone hears this, again and again."""
    sound = folder / "speaks.wav"
    mulaw.write_wav(sound, speaks)
    async with async_playwright() as playwright:
        browser = await launch(
            playwright,
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-audio-capture={sound}",
        )
        yield browser
        await browser.close()


def find_card(page: Page, number: int) -> Locator:
    return page.locator("phone-card").nth(number)


async def press(page: Page, card: int, name: str) -> None:
    await find_card(page, card).get_by_role("button", name=name, exact=True).click(timeout=LATE_MS)


async def wait_for_state(page: Page, card: int, state: str) -> None:
    await expect(find_card(page, card)).to_have_attribute("data-state", state, timeout=LATE_MS)


async def wait_until_heard(page: Page, card: int) -> None:
    """Until what the page plays of this telephone's ear is as loud as a voice, or a ringing tone."""
    ear = find_card(page, card).get_by_label("Heard")
    async with asyncio.timeout(LATE_MS / 1000):
        while await ear.evaluate("meter => meter.value") < LOUD:
            await page.wait_for_timeout(50)  # shorter than the page takes to show another level


async def wait_until_recognised(recogniser: LineRecogniser, phone: Phone, from_ms: int) -> None:
    """Until a recogniser finds the microphone's sentence in what this telephone has heard since then."""
    async with asyncio.timeout(LATE_MS / 1000):
        while not await recogniser.contains_line(phone.heard[from_ms * mulaw.BYTES_PER_MS :], ASK.name):
            await phone.wait(500)


async def test_a_caller_speaks_and_a_person_is_heard_at_both_ends(
    playing: Playing, recogniser: LineRecogniser, tmp_path: Path
) -> None:
    events = playing.local.environment.carrier.events
    async with open_microphone(SPEAKS, tmp_path) as browser:
        visits = Visits(browser)
        async with serve_telephones(playing, visits) as address:
            page = await visits.open(address)
            await press(page, CALLER, "Call")
            await wait_until_heard(page, CALLER)  # the ringing, or the greeting
            await expect(page.locator(".turn-words", has_text=ASK.text).first).to_be_visible(timeout=LATE_MS)

            await press(page, ANNA, "Answer")
            await wait_until_heard(page, ANNA)  # who calls
            await page.keyboard.press("1")
            bridged = await events.wait_for(Bridged)
            calls = playing.local.environment.carrier.calls
            anna = calls[bridged.with_sid]
            caller = anna.parent
            assert caller is not None, "she was rung for a caller"
            bridged_ms = caller.phone.heard_ms, anna.phone.heard_ms
            await wait_until_heard(page, CALLER)  # Anna, who has the microphone
            await wait_until_recognised(recogniser, caller.phone, bridged_ms[0])
            await press(page, CALLER, "Speak here")
            await wait_until_heard(page, ANNA)
            await wait_until_recognised(recogniser, anna.phone, bridged_ms[1])

            await press(page, CALLER, "Hang up")
            await wait_for_state(page, CALLER, "ended")
            await wait_for_state(page, ANNA, "ended")
            await expect(page.locator(".badge", has_text="Talked with a person")).to_be_visible(timeout=LATE_MS)

            async with page.expect_download() as downloading:
                await page.get_by_role("link", name="Save as a report").click()
            saved = tmp_path / "report.html"
            await (await downloading.value).save_as(saved)
            report = await visits.open(saved.as_uri())
            await expect(report.locator(".badge", has_text="Talked with a person")).to_be_visible()
            await expect(report.locator(".turn-words", has_text=ASK.text).first).to_be_visible()

    assert visits.problems == []


async def test_without_a_microphone_recorded_sentences_do(playing: Playing, visits: Visits) -> None:
    async with serve_telephones(playing, visits) as address:
        page = await visits.open(address)
        quiet = await find_violations(visits, page)
        await press(page, CALLER, "Call")
        await expect(page.get_by_role("alert").filter(has_text="microphone")).to_be_visible(timeout=LATE_MS)
        await wait_for_state(page, CALLER, "talking")
        await wait_until_heard(page, CALLER)
        await press(page, CALLER, f"“{ASK.text}”")
        await wait_for_state(page, ANNA, "ringing")
        ringing = await find_violations(visits, page)
        await press(page, ANNA, "Decline")
        await expect(find_card(page, ANNA)).to_contain_text("You declined the call.", timeout=LATE_MS)
        await press(page, CALLER, "Hang up")
        await wait_for_state(page, CALLER, "ended")

    assert (quiet, ringing) == ([], [])


async def test_a_page_that_is_loaded_again_in_a_call_gets_microphone_and_sound_back(
    playing: Playing, tmp_path: Path
) -> None:
    async with open_microphone(SPEAKS, tmp_path) as browser:
        visits = Visits(browser)
        async with serve_telephones(playing, visits) as address:
            page = await visits.open(address)
            await press(page, CALLER, "Call")
            await wait_for_state(page, CALLER, "talking")
            await page.reload()
            await press(page, CALLER, "Speak here")
            await expect(page.locator(".turn-words", has_text=ASK.text).first).to_be_visible(timeout=LATE_MS)
            await wait_until_heard(page, CALLER)  # the answer

    assert visits.problems == []


async def test_a_long_word_stays_within_its_telephone(playing: Playing, visits: Visits) -> None:
    async with serve_telephones(playing, visits) as address:
        page = await visits.open(address)
        await find_card(page, CALLER).evaluate(
            "card => card.show({...card.telephone, state: 'ended', reason: 'https://' + 'application.'.repeat(9)})"
        )
        beyond = await find_card(page, CALLER).evaluate(
            "card => card.getBoundingClientRect().right - card.closest('phone-set').getBoundingClientRect().right"
        )

    assert beyond <= 0


async def test_a_telephone_works_by_keyboard_alone(playing: Playing, visits: Visits) -> None:
    async with serve_telephones(playing, visits) as address:
        page = await visits.open(address)
        await find_card(page, CALLER).get_by_role("button", name="Call", exact=True).focus()
        await page.keyboard.press("Enter")
        await wait_for_state(page, CALLER, "talking")
        await find_card(page, CALLER).get_by_role("button", name="Hang up").focus()
        await page.keyboard.press("Space")
        await wait_for_state(page, CALLER, "ended")


async def test_another_page_takes_the_telephones_and_the_first_one_can_take_them_back(
    playing: Playing, visits: Visits
) -> None:
    async with serve_telephones(playing, visits) as address:
        first = await visits.open(address)
        await expect(find_card(first, CALLER)).to_be_visible()
        second = await visits.open(address)
        await expect(find_card(second, CALLER)).to_be_visible()
        await expect(first.get_by_text("Another page has the telephones now.")).to_be_visible()

        await first.get_by_role("button", name="Use the telephones here").click()
        await expect(second.get_by_text("Another page has the telephones now.")).to_be_visible()
        await expect(first.get_by_text("Another page has the telephones now.")).to_be_hidden()
