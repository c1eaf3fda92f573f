"""`<Connect><Stream>`: a media stream as a verb, its status callbacks, and what follows it."""

import asyncio

from sandbox.twilio import errors
from sandbox.twilio.calls import Call
from sandbox.twilio.errors import StreamError
from sandbox.twilio.events import ErrorLogged, StreamEnded
from sandbox.twilio.media import MediaStream
from sandbox.twilio.parameters import make_stream_parameters
from sandbox.twilio.twiml import Document
from sandbox.twilio.verbs import Connect, Stream


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


async def _stream(call: Call, verb: Stream, document: Document) -> None:
    def begin() -> None:
        """One bidirectional stream a call: a second one ends the first, and what ran it."""
        previous, call.twiml.streaming = call.twiml.streaming, asyncio.current_task()
        if previous is not None:
            previous.cancel()
        tell("stream-started")

    def tell(event: str, error: str | None = None) -> None:
        if verb.status_callback is not None:
            parameters = make_stream_parameters(call.take_snapshot(), stream.sid, verb.name or stream.sid, event, error)
            call.post(verb.status_callback_method, document.to_absolute(verb.status_callback), parameters)

    stream = MediaStream(call, document.to_absolute(verb.url), verb, begin)
    code, detail = None, "ended by the network"
    try:
        await stream.run()
    except StreamError as error:
        if not stream.started and call.twiml.streaming is not None:
            raise SecondStreamRefusedError(error) from error
        code, detail = error.code, error.detail
        call.note(ErrorLogged(code, detail))
        if code != errors.STREAM_CLOSED_BY_SERVER:
            tell("stream-error", f"{code}: {detail}")
    finally:
        call.note(StreamEnded(stream.sid, code, detail))
        if stream.started:
            tell("stream-stopped")
        if call.twiml.streaming is asyncio.current_task():
            call.twiml.streaming = None


class SecondStreamRefusedError(Exception):
    """Another stream of the call runs, and goes on. Only `Faults.execute_both_answers` can bring that about."""

    def __init__(self, failure: StreamError) -> None:
        super().__init__(str(failure))
        self.failure = failure
