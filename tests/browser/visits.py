"""Pages as somebody visits them: what they loaded, and what went wrong in them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page

from tests.console.calls_in_memory import CallsInMemory
from tests.console.example_pages import serve_example

WIDE, NARROW = 1280, 375


@dataclass(slots=True)
class Visits:
    """Opens pages in one browser."""

    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    """The address of everything that was asked for."""
    problems: list[str] = field(default_factory=list)
    """Errors and dialogs. A test that expects some takes them out."""

    async def open(self, address: str, *, theme: str = "light", width: int = WIDE) -> Page:
        """A page of a browser that has seen none of ours."""
        context = await self.browser.new_context(
            color_scheme=theme, viewport={"width": width, "height": 900}, reduced_motion="reduce"
        )
        self.contexts.append(context)
        page: Page = await context.new_page()
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.problems.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._hear(message))
        page.on("dialog", lambda dialog: self._dismiss(dialog))
        await page.goto(address)
        return page

    @asynccontextmanager
    async def serve(self, source: CallsInMemory) -> AsyncIterator[str]:
        """The address, with its key, of the pages over these calls; they are left before their server ends."""
        async with serve_example(source) as address:
            try:
                yield address
            finally:
                await self.leave()

    async def leave(self) -> None:
        """Close every page."""
        while self.contexts:
            await self.contexts.pop().close()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"{message.location.get('url')}: {message.text}")

    async def _dismiss(self, dialog: Dialog) -> None:
        self.problems.append(f"a dialog: {dialog.message!r}")
        await dialog.dismiss()
