"""The page of a call: what happened, by pointer and by keyboard, and as it happens."""

import re
from dataclasses import replace

import pytest
from playwright.async_api import Page, expect

from console.call_source import SourceError
from tests.browser.visits import NARROW, WIDE, Visits
from tests.console.calls_in_memory import CallsInMemory
from tests.console.example_call import CALLER, SCRIPT, SID, VIEW, view_at
from tests.console.example_pages import serve_example

FOCUSED = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"


async def open_call(visits: Visits, address: str, *, width: int = WIDE) -> Page:
    page = await visits.open(address, width=width)
    await page.goto(f"{address.split('/?')[0]}/calls/{SID}")
    await page.wait_for_selector(".figures")
    return page


async def test_a_script_that_a_caller_said_is_text(visits: Visits) -> None:
    async with visits.serve(CallsInMemory(VIEW)) as address:
        page = await open_call(visits, address)
        await page.get_by_role("button", name="Warmline: Maria is told by SMS").click()

        await expect(page.locator(".turn-words", has_text=f"My name is {SCRIPT}")).to_be_visible()
        await expect(page.locator(".facts", has_text=SCRIPT)).to_be_visible()
        await expect(page.locator(".message pre:visible")).to_have_text(f"Missed call of …0001: {SCRIPT}")
        assert await page.locator("script").count() == 2  # the page's own

    assert visits.problems == []  # the script would have opened a dialog


async def test_heard_words_are_told_apart_from_those_that_were_cut(visits: Visits) -> None:
    async with visits.serve(CallsInMemory(VIEW)) as address:
        page = await open_call(visits, address)
        turn = page.locator(".turn").first

        await expect(turn.locator("del")).to_have_text(VIEW.turns[0].cut)
        await expect(turn.locator(".turn-words")).to_have_text(
            re.compile(rf"^{re.escape(VIEW.turns[0].heard)} Cut off, never heard: ")
        )


async def test_what_is_said_cannot_turn_the_words_of_the_page_round(visits: Visits) -> None:
    turn = replace(VIEW.turns[0], heard="Hello \u202e there", cut="\u202e never")
    async with visits.serve(CallsInMemory(replace(VIEW, turns=(turn,)))) as address:
        page = await open_call(visits, address)
        begin, end = await page.locator(".cut-label").evaluate(
            """label => [0, label.textContent.length - 1].map((at) => {
                const range = document.createRange();
                range.setStart(label.firstChild, at);
                range.setEnd(label.firstChild, at + 1);
                return range.getBoundingClientRect().left;
            })"""
        )

    assert begin < end


async def test_the_keyboard_alone_goes_through_entries_opens_and_leaves_them(visits: Visits) -> None:
    async with visits.serve(CallsInMemory(VIEW)) as address:
        page = await open_call(visits, address)
        await page.get_by_role("button", name="As a list").focus()
        await page.keyboard.press("Tab")
        walked = [await page.evaluate(FOCUSED)]
        for key in ("ArrowRight", "ArrowDown", "End", "ArrowUp", "Home"):
            await page.keyboard.press(key)
            walked.append(await page.evaluate(FOCUSED))
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")

        title = page.locator("call-messages h3")
        await expect(title).to_be_focused()
        await expect(page.get_by_text("session.created", exact=True)).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.locator("call-messages")).to_be_hidden()
        assert await page.evaluate(FOCUSED) == "Assistant: The model's session begins, at 0:00.2"

    assert [re.split(r", at|: “", words)[0] for words in walked] == [
        "Caller: The caller dials …0100",
        "Caller: The caller interrupts",
        "Assistant: The assistant greets",
        "Assistant: The assistant answers",
        "Caller: The caller presses 0",
        "Caller: The caller dials …0100",
    ]


async def test_speech_on_the_timeline_has_its_words(visits: Visits) -> None:
    async with visits.serve(CallsInMemory(VIEW)) as address:
        page = await open_call(visits, address)
        greets = page.get_by_role("button", name="Assistant: The assistant greets")
        answers = page.get_by_role("button", name="Assistant: The assistant answers")
        speaks = page.get_by_role("button", name="Caller: The caller speaks")

        # The words that were cut are not on the timeline: it shows the sound that there was.
        await expect(greets).to_have_text("“Hello, this is the bakery. How can I”")
        await expect(answers).to_have_attribute("title", "The assistant answers: “I put you through to sales.”")
        await expect(speaks).to_have_text("The caller speaks")  # nobody knows the words


@pytest.mark.parametrize(("width", "shown", "hidden"), [(WIDE, "timeline", "entries"), (NARROW, "entries", "timeline")])
async def test_a_narrow_screen_begins_with_the_list(visits: Visits, width: int, shown: str, hidden: str) -> None:
    async with visits.serve(CallsInMemory(VIEW)) as address:
        page = await open_call(visits, address, width=width)

        await expect(page.locator(f"call-{shown}")).to_be_visible()
        await expect(page.locator(f"call-{hidden}")).to_be_hidden()


async def test_the_list_is_walked_by_keyboard_too(visits: Visits) -> None:
    async with visits.serve(CallsInMemory(VIEW)) as address:
        page = await open_call(visits, address, width=NARROW)
        await page.locator(".entry-row").first.focus()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await expect(page.locator("call-messages h3")).to_have_text("Twilio asks what to do with the call")
        await page.keyboard.press("Escape")

        await expect(page.locator(".entry-row").nth(1)).to_be_focused()


async def test_an_entry_shows_its_messages_readable_and_as_they_were_sent(visits: Visits) -> None:
    async with visits.serve(CallsInMemory(VIEW)) as address:
        page = await open_call(visits, address)
        await page.get_by_role("button", name="Twilio: Twilio asks what to do with the call").click()
        form, twiml = page.locator(".message").nth(0), page.locator(".message").nth(1)

        await expect(form.locator(".message-fields")).to_contain_text(re.compile("From…0001"))
        await expect(twiml.locator("pre").first).to_contain_text('<Response>\n  <Connect action="/voice/after-stream">')
        await twiml.get_by_role("button", name="As sent").click()
        await expect(twiml.locator("pre:visible")).to_have_text(VIEW.entries[1].messages[1].text)


async def test_numbers_are_whole_only_after_a_click(visits: Visits) -> None:
    async with visits.serve(CallsInMemory(VIEW)) as address:
        page = await open_call(visits, address)
        await expect(page.locator("h1")).to_have_text(re.compile("…0001"))
        await expect(page.locator("body")).not_to_contain_text(CALLER)
        await page.get_by_role("link", name="Show whole numbers").click()

        await expect(page.locator("h1")).to_contain_text(CALLER)
        await page.get_by_role("button", name="Twilio: Twilio asks what to do with the call").click()
        await expect(page.locator(".message-fields")).to_contain_text(CALLER)


async def test_what_happens_appears_while_it_is_looked_at(visits: Visits) -> None:
    source = CallsInMemory(view_at(5_000))
    async with visits.serve(source) as address:
        page = await open_call(visits, address)
        await expect(page.locator(".state")).to_have_text("Live")
        pressed = page.get_by_role("button", name="Caller: The caller presses 0")
        speaks = page.get_by_role("button", name="Caller: The caller interrupts")
        await expect(pressed).to_have_count(0)
        await expect(speaks).to_have_attribute("aria-label", re.compile("lasts still"))
        await speaks.focus()

        source.put(view_at(20_000))

        await expect(pressed).to_be_visible()
        await expect(speaks).to_have_attribute("aria-label", re.compile("for 3.6 s"))
        await expect(speaks).to_be_focused()
        await expect(page.locator(".turn", has_text="I put you through to sales.")).to_be_visible()


async def test_the_end_of_the_call_is_shown_and_its_recordings_with_it(visits: Visits) -> None:
    source = CallsInMemory(view_at(60_000))
    async with visits.serve(source) as address:
        page = await open_call(visits, address)
        await expect(page.locator("h1 + .badge")).to_have_text("Running")

        source.put(VIEW)

        await expect(page.locator("h1 + .badge")).to_have_text("Talked with a person")
        await expect(page.locator(".state")).to_have_text("")
        await expect(page.locator("audio")).to_have_count(2)
        await expect(page.locator(".attempt")).to_contain_text("Peter took the call")


async def test_a_problem_of_the_source_is_said_until_it_is_over(visits: Visits) -> None:
    source = CallsInMemory(view_at(5_000))
    async with visits.serve(source) as address:
        page = await open_call(visits, address)
        source.error = SourceError("The table does not answer: look at AWS's health page.")
        source.wake()

        await expect(page.locator(".state")).to_have_text(f"{source.error} Trying again …")
        await expect(page.get_by_role("button", name="Caller: The caller interrupts")).to_be_visible()
        source.error = None
        await expect(page.locator(".state")).to_have_text("Live", timeout=30_000)


async def test_a_program_that_is_gone_is_said_and_what_was_shown_stays(visits: Visits) -> None:
    async with serve_example(CallsInMemory(view_at(5_000))) as address:
        page = await open_call(visits, address)
        await expect(page.locator(".state")).to_have_text("Live")

    await expect(page.locator(".state")).to_have_text("The connection to the program is lost. Trying again …")
    await expect(page.get_by_role("button", name="Caller: The caller interrupts")).to_be_visible()
    await visits.leave()
    visits.problems.clear()  # Chromium says so of its own


async def test_the_choice_of_a_theme_outlives_the_page(visits: Visits) -> None:
    async with visits.serve(CallsInMemory(VIEW)) as address:
        page = await open_call(visits, address)
        colour = "getComputedStyle(document.documentElement).backgroundColor"
        light = await page.evaluate(colour)
        await page.get_by_role("combobox", name="Colours").select_option("Dark")
        dark = await page.evaluate(colour)
        await page.reload()

        assert await page.evaluate(colour) == dark != light
        await expect(page.get_by_role("combobox", name="Colours")).to_have_value("dark")


async def test_zooming_makes_the_same_time_wider_and_keeps_its_middle(visits: Visits) -> None:
    async with visits.serve(CallsInMemory(VIEW)) as address:
        page = await open_call(visits, address)
        speech = page.get_by_role("button", name="Assistant: The assistant answers")
        before = await speech.bounding_box()
        assert before is not None
        for _ in range(3):
            await page.get_by_role("button", name="Zoom in").click()
        after = await speech.bounding_box()
        assert after is not None
        await page.get_by_role("button", name="Whole call").click()

        assert after["width"] == pytest.approx(before["width"] * 1.6**3, rel=0.01)
        assert await speech.bounding_box() == before


async def test_a_call_of_which_nothing_is_known_yet_says_what_will_appear(visits: Visits) -> None:
    begun = replace(view_at(0), entries=(), turns=(), notes=())
    source = CallsInMemory(begun)
    async with visits.serve(source) as address:
        page = await open_call(visits, address)
        await expect(page.get_by_text("Whatever happens in the call appears here")).to_be_visible()
        await expect(page.get_by_text("They appear here as soon as they are understood")).to_be_visible()
        await expect(page.get_by_text("Nobody has been asked to take this call yet")).to_be_visible()

        source.put(view_at(1_000))

        await expect(page.get_by_role("button", name="Caller: The caller dials")).to_be_visible()


async def test_a_lane_in_which_nothing_happened_yet_is_a_lane_like_any_other(visits: Visits) -> None:
    async with visits.serve(CallsInMemory(view_at(1_000))) as address:
        page = await open_call(visits, address)

        names = page.locator(".lane-name")
        places = await names.evaluate_all("names => names.map(name => [name.textContent, name.offsetLeft])")

    assert [name for name, _ in places] == ["Caller", "Assistant", "Maria", "Peter", "Twilio", "Warmline"]
    assert len({left for _, left in places}) == 1
