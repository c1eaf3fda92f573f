"""Each button, pressed in a call: the fault happens, and the caller is served."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from console.play.what_if import FAULTS, UnknownFaultError, WhatIf
from sandbox.twilio.calls import Call
from tests.calls.conftest import WAIT_TIMEOUT_S, CallHarness, harness, make_speech, running, wait_until_heard

__all__ = ["harness", "running"]  # fixtures
pytestmark = pytest.mark.asyncio(loop_scope="module")


class Buttons(WhatIf):
    """With records of what the telephones and the line to the model were told."""

    def __init__(self, harness: CallHarness) -> None:
        self.ringing: list[bool] = []
        self.noted: list[str] = []
        self._sessions = harness.model.sessions
        super().__init__(harness.environment.installation, self._drop, self.ringing.append, self.noted.append)

    def _drop(self) -> None:
        for session in self._sessions:
            session.drop()


@pytest.fixture
async def buttons(harness: CallHarness) -> AsyncIterator[Buttons]:
    buttons = Buttons(harness)
    yield buttons
    buttons.switch_all_off()


async def expect_to_go_on(harness: CallHarness, call: Call) -> None:
    """Another session, which knows what was said, answers the caller."""
    session = await harness.wait_for_next_session()
    answer = make_speech(200)
    await session.speak(answer, "I am back.")
    await wait_until_heard(call.phone, answer)
    await harness.hang_up(call)


@pytest.mark.parametrize("name", ["model_lost", "container_killed", "deploy"])
async def test_a_caller_talks_on_after(harness: CallHarness, buttons: Buttons, name: str) -> None:
    call, _ = await harness.talk()

    await buttons.press(name)

    await expect_to_go_on(harness, call)
    assert buttons.lasting == frozenset()


async def test_a_transfer_function_that_fails_is_told_to_the_model(harness: CallHarness, buttons: Buttons) -> None:
    call, session = await harness.talk()

    await buttons.press("transfer_fails")
    response = await session.respond()
    await response.call_tool("transfer_to_human", '{"destination": "front_desk"}')
    await response.finish()
    told = await session.wait_for("conversation.item.create")

    assert "failed" in told["item"]["output"]
    assert buttons.lasting == {"transfer_fails"}
    await harness.hang_up(call)


async def test_a_slow_table_delays_no_word(harness: CallHarness, buttons: Buttons) -> None:
    call, session = await harness.talk()

    await buttons.press("table_slow")
    answer = make_speech(200)
    await session.speak(answer, "We are open until six.")

    async with asyncio.timeout(WAIT_TIMEOUT_S):
        await wait_until_heard(call.phone, answer)
    await buttons.press("table_slow")
    assert harness.environment.installation.cloud.dynamodb.fault is None
    await harness.hang_up(call)


async def test_people_who_cannot_answer_are_told_to_the_telephones(buttons: Buttons) -> None:
    await buttons.press("nobody_answers")
    await buttons.press("nobody_answers")

    assert buttons.ringing == [True, False]
    assert buttons.noted == ["What if? Nobody answers", "What if? Nobody answers: no longer"]


async def test_everything_that_lasts_ends_with_the_call(harness: CallHarness, buttons: Buttons) -> None:
    for fault in FAULTS:
        if fault.lasts:
            await buttons.press(fault.name)

    buttons.switch_all_off()

    cloud = harness.environment.installation.cloud
    assert (cloud.dynamodb.fault, cloud.functions["transfer"].fault) == (None, None)
    assert (buttons.ringing, buttons.lasting) == ([True, False], frozenset())


async def test_a_button_that_does_not_exist_is_refused_with_those_that_do(buttons: Buttons) -> None:
    with pytest.raises(UnknownFaultError, match="'format_disk': expected one of model_lost, container_killed"):
        await buttons.press("format_disk")
