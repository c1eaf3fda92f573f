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

Method = Literal["GET", "POST"]
Url = Annotated[str, msgspec.Meta(min_length=1)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
SipAddress = Annotated[str, msgspec.Meta(pattern=r"^(sips?:([^\s@]+@)?|[^\s@]+@)[^\s@]+$")]
CALL_EVENTS = ("initiated", "ringing", "answered", "completed")


class Element(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename="camel",
    tag=True,
    tag_field="tag",
):
    """Common to all; `tag` is the name of the element in XML and of the class."""


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
    """Keys only; `finishOnKey` may be empty, and then no key finishes."""

    input: Literal["dtmf"] = "dtmf"
    action: Url | None = None
    method: Method = "POST"
    timeout: Count = 5
    finish_on_key: Annotated[str, msgspec.Meta(max_length=1)] = "#"
    num_digits: Positive | None = None
    action_on_empty_result: bool = False
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
    pass


class Reject(Element, frozen=True):
    reason: Literal["rejected", "busy"] = "rejected"


class Enqueue(Element, frozen=True):
    text: str
    action: Url | None = None
    method: Method = "POST"
    max_queue_size: Positive = 100
    wait_url: str | None = None
    wait_url_method: Method = "POST"


class Leave(Element, frozen=True):
    """Only in the document of a queue's `waitUrl`."""


class Parameter(Element, frozen=True):
    name: str
    value: str = ""


class NamedStream(Element, frozen=True, kw_only=True, tag="Stream"):
    """In `<Stop>`, where its name alone matters."""

    url: Url | None = None
    name: str | None = None
    track: str = "inbound_track"
    status_callback: Url | None = None
    status_callback_method: Method = "POST"
    nested: tuple[Parameter, ...] = ()


class Stream(NamedStream, frozen=True, kw_only=True, tag="Stream"):
    url: Url


class Connect(Element, frozen=True, kw_only=True):
    action: Url | None = None
    method: Method = "POST"
    nested: Annotated[tuple[Stream, ...], msgspec.Meta(min_length=1, max_length=1)]


class NamedRecording(Element, frozen=True, tag="Recording"):
    name: str | None = None


class StartedRecording(NamedRecording, frozen=True, tag="Recording"):
    recording_status_callback: Url | None = None
    recording_status_callback_method: Method = "POST"
    recording_status_callback_event: str = "completed"
    trim: Literal["trim-silence", "do-not-trim"] = "trim-silence"
    track: Literal["inbound", "outbound", "both"] = "both"
    channels: Literal["mono", "dual"] = "dual"


class Start(Element, frozen=True, kw_only=True):
    nested: Annotated[tuple[Stream | StartedRecording, ...], msgspec.Meta(min_length=1, max_length=1)]


class Stop(Element, frozen=True, kw_only=True):
    nested: Annotated[tuple[NamedStream | NamedRecording, ...], msgspec.Meta(min_length=1, max_length=1)]


class Referred(Element, frozen=True, kw_only=True, tag="Sip"):
    text: SipAddress


class Refer(Element, frozen=True, kw_only=True):
    action: Url | None = None
    method: Method = "POST"
    nested: Annotated[tuple[Referred, ...], msgspec.Meta(min_length=1, max_length=1)]


class Leg(Element, frozen=True):
    """What the nouns that ring somebody have in common. The default of the events is `completed`."""

    url: Url | None = None
    method: Method = "POST"
    status_callback: Url | None = None
    status_callback_method: Method = "POST"
    status_callback_event: str = "completed"


class Detectable(Leg, frozen=True):
    """Of which Twilio can find out whether a machine answers."""

    machine_detection: Literal["Enable"] | None = None
    amd_status_callback: Url | None = None
    amd_status_callback_method: Method = "POST"


class Number(Detectable, frozen=True, kw_only=True):
    text: str
    send_digits: str | None = None


class Sip(Detectable, frozen=True, kw_only=True):
    text: SipAddress
    username: str | None = None
    password: str | None = None


class Identity(Element, frozen=True):
    text: str


class Client(Leg, frozen=True):
    text: str = ""  # the identity, unless `<Identity>` is nested
    nested: tuple[Identity | Parameter, ...] = ()


class Queue(Element, frozen=True):
    text: str
    url: Url | None = None
    method: Method = "POST"


class Conference(Element, frozen=True):
    text: str
    muted: bool = False
    beep: Literal["true", "false", "onEnter", "onExit"] = "true"
    start_conference_on_enter: bool = True
    end_conference_on_exit: bool = False
    wait_url: str | None = None  # "" is silence
    wait_method: Method = "POST"
    max_participants: Annotated[int, msgspec.Meta(ge=2, le=250)] = 250
    participant_label: str | None = None
    status_callback: Url | None = None
    status_callback_method: Method = "POST"
    status_callback_event: str = ""


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
    nested: Annotated[tuple[Number | Sip | Client | Queue | Conference, ...], msgspec.Meta(max_length=10)] = ()


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
Ringable = Number | Sip | Client


class Response(Element, frozen=True):
    nested: tuple[Verb, ...] = ()
