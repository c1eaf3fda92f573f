"""The report of a call, opened from a file."""

from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from console.report.write_report import write_report
from tests.browser.visits import Visits
from tests.console.example_call import SCRIPT, VIEW

PLAYHEAD = "parseFloat(document.querySelector('.timeline-head').style.getPropertyValue('--at'))"


@pytest_asyncio.fixture(loop_scope="session")
async def report(visits: Visits, tmp_path: Path) -> Page:
    write_report(VIEW, tmp_path / "call.html")
    page = await visits.open((tmp_path / "call.html").as_uri())
    await page.wait_for_selector(".figures")
    return page


async def test_it_asks_nobody_for_anything(report: Page, visits: Visits) -> None:
    await report.get_by_role("button", name="Twilio: Twilio asks what to do with the call").click()
    await report.wait_for_selector(".message-fields")

    assert visits.requests == [report.url]


async def test_what_a_caller_said_is_text(report: Page) -> None:
    await expect(report.locator(".turn-words", has_text=SCRIPT)).to_be_visible()
    assert await report.locator("script").count() == 3


async def test_its_policy_lets_no_other_script_run(report: Page, visits: Visits) -> None:
    await report.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
        }"""
    )

    assert await report.evaluate("window.ran") is None
    (problem,) = visits.problems
    assert "violates the following Content Security Policy directive" in problem
    visits.problems.clear()


async def test_the_playhead_follows_the_recording_that_plays(report: Page) -> None:
    await report.evaluate("document.querySelectorAll('audio')[1].play()")
    head = report.locator(".timeline-head")
    await expect(head).to_be_visible()
    began = await report.evaluate(PLAYHEAD)

    await report.wait_for_function(f"began => {PLAYHEAD} > began", arg=began)

    # Peter's recording begins 41 s after the call does: where the timeline says that he answered.
    answered = await report.get_by_role("button", name="Peter: Peter answers").bounding_box()
    now = await head.bounding_box()
    assert answered is not None
    assert now is not None
    assert now["x"] >= answered["x"]
    await expect(report.locator(".turn.now")).to_have_count(1)


async def test_only_one_recording_plays_at_a_time(report: Page) -> None:
    await report.evaluate("document.querySelectorAll('audio')[0].play()")
    await report.evaluate("document.querySelectorAll('audio')[1].play()")

    await report.wait_for_function("document.querySelectorAll('audio')[0].paused")
    assert await report.evaluate("document.querySelectorAll('audio')[1].paused") is False


async def test_a_click_on_the_axis_moves_players_and_playhead(report: Page) -> None:
    tick = report.locator(".timeline-axis span", has_text="0:50")
    await tick.click(position={"x": 1, "y": 10})

    times = await report.evaluate("[...document.querySelectorAll('audio')].map(audio => audio.currentTime)")
    # The recordings begin at 0.18 s and at 41 s.
    assert times == [pytest.approx(49.82, abs=0.2), pytest.approx(9.0, abs=0.2)]
    place, head = await tick.bounding_box(), await report.locator(".timeline-head").bounding_box()
    assert place is not None
    assert head is not None
    assert head["x"] == pytest.approx(place["x"], abs=2)


async def test_a_click_on_the_time_of_a_turn_moves_players_too(report: Page) -> None:
    await report.get_by_role("button", name="0:45.0: show on the timeline").click()

    assert await report.evaluate("document.querySelectorAll('audio')[1].currentTime") == pytest.approx(4.0, abs=0.2)
    await expect(report.locator(".turn.now")).to_contain_text("Hello, I see you called from …0001.")
