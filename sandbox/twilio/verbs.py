"""TwiML as types: one struct a verb or noun, whose fields are its attributes and whose types are its rules.

The attribute names and their defaults follow twilio 9.13's `twilio.twiml.voice_response` and the pages of
https://www.twilio.com/docs/voice/twiml. What this carrier cannot do is not here but in `not_simulated.py`, so that
using it is an error of its own rather than silently nothing. `twiml.py` fills these from XML; `text` is an element's
own text (what SSML marks in `<Say>` is in it, too), `nested` its children.

Simpler than Twilio: any `voice`, `language` and `ringTone` is taken, `<Say>` has no longest text and `maxLength` no
upper bound. A number that is none is no fault of the document: its leg fails with 13223 (`dial_verb.py`).
"""

from typing import Annotated, Literal

import msgspec

from sandbox.twilio.elements import Count, Element, Method, Parameter, Positive, Url
from sandbox.twilio.nouns import (
    Application,
    Client,
    Conference,
    NamedRecording,
    NamedStream,
    Number,
    Queue,
    Referred,
    Sip,
    StartedRecording,
    Stream,
)  # fmt: skip


class Say(Element, frozen=True):
    text: str
    voice: str | None = None
    language: str | None = None
    loop: Count = 1


class Play(Element, frozen=True):
    text: str = ""  # the URL
    loop: Count = 1
    digits: str | None = None


class Pause(Element, frozen=True):
    length: Count = 1


class Gather(Element, frozen=True):
    """`finishOnKey` may be empty, and then no key finishes."""

    input: Literal["dtmf", "speech", "dtmf speech", "speech dtmf"] = "dtmf"
    action: Url | None = None
    method: Method = "POST"
    timeout: Count = 5
    finish_on_key: Annotated[str, msgspec.Meta(max_length=1)] = "#"
    num_digits: Positive | None = None
    action_on_empty_result: bool = False
    speech_timeout: str | None = None  # seconds, or "auto": see `twiml.py`
    speech_model: str | None = None
    language: str | None = None
    hints: str | None = None
    profanity_filter: bool = True
    enhanced: bool = False
    nested: tuple[Say | Play | Pause, ...] = ()


class Record(Element, frozen=True):
    action: Url | None = None
    method: Method = "POST"
    timeout: Positive = 5
    finish_on_key: str = "1234567890*#"
    max_length: Positive = 3600
    play_beep: bool = True
    trim: Literal["trim-silence", "do-not-trim"] = "trim-silence"
    recording_status_callback: Url | None = None
    recording_status_callback_method: Method = "POST"
    recording_status_callback_event: str = "completed"


class Redirect(Element, frozen=True):
    text: str = ""  # empty: the current document again
    method: Method = "POST"


class Hangup(Element, frozen=True):
    nested: tuple[Parameter, ...] = ()


class Reject(Element, frozen=True):
    reason: Literal["rejected", "busy"] = "rejected"
    nested: tuple[Parameter, ...] = ()


class Task(Element, frozen=True):
    text: str = "{}"  # its attributes, as JSON
    priority: Count = 0
    timeout: Positive = 86_400


class Enqueue(Element, frozen=True):
    text: str = ""  # the queue, unless TaskRouter has it
    workflow_sid: str | None = None
    action: Url | None = None
    method: Method = "POST"
    max_queue_size: Positive = 100
    wait_url: str | None = None
    wait_url_method: Method = "POST"
    nested: Annotated[tuple[Task, ...], msgspec.Meta(max_length=1)] = ()


class Leave(Element, frozen=True):
    """Only in the document of a queue's `waitUrl`."""


class Connect(Element, frozen=True, kw_only=True):
    action: Url | None = None
    method: Method = "POST"
    nested: Annotated[tuple[Stream, ...], msgspec.Meta(min_length=1, max_length=1)]


class Start(Element, frozen=True, kw_only=True):
    nested: Annotated[tuple[Stream | StartedRecording, ...], msgspec.Meta(min_length=1, max_length=1)]


class Stop(Element, frozen=True, kw_only=True):
    nested: Annotated[tuple[NamedStream | NamedRecording, ...], msgspec.Meta(min_length=1, max_length=1)]


class Refer(Element, frozen=True, kw_only=True):
    action: Url | None = None
    method: Method = "POST"
    nested: Annotated[tuple[Referred, ...], msgspec.Meta(min_length=1, max_length=1)]


class Dial(Element, frozen=True):
    text: str = ""  # a bare number, in place of a noun
    action: Url | None = None
    method: Method = "POST"
    timeout: Annotated[int, msgspec.Meta(ge=5, le=600)] = 30
    time_limit: Annotated[int, msgspec.Meta(ge=1, le=86400)] = 14400
    caller_id: str | None = None
    answer_on_bridge: bool = False
    hangup_on_star: bool = False
    ring_tone: str | None = None
    sequential: bool = False
    nested: Annotated[
        tuple[Number | Sip | Client | Application | Queue | Conference, ...], msgspec.Meta(max_length=10)
    ] = ()


Verb = (
    Say
    | Play
    | Pause
    | Gather
    | Record
    | Redirect
    | Hangup
    | Reject
    | Enqueue
    | Leave
    | Connect
    | Start
    | Stop
    | Dial
    | Refer
)


class Response(Element, frozen=True):
    nested: tuple[Verb, ...] = ()
