"""Whether everybody can use a page, as far as a program can say: axe-core in the page itself, in every look of it."""

from importlib.resources import files
from itertools import product
from typing import Any

from playwright.async_api import Page

from tests.browser.visits import NARROW, WIDE, Visits

# WCAG 2.2 to the level AA, and what axe's makers have learned beside it.
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN = "async rules => { await new Promise(requestAnimationFrame); return axe.run({runOnly: rules}); }"
_BEYOND_THE_EDGE = "document.documentElement.scrollWidth - innerWidth"


async def find_violations(visits: Visits, page: Page) -> list[str]:
    """A line for each rule that the page breaks, light or dark, wide or narrow, with the elements that break it."""
    # As the debugger's own words, which no policy of the page forbids.
    await page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text())
    problems = list(visits.problems)
    found = []
    for theme, width in product(("light", "dark"), (WIDE, NARROW)):
        await page.emulate_media(color_scheme=theme)
        await page.set_viewport_size({"width": width, "height": 900})
        found += [f"{theme}, {width} pixels: {line}" for line in await _look(page)]
    visits.problems[:] = problems  # axe tries styles that the policy forbids
    return found


async def _look(page: Page) -> list[str]:
    result: dict[str, Any] = await page.evaluate(_RUN, _RULES)
    assert result["passes"], "axe looked at nothing"
    lines = [_describe(violation) for violation in result["violations"]]
    beyond = await page.evaluate(_BEYOND_THE_EDGE)
    return [*lines, f"the page is {beyond} pixels too wide"] if beyond > 0 else lines


def _describe(violation: dict[str, Any]) -> str:
    nodes = "; ".join(f"{node['target']}: {node['failureSummary']}" for node in violation["nodes"][:5])
    return f"{violation['id']} ({len(violation['nodes'])}): {violation['help']}: {nodes}"
