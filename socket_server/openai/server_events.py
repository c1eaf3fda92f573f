"""Server events of OpenAI's Realtime protocol: text frames in, events out.

`type` says which event it is. Types that the core does not need are ignored. If a needed event lacks a field that a
decision needs, that is a ProtocolError. All other fields may be missing, null or of any type. The names of the beta
interface, which some compatible servers still use, mean the same events. Audio stays base64 text, as in Twilio's
messages. `client_events` has the other direction.

Source: https://platform.openai.com/docs/api-reference/realtime-server-events.
"""

from collections.abc import Iterator
from typing import get_args

from msgspec import Raw, Struct, field
from msgspec.json import Decoder, encode

from socket_server.core.errors import BAD_JSON, ProtocolError
from socket_server.core.events import (
    AudioFinished,
    CallerTranscribed,
    CallStarted,
    FunctionCall,
    ModelAudio,
    ModelEvent,
    ResponseCreated,
    ResponseDone,
    SessionReady,
    SpeechStarted,
    SpeechStopped,
    TranscriptGrew,
)
from socket_server.openai.errors import read_error
from socket_server.openai.lenient import find_value, to_text
from socket_server.openai.usage import NOTHING, read_usage

FORMAT = "audio/pcmu"  # what both sides speak: nothing is transcoded
OUR_METADATA = {"made_by": "warmline"}
"""The sign on our own `response.create`. The service puts it on the response that follows."""
REQUEST_ID = "response_create"
"""`event_id` of our own `response.create`; only one is outstanding at a time. An error that it causes has this id."""


class AudioDelta(ModelAudio, frozen=True, gc=False, tag_field="type", tag="response.output_audio.delta"):
    """Audio to play."""

    payload: Raw = field(name="delta")


class _BetaAudioDelta(AudioDelta, frozen=True, gc=False, tag="response.audio.delta"):
    pass


class _SessionUpdated(Struct, tag_field="type", tag="session.updated"):
    session: object = None

    def event(self) -> ModelEvent:
        heard, spoken = _format(self.session, "input"), _format(self.session, "output")
        fault = f"the session is {heard} in, {spoken} out, not {FORMAT}" if (heard, spoken) != (FORMAT, FORMAT) else ""
        return SessionReady(fault)


class _SpeechStarted(Struct, tag_field="type", tag="input_audio_buffer.speech_started"):
    item_id: object = None

    def event(self) -> ModelEvent:
        return SpeechStarted(to_text(self.item_id))


class _SpeechStopped(Struct, tag_field="type", tag="input_audio_buffer.speech_stopped"):
    item_id: object = None

    def event(self) -> ModelEvent:
        return SpeechStopped(to_text(self.item_id))


class _CallerTranscribed(Struct, tag_field="type", tag="conversation.item.input_audio_transcription.completed"):
    item_id: object = None
    transcript: object = None
    usage: Raw = NOTHING

    def event(self) -> ModelEvent:
        return CallerTranscribed(to_text(self.item_id), to_text(self.transcript), read_usage(self.usage))


class _Created(Struct):
    id: str
    metadata: object = None


class _ResponseCreated(Struct, tag_field="type", tag="response.created"):
    response: _Created

    def event(self) -> ModelEvent:
        return ResponseCreated(self.response.id, self.response.metadata == OUR_METADATA)


class _ItemAdded(Struct, tag_field="type", tag="response.output_item.added"):
    response_id: str
    item: object = None

    def event(self) -> ModelEvent | None:
        is_call = find_value(self.item, "type") == "function_call"
        return CallStarted(self.response_id, to_text(find_value(self.item, "name"))) if is_call else None


class _TranscriptDelta(Struct, tag_field="type", tag="response.output_audio_transcript.delta"):
    response_id: object = None
    item_id: object = None
    delta: object = None

    def event(self) -> ModelEvent | None:
        words = to_text(self.delta)
        return TranscriptGrew(to_text(self.response_id), to_text(self.item_id), words) if words else None


class _BetaTranscriptDelta(_TranscriptDelta, tag="response.audio_transcript.delta"):
    pass


class _AudioDone(Struct, tag_field="type", tag="response.output_audio.done"):
    response_id: object = None
    item_id: object = None

    def event(self) -> ModelEvent:
        return AudioFinished(to_text(self.response_id), to_text(self.item_id))


class _BetaAudioDone(_AudioDone, tag="response.audio.done"):
    pass


class _Response(Struct):
    id: str
    status: str
    output: object = None
    status_details: object = None
    usage: Raw = NOTHING


class _ResponseDone(Struct, tag_field="type", tag="response.done"):
    response: _Response

    def event(self) -> ModelEvent:
        response = self.response
        output = response.output if isinstance(response.output, list) else []
        problem = find_value(response.status_details, "error")
        reason = to_text(find_value(response.status_details, "reason"))
        return ResponseDone(
            response.id,
            response.status,
            tuple(_list_calls(output)),
            tuple(
                filter(
                    None, (to_text(find_value(item, "id")) for item in output if find_value(item, "type") == "message")
                )
            ),
            read_error(problem, reason) if problem or reason else None,
            read_usage(response.usage),
        )


class _Error(Struct, tag_field="type", tag="error"):
    error: object = None

    def event(self) -> ModelEvent:
        error = self.error
        return read_error(error, of_request=find_value(error, "event_id") == REQUEST_ID)


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
_read = Decoder[_Message](_Message).decode
_type = Decoder(_Type)
_NEEDED = frozenset(str(shape.__struct_config__.tag) for shape in get_args(_Message.__value__))


def decode(text: bytes) -> AudioDelta | ModelEvent | None:
    """One frame: audio, an event of the core, or None if there is nothing to do."""
    # What is ignored is read twice, which costs 0.8 us, some twenty times for a response. Looking at the type before
    # anything else would cost every delta of audio 0.3 us more than the 0.5 us that it takes.
    try:
        message = _read(text)
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


def _list_calls(output: list[object]) -> Iterator[FunctionCall]:
    """The function calls that were completed; one without an id cannot be answered."""
    for item in output:
        call_id = to_text(find_value(item, "call_id"))
        if find_value(item, "type") == "function_call" and find_value(item, "status") == "completed" and call_id:
            arguments = find_value(item, "arguments")
            text = arguments if isinstance(arguments, str) else encode(arguments).decode()
            yield FunctionCall(call_id, to_text(find_value(item, "name")), text)


def _format(session: object, direction: str) -> str | None:
    found = find_value(session, "audio", direction, "format", "type")
    if found is not None:
        return to_text(found)
    beta = to_text(find_value(session, f"{direction}_audio_format"))
    return {"": None, "g711_ulaw": "audio/pcmu", "g711_alaw": "audio/pcma", "pcm16": "audio/pcm"}.get(beta, beta)
