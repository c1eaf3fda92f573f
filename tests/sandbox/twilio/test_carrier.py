"""A whole call through the carrier: webhook, media stream, REST update, dial, talk, hang-up."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from twilio.rest import Client

from sandbox.speech import mulaw
from sandbox.twilio import Carrier, Phone, answers
from sandbox.twilio.event_log import WAIT_TIMEOUT_S
from sandbox.twilio.events import Bridged, StreamStarted
from sandbox.twilio.line import Line
from tests.sandbox.twilio.application import (
    ACCOUNT_SID,
    AUTH_TOKEN,
    CALLER,
    NUMBER,
    PERSON,
    VOICE,
    Application,
    Peer,
    connect,
)
from tests.sandbox.twilio.dial_calls import dial_document, run
from tests.sandbox.twilio.scripts import HANG_UP, dial_in


def fast_carrier(application: Application) -> Carrier:
    return Carrier(account_sid=ACCOUNT_SID, auth_token=AUTH_TOKEN, routes=application.make_routes(), pace=10)


def moves_to_a_person(client: Client, greeting: bytes, said: bytes) -> Callable[[Peer], Awaitable[None]]:
    """A server that greets, waits until it has heard `said`, and then moves the call."""

    async def serve(peer: Peer) -> None:
        await peer.read_until("start")
        await peer.say(greeting)
        await peer.mark("greeted")
        await peer.read_until("mark")
        while said not in peer.heard:
            await peer.receive()
        twiml = f'<Response><Dial action="{VOICE}/after-dial"><Number>{PERSON}</Number></Dial></Response>'
        await asyncio.to_thread(lambda: client.calls(peer.call_sid).update(twiml=twiml))
        await peer.read_until_closed()

    return serve


async def test_a_call_is_streamed_then_moved_to_a_person(
    carrier: Carrier, client: Client, application: Application
) -> None:
    said, greeting, hello = mulaw.tone(400, 300), mulaw.tone(600, 700), mulaw.tone(500, 900)

    async def caller(phone: Phone) -> None:
        await phone.wait_for_speech()
        await phone.wait_for_silence(200)
        await phone.say(said)
        await phone.stay()

    application.serve = moves_to_a_person(client, greeting, said)
    application.answers["/incoming"] = connect('<Parameter name="token" value="t"/>')
    application.answers["/after-dial"] = "<Response><Hangup/></Response>"
    carrier.people[PERSON] = answers(lambda phone: phone.say(hello), key="1")

    call = await carrier.place_call(caller=caller, from_=CALLER, to=NUMBER, voice_url=f"{VOICE}/incoming")
    report = await call.wait_for_end()

    assert application.peers[0].messages[-1]["event"] == "stop"
    assert greeting in report.heard
    assert hello in report.heard
    assert [each.with_sid for each in carrier.events.of(Bridged)] == [report.legs[0].sid]
    assert carrier.events.of(StreamStarted)[0].parameters == (("token", "t"),)
    (after,) = application.list_forms("/after-dial")
    assert (after["DialCallStatus"], after["DialBridged"]) == ("completed", "true")
    assert after["DialCallSid"] == report.legs[0].sid
    assert (report.status, report.ended_by) == ("completed", "document")
    assert application.bad_signatures == 0


async def test_what_a_script_raises_is_raised_by_the_call(carrier: Carrier, application: Application) -> None:
    async def caller(phone: Phone) -> None:
        await phone.wait(100)
        raise ZeroDivisionError

    application.answers["/incoming"] = "<Response><Pause length='60'/></Response>"
    call = await dial_in(carrier, caller)

    with pytest.RaisesGroup(ZeroDivisionError):
        await call.wait_for_end()


async def test_what_nobody_asked_about_is_raised_at_the_end(application: Application) -> None:
    async def caller(_: Phone) -> None:
        raise ZeroDivisionError

    application.answers["/incoming"] = "<Response><Pause length='60'/></Response>"
    with pytest.RaisesGroup(pytest.RaisesGroup(ZeroDivisionError)):
        async with fast_carrier(application) as carrier:
            call = await dial_in(carrier, caller)
            await asyncio.wait_for(call.signals.over.wait(), WAIT_TIMEOUT_S)


async def test_leaving_the_carrier_hangs_up_every_call(application: Application) -> None:
    application.answers["/incoming"] = connect()
    async with fast_carrier(application) as carrier:
        call = await dial_in(carrier)
        await carrier.events.wait_for(StreamStarted)

    assert (call.status, call.signals.over.is_set()) == ("completed", True)


async def test_a_carrier_that_was_not_entered_carries_nothing() -> None:
    with pytest.raises(RuntimeError, match="async with"):
        _ = Carrier(account_sid=ACCOUNT_SID, auth_token=AUTH_TOKEN, routes={}).events


async def test_many_calls_at_once_do_not_hear_each_other(carrier: Carrier, application: Application) -> None:
    async def serve(peer: Peer) -> None:
        await peer.read_until("start")
        await peer.say(mulaw.tone(400, 200 + 100 * application.peers.index(peer)))
        await peer.mark("said")
        await peer.read_until("mark")

    application.serve = serve
    application.answers["/incoming"] = connect()
    calls = [await dial_in(carrier) for _ in range(5)]
    reports = [await call.wait_for_end() for call in calls]

    for n, report in enumerate(reports):
        own = next(index for index, peer in enumerate(application.peers) if peer.call_sid == report.sid)
        heard = [hz for hz in range(5) if mulaw.tone(400, 200 + 100 * hz) in report.heard]
        assert heard == [own], f"call {n}"


async def test_an_observer_gets_every_leg_and_all_that_each_hears(carrier: Carrier, application: Application) -> None:
    hello, heard = mulaw.tone(500, 900), dict[str, bytearray]()

    def observe(call_sid: str, line: Line) -> None:
        ear = heard[call_sid] = bytearray()
        line.tap(lambda _, frame: ear.extend(frame))

    carrier.observers.append(observe)
    application.answers["/incoming"] = dial_document()
    application.answers["/after"] = HANG_UP

    async def person(phone: Phone) -> None:
        await phone.bridged.wait()
        await phone.say(hello)

    carrier.people[PERSON] = answers(person)

    report = await run(carrier)

    assert heard == {report.sid: report.heard, **{leg.sid: leg.heard for leg in report.legs}}
    assert hello in heard[report.sid]
