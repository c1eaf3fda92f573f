"""The usage that the service reports for a response or a transcription: tokens by kind, or seconds of audio.

It is decoded separately from its message, so a count of the wrong shape costs a measurement, never a call.

Source: https://platform.openai.com/docs/api-reference/realtime-server-events (response.done,
conversation.item.input_audio_transcription.completed).
"""

from typing import Annotated

from msgspec import Meta, Raw, Struct
from msgspec.json import Decoder

from socket_server.core.errors import BAD_JSON
from socket_server.core.usage import Usage

NOTHING = Raw()
"""Used if a message has no usage."""

type Tokens = Annotated[int, Meta(ge=0, le=10**9)] | None
type Seconds = Annotated[float, Meta(ge=0, le=10**6)] | None


class _Kinds(Struct):
    text_tokens: Tokens = None
    audio_tokens: Tokens = None


class _Input(_Kinds):
    cached_tokens_details: _Kinds | None = None


class _Usage(Struct):
    seconds: Seconds = None
    input_token_details: _Input | None = None
    output_token_details: _Kinds | None = None
    output_tokens: Tokens = None


_decoder = Decoder[_Usage | None](_Usage | None)


def read_usage(text: Raw) -> Usage | None:
    """None if nothing was counted, or in a way that has no price: tokens without their kinds.

    If the kinds of cached tokens are missing, nothing counts as cached. The cost is then an upper bound.
    """
    try:
        usage = _decoder.decode(text) if text else None
    except BAD_JSON:
        return None
    if usage is None:
        return None
    if usage.seconds is not None:
        return Usage(seconds=usage.seconds)
    if usage.input_token_details is None:
        return None
    heard = usage.input_token_details
    cached = heard.cached_tokens_details or _Kinds()
    said = usage.output_token_details or _Kinds(usage.output_tokens)  # a transcription puts out text alone
    text_cached = min(cached.text_tokens or 0, heard.text_tokens or 0)
    audio_cached = min(cached.audio_tokens or 0, heard.audio_tokens or 0)
    return Usage(
        text_in=(heard.text_tokens or 0) - text_cached,
        text_cached=text_cached,
        text_out=said.text_tokens or 0,
        audio_in=(heard.audio_tokens or 0) - audio_cached,
        audio_cached=audio_cached,
        audio_out=said.audio_tokens or 0,
    )
