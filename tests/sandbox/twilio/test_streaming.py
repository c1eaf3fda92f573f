"""sandbox.twilio.streaming: what follows a media stream."""

import pytest

from sandbox.twilio import Carrier
from tests.sandbox.twilio.application import Application, Peer, connect
from tests.sandbox.twilio.scripts import dial_in, streams_for

NEXT = "<Response><Hangup/></Response>"


@pytest.fixture(autouse=True)
def answering(application: Application) -> None:
    application.answers["/incoming"] = connect(verb='action="/after"', after="<Redirect>/next</Redirect>")
    application.answers["/after"] = application.answers["/next"] = NEXT


async def close(peer: Peer) -> None:
    await peer.read_until("start")


async def test_the_action_is_requested_when_the_stream_ends(carrier: Carrier, application: Application) -> None:
    application.serve = close
    call = await dial_in(carrier)
    await call.wait_for_end()

    assert [form["CallSid"] for form in application.list_forms("/after")] == [call.sid]
    assert application.list_forms("/next") == []


async def test_the_next_verb_runs_where_the_action_is_not_honoured(carrier: Carrier, application: Application) -> None:
    carrier.faults.connect_action = False
    application.serve = close
    await (await dial_in(carrier)).wait_for_end()

    assert (len(application.list_forms("/after")), len(application.list_forms("/next"))) == (0, 1)


async def test_a_stream_that_could_not_begin_is_followed_by_the_action(
    carrier: Carrier, application: Application
) -> None:
    application.refuse_streams = True
    await (await dial_in(carrier)).wait_for_end()

    assert len(application.list_forms("/after")) == 1


@pytest.mark.parametrize(("asked", "requests"), [(True, 1), (False, 0)])
async def test_the_action_may_be_requested_after_the_caller_has_hung_up(
    carrier: Carrier, application: Application, asked: bool, requests: int
) -> None:
    carrier.faults.action_after_hang_up = asked
    await (await dial_in(carrier, streams_for(carrier, 200))).wait_for_end()

    assert [form["CallStatus"] for form in application.list_forms("/after")] == ["completed"] * requests


async def test_without_action_or_next_verb_the_call_ends(carrier: Carrier, application: Application) -> None:
    application.answers["/incoming"] = connect()
    application.serve = close
    report = await (await dial_in(carrier)).wait_for_end()

    assert report.ended_by == "document"
