"""Media streams as verbs: `<Connect>`, which waits for the end of its stream, `<Start>` and `<Stop>`, which do not."""

import asyncio
from typing import Protocol

from sandbox.twilio import errors
from sandbox.twilio.call_recording import record_call
from sandbox.twilio.calls import Call
from sandbox.twilio.errors import StreamError
from sandbox.twilio.events import ErrorLogged, StreamEnded
from sandbox.twilio.media import MediaStream
from sandbox.twilio.nouns import StartedRecording, Stream
from sandbox.twilio.one_way_stream import TRACKS, OneWayStream
from sandbox.twilio.parameters import make_stream_parameters
from sandbox.twilio.twiml import Document
from sandbox.twilio.verbs import Connect, Start, Stop


class Tell(Protocol):
    """Posts an event of a stream to its status callback."""

    def __call__(self, stream: MediaStream, event: str, error: str | None = None) -> None: ...


async def connect(call: Call, verb: Connect, document: Document) -> Document | None:
    """Stream until the server ends it; then the action's document, or the next verb."""
    action = None
    if verb.action is not None and call.network.faults.connect_action:
        action = document.to_absolute(verb.action)
    try:
        await _stream(call, verb.nested[0], document)
    except asyncio.CancelledError:
        if action is not None and call.hung_up and call.network.faults.action_after_hang_up:
            call.post(verb.method, action, call.make_parameters())
        raise
    return None if action is None else await call.fetch(action, verb.method, call.make_parameters())


def start(call: Call, verb: Start, document: Document) -> None:
    """Stream or record the call beside the verbs that follow, until `<Stop>` or the end of the call."""
    match verb.nested[0]:
        case Stream() as noun:
            call.start(noun.name, _fork(call, noun, document))
        case StartedRecording() as noun:
            call.start(noun.name, record_call(call, noun, document))


def stop(call: Call, verb: Stop) -> None:
    """End what was started under this name. Believed: without effect if there is nothing of that name."""
    call.stop_started(verb.nested[0].name)


async def _fork(call: Call, noun: Stream, document: Document) -> None:
    stream = OneWayStream(call, document.to_absolute(noun.url), noun, lambda: tell(stream, "stream-started"))
    stream.tracks = TRACKS[noun.track]
    tell = _make_teller(call, noun, document)
    await _run(call, stream, tell)


async def _stream(call: Call, noun: Stream, document: Document) -> None:
    def begin() -> None:
        """One bidirectional stream a call: a second one ends the first, and what ran it."""
        previous, call.twiml.streaming = call.twiml.streaming, asyncio.current_task()
        if previous is not None:
            previous.cancel()
        tell(stream, "stream-started")

    stream = MediaStream(call, document.to_absolute(noun.url), noun, begin)
    tell = _make_teller(call, noun, document)
    try:
        await _run(call, stream, tell)
    finally:
        if call.twiml.streaming is asyncio.current_task():
            call.twiml.streaming = None


async def _run(call: Call, stream: MediaStream, tell: Tell) -> None:
    """From the handshake to the end, which is noted and told, whatever brings it about."""
    code, detail = None, "ended by the network"
    try:
        await stream.run()
    except StreamError as error:
        if not stream.started and call.twiml.streaming is not None and not isinstance(stream, OneWayStream):
            raise SecondStreamRefusedError(error) from error
        code, detail = error.code, error.detail
        call.note(ErrorLogged(code, detail))
        if code != errors.STREAM_CLOSED_BY_SERVER:
            tell(stream, "stream-error", f"{code}: {detail}")
    finally:
        call.note(StreamEnded(stream.sid, code, detail))
        if stream.started:
            tell(stream, "stream-stopped")


def _make_teller(call: Call, noun: Stream, document: Document) -> Tell:
    def tell(stream: MediaStream, event: str, error: str | None = None) -> None:
        if noun.status_callback is not None:
            parameters = make_stream_parameters(call.take_snapshot(), stream.sid, noun.name or stream.sid, event, error)
            call.post(noun.status_callback_method, document.to_absolute(noun.status_callback), parameters)

    return tell


class SecondStreamRefusedError(Exception):
    """Another stream of the call runs, and goes on. Only `Faults.execute_both_answers` can bring that about."""

    def __init__(self, failure: StreamError) -> None:
        super().__init__(str(failure))
        self.failure = failure
