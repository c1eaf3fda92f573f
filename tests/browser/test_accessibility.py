"""Every page, in both themes, wide and narrow: axe finds nothing, and nothing stands beyond the edge."""

from dataclasses import replace
from pathlib import Path

import pytest

from console.report.write_report import write_report
from tests.browser.axe import find_violations
from tests.browser.visits import NARROW, WIDE, Visits
from tests.console.calls_in_memory import CallsInMemory, make_calls
from tests.console.example_call import SID, VIEW, view_at

EMPTY_SID, RUNNING_SID = "CA000000000000000000000000000e1119", "CA0000000000000000000000000000beef"
# What each page shows when it is ready.
PAGES = {
    "/calls": "table.calls",
    "/calls?number=99999": ".empty",
    "/calls?day=tomorrow": ".problem",
    f"/calls/{SID}": ".figures",
    f"/calls/{RUNNING_SID}": ".figures",
    f"/calls/{EMPTY_SID}": ".figures",
    "/calls/CA-none": ".problem",
}
REFUSED = {"/calls?day=tomorrow", "/calls/CA-none"}


def make_source() -> CallsInMemory:
    running = view_at(40_000)
    empty = replace(view_at(0), entries=(), turns=(), notes=())
    return CallsInMemory(
        VIEW,
        replace(running, summary=replace(running.summary, sid=RUNNING_SID)),
        replace(empty, summary=replace(empty.summary, sid=EMPTY_SID)),
        *make_calls(12),
    )


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_breaks_no_rule_in_any_look(visits: Visits, path: str) -> None:
    async with visits.serve(make_source()) as address:
        page = await visits.open(address)
        await page.goto(address.split("/?")[0] + path)
        await page.wait_for_selector(PAGES[path])

        violations = await find_violations(visits, page)

    assert violations == []
    if path in REFUSED:
        visits.problems.clear()  # Chromium says so of its own


@pytest.mark.parametrize("width", [WIDE, NARROW])
async def test_an_open_entry_breaks_no_rule_in_any_look(visits: Visits, tmp_path: Path, width: int) -> None:
    write_report(VIEW, tmp_path / "call.html")
    page = await visits.open((tmp_path / "call.html").as_uri(), width=width)
    await page.get_by_role("button", name="Twilio: Twilio asks what to do with the call").click()
    await page.wait_for_selector(".message-fields")

    violations = await find_violations(visits, page)

    assert violations == []
