"""sandbox.twilio.one_way_stream: a stream that listens beside the verbs of a call, until it is stopped."""

import asyncio
import base64

import pytest

from sandbox.speech import mulaw
from sandbox.twilio import Carrier, errors
from sandbox.twilio.audio_sources import render_mock_speech
from sandbox.twilio.errors import TwimlError
from sandbox.twilio.events import ErrorLogged, StreamEnded, StreamStarted
from sandbox.twilio.twiml import parse
from tests.sandbox.twilio.application import STREAM, STREAM_STATUS, Application, Peer
from tests.sandbox.twilio.scripts import VOICES, dial_in, leaves_after, once, says

WORDS = "The stream has started."


def fork(after: str, attributes: str = "", inside: str = "") -> str:
    noun = f'<Stream url="{STREAM}/media-stream" {attributes}>{inside}</Stream>'
    return f"<Response><Start>{noun}</Start>{after}</Response>"


def join_track(peer: Peer, track: str) -> bytes:
    frames = [each["media"]["payload"] for each in peer.of("media") if each["media"]["track"] == track]
    return b"".join(base64.b64decode(frame) for frame in frames)


@pytest.fixture
async def served(application: Application) -> asyncio.Future[Peer]:
    """The server's end of the stream, when it has read everything."""
    done: asyncio.Future[Peer] = asyncio.get_running_loop().create_future()

    async def serve(peer: Peer) -> None:
        await peer.read_until_closed()
        done.set_result(peer)

    application.serve = serve
    return done


async def test_the_verbs_after_it_run_while_it_listens(
    carrier: Carrier, application: Application, served: asyncio.Future[Peer]
) -> None:
    application.answers["/incoming"] = fork(
        f"<Say>{WORDS}</Say><Pause length='2'/>", 'track="both_tracks"', '<Parameter name="who" value="Dana"/>'
    )
    caller = once(carrier, StreamStarted, says(VOICES["caller"]))
    report = await (await dial_in(carrier, caller)).wait_for_end()
    peer = await served

    start = peer.of("start")[0]["start"]
    assert (start["tracks"], start["customParameters"]) == (["inbound", "outbound"], {"who": "Dana"})
    assert VOICES["caller"] in join_track(peer, "inbound")
    assert any(frame in render_mock_speech(WORDS) for frame in mulaw.frames(join_track(peer, "outbound")))
    assert render_mock_speech(WORDS) in report.heard
    assert report.ended_by == "document"


@pytest.mark.parametrize(("attributes", "tracks"), [("", ["inbound"]), ('track="outbound_track"', ["outbound"])])
async def test_it_streams_the_track_that_was_asked_for(
    carrier: Carrier, application: Application, served: asyncio.Future[Peer], attributes: str, tracks: list[str]
) -> None:
    application.answers["/incoming"] = fork("<Pause length='2'/>", attributes)
    await (await dial_in(carrier)).wait_for_end()
    peer = await served

    assert peer.of("start")[0]["start"]["tracks"] == tracks
    assert {each["media"]["track"] for each in peer.of("media")} == set(tracks)
    timestamps = [int(each["media"]["timestamp"]) for each in peer.of("media")]
    assert timestamps == list(range(0, 20 * len(timestamps), 20))


async def test_it_is_stopped_by_its_name(carrier: Carrier, application: Application) -> None:
    stop = '<Pause length="1"/><Stop><Stream name="other"/></Stop><Stop><Stream name="talk"/></Stop>'
    application.answers["/incoming"] = fork(f"{stop}<Pause length='60'/>", STREAM_STATUS)
    application.answers["/stream-status"] = ""
    call = await dial_in(carrier)
    ended = await carrier.events.wait_for(StreamEnded)

    assert (call.status, ended.code) == ("in-progress", None)
    call.hang_up("api")
    await call.wait_for_end()
    told = [(form["StreamName"], form["StreamEvent"]) for form in application.list_forms("/stream-status")]
    assert told == [("talk", "stream-started"), ("talk", "stream-stopped")]


async def test_it_ends_with_the_call(carrier: Carrier, application: Application, served: asyncio.Future[Peer]) -> None:
    application.answers["/incoming"] = fork("<Pause length='60'/>")
    report = await (await dial_in(carrier, once(carrier, StreamStarted, leaves_after(200)))).wait_for_end()

    assert report.ended_by == "party"
    assert (await served).messages[-1]["event"] == "stop"


async def test_a_server_that_speaks_breaks_the_protocol_and_not_the_call(
    carrier: Carrier, application: Application
) -> None:
    async def speak(peer: Peer) -> None:
        await peer.read_until("start")
        await peer.say(VOICES["server"])
        await peer.read_until_closed()

    application.serve = speak
    application.answers["/incoming"] = fork("<Pause length='2'/>")
    report = await (await dial_in(carrier)).wait_for_end()

    assert [error.code for error in carrier.events.of(ErrorLogged)] == [errors.STREAM_PROTOCOL]
    assert report.ended_by == "document"


async def test_a_stream_that_cannot_begin_does_not_keep_the_call(carrier: Carrier, application: Application) -> None:
    application.refuse_streams = True
    application.answers["/incoming"] = fork(f"<Say>{WORDS}</Say><Pause length='2'/>")
    report = await (await dial_in(carrier)).wait_for_end()

    assert [error.code for error in carrier.events.of(ErrorLogged)] == [errors.STREAM_UPGRADE_FAILED]
    assert render_mock_speech(WORDS) in report.heard


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (fork("", 'track="all_tracks"'), errors.STREAM_TRACK),
        ("<Response><Start/></Response>", errors.AGAINST_SCHEMA),
        ("<Response><Start><Stream/></Start></Response>", errors.AGAINST_SCHEMA),
        ("<Response><Stop><Stream/></Stop></Response>", errors.AGAINST_SCHEMA),
    ],
)
def test_a_stream_of_the_wrong_shape_is_refused(document: str, code: int) -> None:
    with pytest.raises(TwimlError) as refused:
        parse(document)

    assert refused.value.code == code
