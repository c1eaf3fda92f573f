"""sandbox.twilio.calls: a call as it is reported when it is over."""

import pytest

from sandbox.speech import mulaw
from sandbox.twilio import Carrier, Phone, answers
from sandbox.twilio.events import Answered, Bridged, CallEnded, CallStarted, HungUp, Ringing
from tests.sandbox.twilio.application import CALLER, NUMBER, PERSON, Application
from tests.sandbox.twilio.scripts import VOICES, dial_in, leaves_after, once, says


async def test_a_report_has_both_sides_and_everything_that_happened(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = answers(leaves_after(500))
    application.answers["/incoming"] = f"<Response><Dial>{PERSON}</Dial></Response>"
    call = await dial_in(carrier, once(carrier, Bridged, says(VOICES["caller"])))
    report = await call.wait_for_end()

    (leg,) = report.legs
    kinds = (CallStarted, Ringing, Answered, Bridged, HungUp, CallEnded)
    assert [(type(event.what), event.call_sid) for event in report.events if isinstance(event.what, kinds)] == [
        (CallStarted, call.sid),
        (Ringing, call.sid),
        (Answered, call.sid),
        (CallStarted, leg.sid),
        (Ringing, leg.sid),
        (Answered, leg.sid),
        (Bridged, call.sid),
        (HungUp, leg.sid),
        (CallEnded, leg.sid),
        (HungUp, call.sid),
        (CallEnded, call.sid),
    ]
    assert (leg.status, leg.ended_by) == ("completed", "party")
    assert leg.talked_ms <= report.talked_ms
    times = [event.at_ms for event in report.events]
    assert times == sorted(times)


async def test_recordings_are_as_long_as_the_call_was_there(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = answers(leaves_after(1000))
    application.answers["/incoming"] = f"<Response><Dial>{PERSON}</Dial></Response>"
    report = await (await dial_in(carrier)).wait_for_end()

    (leg,) = report.legs
    heard_ms = mulaw.duration_ms(report.heard)
    # The leg's recording begins when it was answered and ends with it, a tick or two before the caller's own.
    assert leg.heard_from_ms < heard_ms
    assert abs(leg.heard_from_ms + mulaw.duration_ms(leg.heard) - heard_ms) < 500


async def test_waiting_in_vain_for_the_end_tells_what_happened(carrier: Carrier, application: Application) -> None:
    application.answers["/incoming"] = "<Response><Pause length='60'/></Response>"
    call = await dial_in(carrier)
    await carrier.events.wait_for(Answered)

    with pytest.raises(AssertionError, match=r"was not over after 0 s; there was \['CallStarted', 'Ringing'"):
        await call.wait_for_end(timeout_s=0)


async def test_a_caller_can_hang_up_before_the_network_answers(carrier: Carrier, application: Application) -> None:
    async def never(_: dict[str, str]) -> str:
        await carrier.events.wait_for(CallEnded)
        return "<Response/>"

    async def caller(phone: Phone) -> None:
        await phone.wait(100)
        await phone.hang_up()

    application.answers["/incoming"] = never
    report = await (await dial_in(carrier, caller)).wait_for_end()

    assert (report.status, report.ended_by, report.talked_ms) == ("no-answer", "party", 0)


async def test_the_caller_hears_ringback_until_the_network_answers(carrier: Carrier, application: Application) -> None:
    async def slow(_: dict[str, str]) -> str:
        await rung.wait(500)
        return "<Response><Pause length='1'/></Response>"

    application.answers["/incoming"] = slow
    call = await dial_in(carrier)
    rung = call.phone
    report = await call.wait_for_end()

    ringback = mulaw.tone(2000, 440, 480, level=0.2)[:3200]
    assert report.heard.startswith(ringback)
    assert report.heard.endswith(mulaw.silence(900))
    assert (call.from_, call.to) == (CALLER, NUMBER)
