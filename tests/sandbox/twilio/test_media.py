"""sandbox.twilio.media: one media stream against a real server."""

import base64
from itertools import pairwise

import pytest

from sandbox.speech import mulaw
from sandbox.twilio import Carrier, FrameFaults, Phone
from sandbox.twilio.events import AudioCleared, MarkReturned, StreamEnded, StreamStarted
from tests.sandbox.twilio.application import ACCOUNT_SID, STREAM_STATUS, Application, Peer, connect
from tests.sandbox.twilio.scripts import VOICES, dial_in, once, presses, streams_for

pytestmark = pytest.mark.usefixtures("reported_streams")


async def test_the_handshake_looks_like_twilios(carrier: Carrier, application: Application) -> None:
    await (await dial_in(carrier, streams_for(carrier, 200))).wait_for_end()

    headers = application.peers[0].headers
    assert headers["host"] == "stream.warmline.test"
    assert headers["x-forwarded-proto"] == "https"
    assert headers["user-agent"] == "Twilio.TmeWs/1.0"
    assert headers["accept-encoding"] == "gzip"
    assert not {"origin", "sec-websocket-protocol", "sec-websocket-extensions"} & headers.keys()


async def test_messages_come_in_order_and_are_counted(carrier: Carrier, application: Application) -> None:
    call = await dial_in(carrier, streams_for(carrier, 600))
    await call.wait_for_end()

    messages = application.peers[0].messages
    assert [message["event"] for message in messages[:2]] == ["connected", "start"]
    assert messages[-1]["event"] == "stop"
    assert messages[-1]["stop"] == {"accountSid": ACCOUNT_SID, "callSid": call.sid}
    assert [message["sequenceNumber"] for message in messages[1:]] == [str(n + 1) for n in range(len(messages) - 1)]
    media = application.peers[0].of("media")
    assert [message["media"]["chunk"] for message in media] == [str(n + 1) for n in range(len(media))]
    assert [message["media"]["timestamp"] for message in media] == [str(20 * n) for n in range(len(media))]
    assert {len(base64.b64decode(message["media"]["payload"])) for message in media} == {160}
    assert messages[1]["start"]["customParameters"] == {"token": "t"}


async def test_what_the_caller_says_arrives_byte_for_byte(carrier: Carrier, application: Application) -> None:
    async def caller(phone: Phone) -> None:
        await carrier.events.wait_for(StreamStarted)
        await phone.say(VOICES["caller"])
        await phone.wait(200)

    await (await dial_in(carrier, caller)).wait_for_end()

    assert VOICES["caller"] in application.peers[0].heard


async def test_a_line_that_leaves_out_silence_shows_it_by_its_timestamps(
    carrier: Carrier, application: Application
) -> None:
    carrier.faults.frames = FrameFaults(skip_silence=True, hangover_ms=0)

    async def caller(phone: Phone) -> None:
        await carrier.events.wait_for(StreamStarted)
        for _ in range(2):
            await phone.say(VOICES["caller"])
            await phone.wait(600)
        await phone.press("1")

    await (await dial_in(carrier, caller)).wait_for_end()

    peer = application.peers[0]
    assert peer.heard == VOICES["caller"] * 2
    timestamps = [int(message["media"]["timestamp"]) for message in peer.of("media")]
    jumps = [later - earlier for earlier, later in pairwise(timestamps)]
    (jump,) = [jump for jump in jumps if jump != 20]
    assert jump > 600, "the pause; on a busy machine the caller makes a longer one"
    assert [message["media"]["chunk"] for message in peer.of("media")] == [str(n + 1) for n in range(len(timestamps))]
    numbers = [message["sequenceNumber"] for message in peer.messages[1:]]
    assert numbers == [str(n + 1) for n in range(len(numbers))]
    assert [message["dtmf"]["digit"] for message in peer.of("dtmf")] == ["1"]


async def test_a_call_has_frames_of_its_own(carrier: Carrier, application: Application) -> None:
    call = await dial_in(carrier, streams_for(carrier, 600))
    call.frames = FrameFaults(lost=1.0)
    await call.wait_for_end()

    assert application.peers[0].of("media") == []


async def test_keys_arrive_as_dtmf(carrier: Carrier, application: Application) -> None:
    async def serve(peer: Peer) -> None:
        for _ in range(3):
            await peer.read_until("dtmf")

    application.serve = serve
    await (await dial_in(carrier, once(carrier, StreamStarted, presses("10#")))).wait_for_end()

    assert [message["dtmf"] for message in application.peers[0].of("dtmf")] == [
        {"track": "inbound_track", "digit": digit} for digit in "10#"
    ]


async def test_what_the_server_sends_is_heard_without_a_gap(carrier: Carrier, application: Application) -> None:
    sound = mulaw.tone(2000, 500)

    async def serve(peer: Peer) -> None:
        await peer.read_until("start")
        for piece in (sound[:12000], sound[12000:12007], sound[12007:]):
            await peer.say(piece)
        await peer.mark("all")
        await peer.read_until("mark")

    application.serve = serve
    report = await (await dial_in(carrier)).wait_for_end()

    assert sound in report.heard
    assert [mark.reason for mark in carrier.events.of(MarkReturned)] == ["played"]


async def test_audio_is_played_in_real_time(carrier: Carrier, application: Application) -> None:
    async def serve(peer: Peer) -> None:
        await peer.read_until("start")
        await peer.say(mulaw.tone(2000, 500))
        await peer.mark("two seconds")
        await peer.read_until("mark")

    application.serve = serve
    await (await dial_in(carrier)).wait_for_end()

    # The caller's frames are the clock: at least 100 of them pass while two seconds are played.
    assert len(application.peers[0].of("media")) >= 100


async def test_clear_silences_at_once_and_returns_all_marks(carrier: Carrier, application: Application) -> None:
    async def serve(peer: Peer) -> None:
        await peer.read_until("start")
        for n in range(3):
            await peer.say(mulaw.tone(1000, 500) * 20)
            await peer.mark(str(n))
        for _ in range(10):
            await peer.receive()
        await peer.send("clear")
        for _ in range(3):
            await peer.read_until("mark")

    application.serve = serve
    report = await (await dial_in(carrier)).wait_for_end()

    assert [(mark.name, mark.reason) for mark in carrier.events.of(MarkReturned)] == [
        ("0", "cleared"),
        ("1", "cleared"),
        ("2", "cleared"),
    ]
    (cleared,) = carrier.events.of(AudioCleared)
    heard_ms = 20 * list(mulaw.frames(report.heard)).count(mulaw.tone(20, 500))
    assert heard_ms + cleared.dropped_ms == 60_000
    assert cleared.dropped_ms > 0


async def test_a_server_that_closes_leaves_31921_and_the_next_verb(carrier: Carrier, application: Application) -> None:
    async def serve(peer: Peer) -> None:
        await peer.read_until("start")
        await peer.socket.close(1000, "done")

    application.serve = serve
    application.answers["/incoming"] = connect(after="<Say>Goodbye</Say>", stream=STREAM_STATUS)
    report = await (await dial_in(carrier)).wait_for_end()

    assert [ended.code for ended in carrier.events.of(StreamEnded)] == [31921]
    assert report.ended_by == "document"
    assert [form["StreamEvent"] for form in application.list_forms("/stream-status")] == [
        "stream-started",
        "stream-stopped",
    ]


async def test_status_callbacks_name_the_stream(carrier: Carrier, application: Application) -> None:
    call = await dial_in(carrier, streams_for(carrier, 200))
    await call.wait_for_end()

    (started, stopped) = application.list_forms("/stream-status")
    assert started.keys() == {"AccountSid", "CallSid", "StreamSid", "StreamName", "StreamEvent", "Timestamp"}
    assert (started["CallSid"], started["StreamName"]) == (call.sid, "talk")
    assert started["StreamSid"] == stopped["StreamSid"] == carrier.events.of(StreamStarted)[0].stream_sid
