"""OpenAI's Realtime protocol, what the service says: text frames in, events out.

Dispatch goes by `type`; types that the core does not need are ignored, a needed one of the wrong shape is a
ProtocolError. The names of the beta interface, which some compatible servers still use, mean the same events.
Audio stays base64 text, as in `media_stream`. `realtime_orders` is the other direction.

Source: https://platform.openai.com/docs/api-reference/realtime-server-events.
"""

from typing import get_args

from msgspec import Raw, Struct
from msgspec.json import Decoder

from socket_server.errors import BAD_JSON, ProtocolError
from socket_server.events import (
    AudioFinished,
    CallerTranscribed,
    CallStarted,
    FunctionCall,
    ModelError,
    ModelEvent,
    ResponseCreated,
    ResponseDone,
    SessionUpdated,
    SpeechStarted,
    SpeechStopped,
    TranscriptGrew,
)
from socket_server.usage import NOTHING, read_usage

OUR_METADATA = {"made_by": "warmline"}
"""The sign on our own `response.create`; the service puts it on the response that comes of it."""


class AudioDelta(Struct, frozen=True, gc=False, tag_field="type", tag="response.output_audio.delta"):
    """Audio to play: the short way. `delta` is the raw JSON string of its base64 text, quotes included."""

    response_id: str
    item_id: str
    delta: Raw


class _BetaAudioDelta(AudioDelta, frozen=True, tag="response.audio.delta"):
    pass


class _Format(Struct):
    type: str | None = None


class _Direction(Struct):
    format: _Format | None = None


class _Audio(Struct):
    input: _Direction | None = None
    output: _Direction | None = None


class _Session(Struct):
    audio: _Audio | None = None
    input_audio_format: str | None = None  # beta
    output_audio_format: str | None = None  # beta


class _SessionUpdated(Struct, tag_field="type", tag="session.updated"):
    session: _Session

    def event(self) -> ModelEvent:
        audio, session = self.session.audio or _Audio(), self.session
        return SessionUpdated(
            _format(audio.input, session.input_audio_format), _format(audio.output, session.output_audio_format)
        )


class _SpeechStarted(Struct, tag_field="type", tag="input_audio_buffer.speech_started"):
    item_id: str = ""

    def event(self) -> ModelEvent:
        return SpeechStarted(self.item_id)


class _SpeechStopped(Struct, tag_field="type", tag="input_audio_buffer.speech_stopped"):
    item_id: str = ""

    def event(self) -> ModelEvent:
        return SpeechStopped(self.item_id)


class _CallerTranscribed(Struct, tag_field="type", tag="conversation.item.input_audio_transcription.completed"):
    item_id: str
    transcript: str
    usage: Raw = NOTHING

    def event(self) -> ModelEvent:
        return CallerTranscribed(self.item_id, self.transcript, read_usage(self.usage))


class _Created(Struct):
    id: str
    metadata: object = None


class _ResponseCreated(Struct, tag_field="type", tag="response.created"):
    response: _Created

    def event(self) -> ModelEvent:
        return ResponseCreated(self.response.id, self.response.metadata == OUR_METADATA)


class _Item(Struct):
    type: str
    id: str | None = None
    status: str | None = None
    name: str | None = None
    call_id: str | None = None
    arguments: str | None = None


class _ItemAdded(Struct, tag_field="type", tag="response.output_item.added"):
    response_id: str
    item: _Item

    def event(self) -> ModelEvent | None:
        return CallStarted(self.response_id, self.item.name or "") if self.item.type == "function_call" else None


class _TranscriptDelta(Struct, tag_field="type", tag="response.output_audio_transcript.delta"):
    response_id: str
    item_id: str
    delta: str

    def event(self) -> ModelEvent:
        return TranscriptGrew(self.response_id, self.item_id, self.delta)


class _BetaTranscriptDelta(_TranscriptDelta, tag="response.audio_transcript.delta"):
    pass


class _AudioDone(Struct, tag_field="type", tag="response.output_audio.done"):
    response_id: str
    item_id: str

    def event(self) -> ModelEvent:
        return AudioFinished(self.response_id, self.item_id)


class _BetaAudioDone(_AudioDone, tag="response.audio.done"):
    pass


class _Problem(Struct):
    type: str | None = None
    code: str | None = None
    message: str | None = None


class _Details(Struct):
    reason: str | None = None
    error: _Problem | None = None


class _Response(Struct):
    id: str
    status: str
    output: list[_Item] | None = None
    status_details: _Details | None = None
    usage: Raw = NOTHING


class _ResponseDone(Struct, tag_field="type", tag="response.done"):
    response: _Response

    def event(self) -> ModelEvent:
        response = self.response
        items = response.output or []
        details = response.status_details or _Details()
        problem = details.error or _Problem()
        return ResponseDone(
            response.id,
            response.status,
            tuple(
                FunctionCall(item.call_id, item.name or "", item.arguments or "")
                for item in items
                if item.type == "function_call" and item.status == "completed" and item.call_id
            ),
            tuple(item.id for item in items if item.type == "message" and item.id),
            problem.code or problem.type or details.reason or "",
            read_usage(response.usage),
        )


class _Error(Struct, tag_field="type", tag="error"):
    error: _Problem

    def event(self) -> ModelEvent:
        return ModelError(self.error.code or self.error.type or "", self.error.message or "")


class _Type(Struct):
    type: str


type _Message = (
    AudioDelta
    | _BetaAudioDelta
    | _SessionUpdated
    | _SpeechStarted
    | _SpeechStopped
    | _CallerTranscribed
    | _ResponseCreated
    | _ItemAdded
    | _TranscriptDelta
    | _BetaTranscriptDelta
    | _AudioDone
    | _BetaAudioDone
    | _ResponseDone
    | _Error
)
read = Decoder[_Message](_Message).decode
"""One frame that `decode` knows, as it stands; raises one of BAD_JSON."""
_type = Decoder(_Type)
_NEEDED = frozenset(str(shape.__struct_config__.tag) for shape in get_args(_Message.__value__))


def decode(text: bytes) -> AudioDelta | ModelEvent | None:
    """One frame: audio, an event of the core, or None where there is nothing to do."""
    try:
        message = read(text)
    except BAD_JSON as error:
        if kind(text) in _NEEDED:
            raise ProtocolError("model", f"bad {kind(text)} message: {error}") from None
        return None
    return message if isinstance(message, AudioDelta) else message.event()


def kind(text: bytes) -> str:
    """The type of one frame; ProtocolError if it has none."""
    try:
        return _type.decode(text).type
    except BAD_JSON as error:
        raise ProtocolError("model", f"expected a JSON object with a type, got {len(text)} bytes: {error}") from None


def _format(direction: _Direction | None, beta: str | None) -> str | None:
    if direction is not None and direction.format is not None:
        return direction.format.type
    return {"g711_ulaw": "audio/pcmu", "g711_alaw": "audio/pcma", "pcm16": "audio/pcm"}.get(beta or "", beta)
