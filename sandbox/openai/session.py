"""One session of the model: checks every client event, answers like the service, is played by a behaviour.

Follows the GA interface of OpenAI's Realtime API over WebSocket. The session itself knows when a response
may begin and when it is cut; what is said in it is the behaviour's. Simpler than the service: it has no limit
of time, and no turn detection of its own (the behaviour tells it when the caller speaks).
"""

import json

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from sandbox.not_simulated import NotSimulatedError
from sandbox.openai.client_event_actions import execute
from sandbox.openai.client_events import check
from sandbox.openai.errors import RefusedError
from sandbox.openai.faults import Faults
from sandbox.openai.output_items import Pace
from sandbox.openai.read_pause import ReadPause
from sandbox.openai.response import Response
from sandbox.openai.schemas import Message
from sandbox.openai.session_state import SessionState
from sandbox.openai.wire import Wire


class Session(SessionState):
    """A model at the other end of one socket."""

    def __init__(self, wire: Wire, model: str, *, faults: Faults, pace: Pace) -> None:
        super().__init__(wire, model, faults=faults, pace=pace)
        self._speech_item_id = ""
        self._read_pause = ReadPause()
        self.pause_reading = self._read_pause.hold

    # The socket

    async def run(self) -> None:
        """Serve the socket until it closes."""
        connection: ServerConnection = self.wire.connection
        if not self.faults.mute:
            await self.wire.send({"type": "session.created", "session": self.configuration.document})
        try:
            async for frame in connection:
                await self._read_pause.wait(connection)
                await self._receive(frame)
        except ConnectionClosed:
            pass  # closed without a close frame: close_code says so
        finally:
            self.closed, self.close_code = True, connection.close_code
            if self.active_response is not None:
                self.active_response.status = "cancelled"
            self.note_change()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the socket, as the service does at its own will."""
        await self.wire.connection.close(code, reason)

    def drop(self) -> None:
        """Cut the connection without a word."""
        self.wire.connection.transport.abort()

    async def pong(self) -> None:
        """Send a pong, asked or not (RFC 6455, 5.5.3): a client takes it for the answer to its ping."""
        await self.wire.connection.pong()

    async def send(self, message: Message) -> None:
        """Send any server event, right or wrong; `event_id` is added."""
        await self.wire.send(message)

    async def send_frame(self, frame: str | bytes) -> None:
        """Send any frame: invalid, binary, huge."""
        await self.wire.send_frame(frame)

    async def fail(self, code: str, message: str = "The server had an error.", kind: str = "server_error") -> None:
        """Send an error event that no client event caused."""
        error = {"type": kind, "code": code, "message": message, "param": None, "event_id": None}
        await self.wire.send({"type": "error", "error": error})

    # The model's turn

    async def respond(self) -> Response:
        """Return the open response, or begin one, as the service does of its own accord."""
        return self.active_response or await self.begin_response({})

    async def speak(self, audio: bytes, transcript: str) -> Response:
        """Answer with one spoken item and finish the response."""
        response = await self.respond()
        await response.speak(audio, transcript)
        await response.finish()
        return response

    async def call_tool(self, name: str, **arguments: object) -> str:
        """Answer with one call of a tool and finish the response. Return the call's id."""
        response = await self.respond()
        call_id = await response.call_tool(name, json.dumps(arguments))
        await response.finish()
        return call_id

    # The caller's turn

    async def start_speech(self, at_ms: int | None = None) -> str:
        """Tell that the caller began to speak; cut the open response if the session says so.

        Return the id that the item of what they say will have. `at_ms` is where the turn's audio begins, padding
        included; None: the padding before what was appended last.
        """
        detection = self.configuration.turn_detection
        assert detection is not None, "the session has turn detection switched off"
        self._speech_item_id = self.wire.make_id("item")
        start_ms = max(0, self.measure_input_ms() - detection.prefix_padding_ms) if at_ms is None else at_ms
        where = {"audio_start_ms": start_ms, "item_id": self._speech_item_id}
        await self.wire.send({"type": "input_audio_buffer.speech_started", **where})
        if detection.interrupt_response and self.active_response is not None:
            await self.active_response.finish("cancelled", "turn_detected")
        return self._speech_item_id

    async def stop_speech(self, transcript: str = "", at_ms: int | None = None) -> Response | None:
        """Tell that the caller stopped; what they said becomes an item.

        Return the response that begins now; None if the session asked for none or another one is open. `at_ms` is
        where the turn's audio ends; None: now.
        """
        detection = self.configuration.turn_detection
        assert detection is not None, "the session has turn detection switched off"
        assert self._speech_item_id, "stop_speech without start_speech"
        item_id, self._speech_item_id = self._speech_item_id, ""
        where = {"audio_end_ms": self.measure_input_ms() if at_ms is None else at_ms, "item_id": item_id}
        await self.wire.send({"type": "input_audio_buffer.speech_stopped", **where})
        await self.add_heard(item_id)
        await self._transcribe(item_id, transcript)
        if detection.create_response and self.active_response is None:
            return await self.begin_response({})
        return None

    # Client events

    async def _receive(self, frame: str | bytes) -> None:
        message: Message = {}
        try:
            message = _decode(frame)
            if message.get("type") != "input_audio_buffer.append":
                self.received.append(message)
            check(message)
            if not self.faults.mute and message["type"] not in self.faults.ignores:
                await execute(self, message)
        except RefusedError as error:
            await self._refuse(error, message)
        except NotSimulatedError as error:
            refusal = RefusedError(str(error), code="not_simulated", param=error.feature)
            await self._refuse(refusal, message, kind="sandbox_error")
        self.note_change()

    async def _refuse(self, error: RefusedError, message: Message, kind: str = "invalid_request_error") -> None:
        document = {
            "type": kind,
            "code": error.code,
            "message": error.message,
            "param": error.param,
            "event_id": message.get("event_id"),
        }
        await self.wire.send({"type": "error", "error": document})

    async def _transcribe(self, item_id: str, transcript: str) -> None:
        if self.configuration.document["audio"]["input"]["transcription"] is None:
            return
        where = {"item_id": item_id, "content_index": 0}
        kind = "conversation.item.input_audio_transcription"
        await self.wire.send({"type": f"{kind}.delta", **where, "delta": transcript})
        usage = {"type": "duration", "seconds": 1.0}
        await self.wire.send({"type": f"{kind}.completed", **where, "transcript": transcript, "usage": usage})


def _decode(frame: str | bytes) -> Message:
    try:
        message = json.loads(frame) if isinstance(frame, str) else None
    except ValueError:
        message = None
    if not isinstance(message, dict):
        raise RefusedError("Could not parse the event: expected a JSON object.", code="invalid_event")
    return message
