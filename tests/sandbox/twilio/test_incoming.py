"""sandbox.twilio.incoming: the first webhook of a call, and its mishaps."""

from sandbox.twilio import Carrier
from sandbox.twilio.events import Answered, ErrorLogged, StreamEnded, StreamStarted
from tests.sandbox.twilio.application import ACCOUNT_SID, CALLER, NUMBER, Application, Peer, connect
from tests.sandbox.twilio.scripts import dial_in, leaves_after, once, streams_for


async def test_the_webhook_has_twilios_parameters(carrier: Carrier, application: Application) -> None:
    application.answers["/incoming"] = "<Response/>"
    call = await dial_in(carrier)
    await call.wait_for_end()

    (form,) = application.list_forms("/incoming")
    assert form["CallSid"] == call.sid
    assert (form["AccountSid"], form["From"], form["To"]) == (ACCOUNT_SID, CALLER, NUMBER)
    assert (form["CallStatus"], form["Direction"], form["ApiVersion"]) == ("ringing", "inbound", "2010-04-01")
    assert form["CallerName"] == form["FromCity"] == ""


async def test_a_lost_first_answer_is_asked_for_again(carrier: Carrier, application: Application) -> None:
    carrier.faults.lose_first_answer = True
    application.answers["/incoming"] = "<Response><Hangup/></Response>"
    report = await (await dial_in(carrier)).wait_for_end()

    first, second = application.requests
    assert first.form == second.form
    assert first.headers["i-twilio-idempotency-token"] == second.headers["i-twilio-idempotency-token"]
    assert report.ended_by == "document"


async def test_of_two_answers_the_second_stream_kills_the_first(carrier: Carrier, application: Application) -> None:
    carrier.faults.execute_both_answers = True
    application.answers["/incoming"] = connect(after="<Redirect>/next</Redirect>")
    second = once(carrier, StreamStarted, leaves_after(200), lambda _: len(carrier.events.of(StreamStarted)) == 2)
    await (await dial_in(carrier, second)).wait_for_end()

    first, second_stream = carrier.events.of(StreamStarted)
    assert carrier.events.of(StreamEnded)[0].stream_sid == first.stream_sid
    assert application.peers[0].messages[-1]["event"] == "stop"
    assert application.peers[1].of("start")[0]["streamSid"] == second_stream.stream_sid
    assert len(application.list_forms("/incoming")) == 2
    assert len(carrier.events.of(Answered)) == 1
    assert application.list_forms("/next") == []


async def test_a_second_answer_whose_stream_is_refused_changes_nothing(
    carrier: Carrier, application: Application
) -> None:
    async def serve(peer: Peer) -> None:
        application.refuse_streams = True
        await peer.read_until_closed()

    carrier.faults.execute_both_answers = True
    application.serve = serve
    application.answers["/incoming"] = connect()
    refused = once(carrier, ErrorLogged, streams_for(carrier, 200))
    report = await (await dial_in(carrier, refused)).wait_for_end()

    assert [error.code for error in carrier.events.of(ErrorLogged)] == [31920]
    assert len(application.peers) == 1
    assert report.ended_by == "party"
