"""Chromium, as a test starts it."""

import shutil

from playwright.async_api import Browser, Playwright

# The container of a CI has no sandbox for its root, and little shared memory.
_ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required")


async def launch(playwright: Playwright, *arguments: str) -> Browser:
    """The machine's own Chromium, without a window; Playwright brings none along."""
    program = shutil.which("chromium")
    assert program is not None, "expected 'chromium' on PATH (Debian: apt-get install chromium)"
    return await playwright.chromium.launch(executable_path=program, headless=True, args=[*_ARGUMENTS, *arguments])
