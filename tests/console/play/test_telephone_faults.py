"""console.play.telephones: whatever goes wrong while a page waits, the telephones stay in use."""

import asyncio

from console.play.page_messages import SayText
from sandbox.twilio.phones import Script
from tests.console.play.conftest import CALLS, PERSON_1, SPOKEN, run_setting
from tests.console.play.page_client import open_page
from tests.sandbox.twilio.dial_calls import dial_document
from tests.sandbox.twilio.scripts import HANG_UP


async def test_a_defect_while_a_call_is_placed_leaves_the_telephones_in_use() -> None:
    async def fail(_: Script) -> str:
        raise ValueError("a defect")

    async with run_setting(dial=fail) as setting, open_page(setting.origin) as page:
        for _ in range(2):
            await page.command(CALLS, "call")
            assert "ValueError: a defect" in await page.wait_for_error()
            await page.wait_for_state(CALLS, "idle")


async def test_what_a_telephone_was_to_say_that_is_gone_meanwhile_is_refused() -> None:
    rendering = asyncio.Event()

    async def render(_who: str, _text: str) -> bytes:
        await rendering.wait()
        return SPOKEN

    async with run_setting(render=render) as setting, open_page(setting.origin) as page:
        setting.application.answers |= {"/incoming": dial_document(), "/after": HANG_UP}
        await page.command(CALLS, "call")
        await page.wait_for_state(PERSON_1, "ringing")
        await page.command(PERSON_1, "answer")
        await page.wait_for_state(PERSON_1, "talking")
        for _ in range(2):
            setting.telephones.obey(SayText(telephone=PERSON_1, text="Hello"))
        setting.telephones.show_people([])
        rendering.set()

        assert "is gone" in await page.wait_for_error()
