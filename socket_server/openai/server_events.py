"""OpenAI's Realtime protocol, what the service says: text frames in, events out.

Dispatch goes by `type`; types that the core does not need are ignored, a needed one without what it decides by is a
ProtocolError. What decides nothing may be missing, null or of any type. The names of the beta interface, which some
compatible servers still use, mean the same events. Audio stays base64 text, as in `media_stream`. `realtime_orders` is
the other direction.

Source: https://platform.openai.com/docs/api-reference/realtime-server-events.
"""

import re
from collections.abc import Iterator
from typing import get_args

from msgspec import Raw, Struct
from msgspec.json import Decoder, encode

from socket_server.core.errors import BAD_JSON, ProtocolError
from socket_server.core.events import (
    AudioFinished,
    CallerTranscribed,
    CallStarted,
    ErrorKind,
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
from socket_server.openai.usage import NOTHING, read_usage

OUR_METADATA = {"made_by": "warmline"}
"""The sign on our own `response.create`; the service puts it on the response that comes of it."""
REQUEST_ID = "response_create"
"""`event_id` of our own `response.create`, of which one is outstanding at a time; it is in the error that it causes."""

KINDS = {
    "account_deactivated": ErrorKind.ACCOUNT,
    "billing_hard_limit_reached": ErrorKind.ACCOUNT,
    "conversation_already_has_active_response": ErrorKind.RESPONSE_ACTIVE,
    "inference_rate_limit_exceeded": ErrorKind.RATE_LIMIT,
    "insufficient_quota": ErrorKind.ACCOUNT,
    "invalid_api_key": ErrorKind.ACCOUNT,
    "model_not_found": ErrorKind.ACCOUNT,
    "rate_limit_exceeded": ErrorKind.RATE_LIMIT,
    "server_error": ErrorKind.SERVER,
    "session_expired": ErrorKind.SESSION_EXPIRED,
}
"""What the codes of errors mean for a call; every other one leaves the session as it was."""


class AudioDelta(Struct, frozen=True, gc=False, tag_field="type", tag="response.output_audio.delta"):
    """Audio to play: the short way. `delta` is the raw JSON string of its base64 text, quotes included."""

    response_id: str
    item_id: str
    delta: Raw


class _BetaAudioDelta(AudioDelta, frozen=True, tag="response.audio.delta"):
    pass


class _SessionUpdated(Struct, tag_field="type", tag="session.updated"):
    session: object = None

    def event(self) -> ModelEvent:
        return SessionUpdated(_format(self.session, "input"), _format(self.session, "output"))


class _SpeechStarted(Struct, tag_field="type", tag="input_audio_buffer.speech_started"):
    item_id: object = None

    def event(self) -> ModelEvent:
        return SpeechStarted(_text(self.item_id))


class _SpeechStopped(Struct, tag_field="type", tag="input_audio_buffer.speech_stopped"):
    item_id: object = None

    def event(self) -> ModelEvent:
        return SpeechStopped(_text(self.item_id))


class _CallerTranscribed(Struct, tag_field="type", tag="conversation.item.input_audio_transcription.completed"):
    item_id: object = None
    transcript: object = None
    usage: Raw = NOTHING

    def event(self) -> ModelEvent:
        return CallerTranscribed(_text(self.item_id), _text(self.transcript), read_usage(self.usage))


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
        is_call = _at(self.item, "type") == "function_call"
        return CallStarted(self.response_id, _text(_at(self.item, "name"))) if is_call else None


class _TranscriptDelta(Struct, tag_field="type", tag="response.output_audio_transcript.delta"):
    response_id: object = None
    item_id: object = None
    delta: object = None

    def event(self) -> ModelEvent | None:
        words = _text(self.delta)
        return TranscriptGrew(_text(self.response_id), _text(self.item_id), words) if words else None


class _BetaTranscriptDelta(_TranscriptDelta, tag="response.audio_transcript.delta"):
    pass


class _AudioDone(Struct, tag_field="type", tag="response.output_audio.done"):
    response_id: object = None
    item_id: object = None

    def event(self) -> ModelEvent:
        return AudioFinished(_text(self.response_id), _text(self.item_id))


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
        problem = _at(response.status_details, "error")
        return ResponseDone(
            response.id,
            response.status,
            tuple(_calls(output)),
            tuple(filter(None, (_text(_at(item, "id")) for item in output if _at(item, "type") == "message"))),
            _error(problem, _text(_at(response.status_details, "reason"))),
            read_usage(response.usage),
        )


class _Error(Struct, tag_field="type", tag="error"):
    error: object = None

    def event(self) -> ModelEvent:
        error = self.error
        code = _code(error)
        of_request = _at(error, "event_id") == REQUEST_ID
        return ModelError(KINDS.get(code, ErrorKind.OTHER), code, of_request, _retry_after_ms(error))


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


def _calls(output: list[object]) -> Iterator[FunctionCall]:
    """The function calls that were completed; one without an id cannot be answered."""
    for item in output:
        call_id = _text(_at(item, "call_id"))
        if _at(item, "type") == "function_call" and _at(item, "status") == "completed" and call_id:
            arguments = _at(item, "arguments")
            text = arguments if isinstance(arguments, str) else encode(arguments).decode()
            yield FunctionCall(call_id, _text(_at(item, "name")), text)


def _error(problem: object, reason: str) -> ModelError | None:
    """Why a response was not completed, if it says so."""
    code = _code(problem) or reason
    return ModelError(KINDS.get(code, ErrorKind.OTHER), code, retry_after_ms=_retry_after_ms(problem)) if code else None


def _code(problem: object) -> str:
    return _text(_at(problem, "code")) or _text(_at(problem, "type"))


def _retry_after_ms(problem: object) -> int | None:
    """From the words of a rate limit: "Please try again in 1.2s", or "in 20ms"."""
    found = re.search(r"try again in (\d{1,6}(?:\.\d{1,6})?)(ms|s)\b", _text(_at(problem, "message")))
    return None if found is None else round(float(found[1]) * (1000 if found[2] == "s" else 1))


def _format(session: object, direction: str) -> str | None:
    found = _at(session, "audio", direction, "format", "type")
    if found is not None:
        return _text(found)
    beta = _text(_at(session, f"{direction}_audio_format"))
    return {"": None, "g711_ulaw": "audio/pcmu", "g711_alaw": "audio/pcma", "pcm16": "audio/pcm"}.get(beta, beta)


def _at(value: object, *path: str) -> object:
    """What stands there in an object of objects; None where nothing does."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _text(value: object) -> str:
    """A string as it is, a number as one; "" for everything else."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
