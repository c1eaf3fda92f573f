"""A moved call still has a net: what it hears when `/voice/after-dial` cannot be had."""

import pytest

from sandbox.carrier import events
from sandbox.carrier.phones import busy
from sandbox.carrier.sources import murmur
from sandbox.cloud.faults import Fails
from sandbox.fallback_page import WORDS
from tests.calls.conftest import World, speech
from tests.calls.test_handing_over import hand_over

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_webhook_that_fails_after_the_move_is_no_application_error(world: World, anna: str) -> None:
    world.network.carrier.people[anna] = busy(after_ms=200)
    call, session = await world.talk()
    await hand_over(session, speech(200))
    await world.network.carrier.events.wait_for(events.DialEnded)
    world.network.house.cloud.functions["voice_webhook"].fault = Fails()

    await world.over(call)

    assert all(murmur(words) in call.phone.heard for words in WORDS)
    assert "An application error" not in str(world.network.carrier.events.of(events.VerbStarted, call.sid))
