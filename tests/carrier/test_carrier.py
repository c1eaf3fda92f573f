"""A whole call through the carrier: webhook, media stream, REST update, dial, talk, hang-up."""

import asyncio

from twilio.rest import Client

from sandbox import audio
from sandbox.carrier import Carrier, Phone, answers
from sandbox.carrier.events import Bridged, CallEnded, StreamStarted
from tests.carrier.application import (
    CALLER,
    NUMBER,
    PERSON,
    VOICE,
    Application,
    Peer,
    connect,
)


async def test_a_call_is_streamed_then_moved_to_a_person(
    carrier: Carrier, client: Client, application: Application
) -> None:
    said, greeting, hello = audio.tone(400, 300), audio.tone(600, 700), audio.tone(500, 900)
    moved: list[str] = []

    async def caller(phone: Phone) -> None:
        await phone.hears_speech()
        await phone.hears_silence(200)
        await phone.say(said)
        await phone.stay()

    async def human(phone: Phone) -> None:
        await phone.say(hello)
        await phone.hears_silence(300)

    async def serve(peer: Peer) -> None:
        await peer.until("start")
        await peer.say(greeting)
        await peer.mark("greeted")
        await peer.until("mark")
        while said not in peer.heard:
            await peer.receive()
        twiml = f'<Response><Dial action="{VOICE}/after-dial"><Number>{PERSON}</Number></Dial></Response>'
        call = await asyncio.to_thread(lambda: client.calls(peer.call_sid).update(twiml=twiml))
        moved.append(call.status)
        await peer.until_closed()

    application.serve = serve
    application.answers["/incoming"] = connect('<Parameter name="token" value="t"/>')
    application.answers["/after-dial"] = "<Response><Hangup/></Response>"
    carrier.people[PERSON] = answers(human)

    call = await carrier.place_call(caller=caller, from_=CALLER, to=NUMBER, voice_url=f"{VOICE}/incoming")
    report = await call.ended()

    assert moved == ["in-progress"]
    assert application.peers[0].messages[-1]["event"] == "stop"
    assert greeting in report.heard
    assert hello in report.heard
    assert [each.with_sid for each in carrier.events.of(Bridged)] == [report.legs[0].sid]
    assert carrier.events.of(StreamStarted)[0].parameters == (("token", "t"),)
    (after,) = application.forms("/after-dial")
    assert (after["DialCallStatus"], after["DialBridged"]) == ("completed", "true")
    assert after["DialCallSid"] == report.legs[0].sid
    assert (report.status, report.ended_by) == ("completed", "document")
    assert len(carrier.events.of(CallEnded)) == 2
    assert application.bad_signatures == 0
