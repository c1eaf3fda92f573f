"""console.play.telephones: a page is gone for good before its call has begun."""

import asyncio

import pytest

from console.play.page_messages import PlaceCall
from sandbox.twilio.calls import Call
from sandbox.twilio.events import CallStarted
from sandbox.twilio.phones import Script
from tests.console.play.conftest import CALLS, Setting, run_setting
from tests.sandbox.twilio.application import CALLER, NUMBER, VOICE, connect


class ClosedPage:
    """One whose browser reads nothing."""

    def show(self) -> None: ...

    def tell(self, text: str) -> None: ...

    def play(self, audio: bytes) -> None: ...

    def take_away(self) -> None: ...


async def leave_while_dialling(*, placed_before: bool) -> Setting:
    """The page is gone for good while the agent is prepared for its call, or the moment after the call was placed."""

    async def dial(script: Script) -> str:
        gone = asyncio.Event()
        if placed_before:
            placed = await place(setting, script)
        asyncio.get_running_loop().call_later(0.01, gone.set)  # later than what ends the page
        await gone.wait()
        return (placed if placed_before else await place(setting, script)).sid

    page = ClosedPage()
    async with run_setting(gone_s=0, dial=dial) as setting:
        setting.application.answers["/incoming"] = connect()
        setting.telephones.give_to(page)
        setting.telephones.obey(PlaceCall(telephone=CALLS))
        setting.telephones.take_from(page)
        await setting.carrier.events.wait_for(CallStarted)
        await setting.call.wait_for_end()
    return setting


async def place(setting: Setting, script: Script) -> Call:
    return await setting.carrier.place_call(caller=script, from_=CALLER, to=NUMBER, voice_url=f"{VOICE}/incoming")


@pytest.mark.parametrize("placed_before", [False, True])
async def test_a_call_whose_page_is_gone_before_it_begins_is_hung_up(*, placed_before: bool) -> None:
    setting = await leave_while_dialling(placed_before=placed_before)

    assert setting.telephones.caller.state.reason == "You hung up."
