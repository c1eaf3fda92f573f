"""The list of calls: filtered by its form, changed while it is looked at, and honest when it cannot be."""

from dataclasses import replace

from playwright.async_api import Page, expect

from console.call_source import SourceError
from console.call_view import CallSummary, CallView
from tests.browser.visits import Visits
from tests.console.calls_in_memory import CallsInMemory, make_calls
from tests.console.example_call import BEGAN_MS, SCRIPT, SID, VIEW, view_at
from tests.console.example_pages import serve_example


def rename(view: CallView, sid: str, **changes: str | int) -> CallView:
    """The same call as another one."""
    summary: CallSummary = replace(view.summary, sid=sid, **changes)  # type: ignore[arg-type]  # each field has its own
    return replace(view, summary=summary)


async def open_list(visits: Visits, address: str, query: str = "") -> Page:
    page = await visits.open(address)
    await page.goto(f"{address.split('/?')[0]}/calls{query}")
    return page


async def test_a_call_appears_and_changes_while_the_list_is_looked_at(visits: Visits) -> None:
    source = CallsInMemory(VIEW)
    async with visits.serve(source) as address:
        page = await open_list(visits, address)
        rows = page.locator("tbody tr")
        await expect(page.locator(".state")).to_have_text("1 call. Read with 0.5 read units of the table.")
        old = rows.first.get_by_role("link")
        await old.focus()

        source.put(rename(view_at(5_000), "CAnew", began_at_ms=BEGAN_MS + 1_000))
        await expect(rows.first.locator(".outcome")).to_have_text("running")
        source.put(rename(VIEW, "CAnew", began_at_ms=BEGAN_MS + 1_000))
        await expect(rows.first.locator(".outcome")).to_have_text("talked with Peter for 19 s")

        await expect(rows).to_have_count(2)
        await expect(rows.nth(1).get_by_role("link")).to_be_focused()


async def test_a_script_in_a_call_is_text(visits: Visits) -> None:
    source = CallsInMemory(rename(VIEW, SID, caller=SCRIPT, outcome_text=SCRIPT, destination=SCRIPT))
    async with visits.serve(source) as address:
        page = await open_list(visits, address, f"?words={SCRIPT}")

        await expect(page.locator("td", has_text=SCRIPT)).to_have_count(3)
        await expect(page.get_by_role("searchbox", name="Words")).to_have_value(SCRIPT)

    assert visits.problems == []


async def test_the_form_filters_and_its_downloads_do_the_same(visits: Visits) -> None:
    async with visits.serve(CallsInMemory(VIEW, *make_calls(12))) as address:
        page = await open_list(visits, address)
        await page.get_by_role("combobox", name="Outcome").select_option("Left a message")
        await page.get_by_role("textbox", name="Number ends with").fill("0007")
        await page.get_by_role("button", name="Show").click()
        await expect(page.locator("tbody tr")).to_have_count(1)
        async with page.expect_download() as download:
            await page.get_by_role("link", name="CSV").click()
        file = await (await download.value).path()

        assert file.read_text("utf-8-sig").splitlines()[1].split(",")[3:6] == ["…0007", "…0100", "message"]
        await page.get_by_role("link", name="Show all").click()
        await expect(page.locator("tbody tr")).to_have_count(13)


async def test_whole_numbers_are_shown_only_when_asked_in_the_call_too(visits: Visits) -> None:
    async with visits.serve(CallsInMemory(VIEW)) as address:
        page = await open_list(visits, address)
        await expect(page.locator("tbody td").nth(1)).to_have_text("…0001")
        await page.get_by_role("checkbox", name="Whole numbers").check()
        await page.get_by_role("button", name="Show").click()
        await expect(page.locator("tbody td").nth(1)).to_have_text("+15550100001")
        await page.locator("tbody").get_by_role("link").click()

        await expect(page.get_by_role("heading", name="Call from +15550100001 to +15550100100")).to_be_visible()


async def test_an_empty_list_says_how_to_make_a_call_appear(visits: Visits) -> None:
    async with visits.serve(CallsInMemory()) as address:
        page = await open_list(visits, address)

        await expect(page.locator(".empty")).to_have_text(
            "No call yet. Call your number: the call appears here within two seconds."
        )
        await expect(page.locator("table")).to_be_hidden()


async def test_a_list_that_cannot_be_read_says_why_until_it_can(visits: Visits) -> None:
    source = CallsInMemory(VIEW)
    source.error = SourceError("The credentials have expired: run aws sso login.")
    async with visits.serve(source) as address:
        page = await open_list(visits, address)
        await expect(page.get_by_role("alert")).to_have_text(str(source.error))
        source.error = None

        await expect(page.locator("tbody tr")).to_have_count(1, timeout=30_000)
        await expect(page.get_by_role("alert")).to_have_count(0)


async def test_a_program_that_is_gone_is_said_and_the_list_stays(visits: Visits) -> None:
    async with serve_example(CallsInMemory(VIEW)) as address:
        page = await open_list(visits, address)
        await expect(page.locator("tbody tr")).to_have_count(1)

    await expect(page.locator(".state")).to_have_text("The connection to the program is lost. Trying again …")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await visits.leave()
    visits.problems.clear()  # Chromium says so of its own


async def test_the_key_of_an_earlier_start_leads_to_a_sentence(visits: Visits) -> None:
    async with serve_example(CallsInMemory(VIEW)) as first:
        page = await open_list(visits, first)
        await expect(page.locator("tbody tr")).to_have_count(1)
    port = int(first.split(":")[2].split("/")[0])
    async with serve_example(CallsInMemory(VIEW), port=port):
        await expect(page.get_by_role("alert")).to_have_text(
            "Open the address that the program printed when it started: it has the key to these pages.", timeout=30_000
        )
        await visits.leave()
    visits.problems.clear()  # Chromium says so of its own


async def test_the_address_opens_the_pages_as_a_link_of_another_site(visits: Visits) -> None:
    async with visits.serve(CallsInMemory(VIEW)) as address:
        page = await visits.open(f"data:text/html,<a href='{address}'>here</a>")
        await page.get_by_role("link", name="here").click()

        await expect(page.locator("tbody tr")).to_have_count(1)
        assert page.url == f"{address.split('/?')[0]}/"
