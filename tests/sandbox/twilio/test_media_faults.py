"""sandbox.twilio.media with servers that refuse, break, babble or do not read: each has a code of its own."""

import asyncio
import base64
import hashlib
import socket

import pytest

from sandbox.twilio import Carrier
from sandbox.twilio.events import ErrorLogged, StreamEnded
from tests.sandbox.twilio.application import ACCOUNT_SID, AUTH_TOKEN, STREAM, STREAM_STATUS, Application, Peer, connect
from tests.sandbox.twilio.scripts import dial_in, stays

pytestmark = pytest.mark.usefixtures("reported_streams")


def make_carrier_to(application: Application, port: int) -> Carrier:
    """Its streams go to a server of the test's own."""
    routes = application.make_routes() | {STREAM: f"ws://127.0.0.1:{port}"}
    return Carrier(account_sid=ACCOUNT_SID, auth_token=AUTH_TOKEN, routes=routes, pace=10)


@pytest.mark.parametrize(
    "garbage",
    [
        "no json",
        '{"event":"media"}',
        '{"event":"mark","streamSid":"SID","mark":{}}',
        '{"event":"mark","streamSid":"MZ2","mark":{"name":"a"}}',
        '{"event":"media","streamSid":"SID","media":{"payload":"%%%"}}',
        '{"event":"connected","protocol":"Call"}',
        b"\x00\xff",
    ],
)
async def test_garbage_ends_the_stream_and_not_the_call(
    carrier: Carrier, application: Application, garbage: str | bytes
) -> None:
    async def serve(peer: Peer) -> None:
        await peer.read_until("start")
        if isinstance(garbage, bytes):
            await peer.socket.send_bytes(garbage)
        else:
            await peer.socket.send_text(garbage.replace("SID", peer.stream_sid))
        await peer.read_until_closed()

    application.serve = serve
    application.answers["/incoming"] = connect(after="<Say>Goodbye</Say>", stream=STREAM_STATUS)
    report = await (await dial_in(carrier)).wait_for_end()

    assert [ended.code for ended in carrier.events.of(StreamEnded)] == [31924]
    assert report.ended_by == "document"
    last = application.list_forms("/stream-status")[-2:]
    assert {form["StreamEvent"] for form in last} == {"stream-error", "stream-stopped"}


async def test_a_refused_handshake_is_31920(carrier: Carrier, application: Application) -> None:
    application.refuse_streams = True
    report = await (await dial_in(carrier)).wait_for_end()

    assert [error.code for error in carrier.events.of(ErrorLogged)] == [31920]
    (form,) = application.list_forms("/stream-status")
    assert (form["StreamEvent"], form["StreamError"]) == ("stream-error", "31920: expected 101, got 403")
    assert report.ended_by == "document"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        (f"{STREAM}/media-stream?token=t", 31920),
        ("ws://stream.warmline.test/media-stream", 31922),
        ("wss:///media-stream", 31923),
        ("wss://elsewhere.test/media-stream", 31902),
    ],
)
async def test_a_url_that_twilio_cannot_dial_has_its_code(
    carrier: Carrier, application: Application, url: str, code: int
) -> None:
    application.answers["/incoming"] = f'<Response><Connect><Stream url="{url}"/></Connect></Response>'
    await (await dial_in(carrier)).wait_for_end()

    assert [error.code for error in carrier.events.of(ErrorLogged)] == [code]
    assert application.peers == []


async def test_a_server_that_is_down_is_31902(application: Application) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # and does not listen
        async with make_carrier_to(application, held.getsockname()[1]) as carrier:
            await (await dial_in(carrier)).wait_for_end()

            assert [error.code for error in carrier.events.of(ErrorLogged)] == [31902]


async def test_a_server_that_drops_the_connection_is_31903(application: Application) -> None:
    async def drop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        writer.write(_upgrade(request))
        await reader.read(1)
        writer.transport.abort()

    server = await asyncio.start_server(drop, "127.0.0.1", 0)
    async with server, make_carrier_to(application, server.sockets[0].getsockname()[1]) as carrier:
        await (await dial_in(carrier)).wait_for_end()

        assert [ended.code for ended in carrier.events.of(StreamEnded)] == [31903]


async def test_a_server_that_does_not_read_loses_audio(application: Application) -> None:
    async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        writer.write(_upgrade(request))
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await overflowed.wait()
        writer.transport.abort()

    overflowed = asyncio.Event()
    # A small receive buffer, so that seconds of audio fill it and not minutes.
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listener.bind(("127.0.0.1", 0))
    server = await asyncio.start_server(stall, sock=listener)
    async with server, make_carrier_to(application, listener.getsockname()[1]) as carrier:
        call = await dial_in(carrier, stays)
        await carrier.events.wait_for(ErrorLogged, lambda error: error.code == 31930)
        overflowed.set()
        await call.wait_for_end()


def _upgrade(request: str) -> bytes:
    """The answer to a WebSocket handshake, by RFC 6455, section 4.2.2."""
    lines = (line.partition(": ") for line in request.splitlines())
    key = next(value for name, _, value in lines if name.lower() == "sec-websocket-key")
    magic = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()  # noqa: S324
    accept = base64.b64encode(magic).decode()
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\n\r\n"
    ).encode()


async def test_a_server_that_speaks_no_websocket_is_31920(application: Application) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"220 mail.test ready\r\n")
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    async with server, make_carrier_to(application, server.sockets[0].getsockname()[1]) as carrier:
        await (await dial_in(carrier)).wait_for_end()

        assert [error.code for error in carrier.events.of(ErrorLogged)] == [31920]
