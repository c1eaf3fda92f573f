"""What can be inside of `<Connect>`, `<Start>`, `<Stop>`, `<Refer>` and `<Dial>`, as `verbs.py` has the verbs."""

from typing import Annotated, Literal

import msgspec

from sandbox.twilio.elements import Element, Method, Parameter, SipAddress, Url


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


class NamedRecording(Element, frozen=True, tag="Recording"):
    name: str | None = None


class StartedRecording(NamedRecording, frozen=True, tag="Recording"):
    recording_status_callback: Url | None = None
    recording_status_callback_method: Method = "POST"
    recording_status_callback_event: str = "completed"
    trim: Literal["trim-silence", "do-not-trim"] = "trim-silence"
    track: Literal["inbound", "outbound", "both"] = "both"
    channels: Literal["mono", "dual"] = "dual"


class Referred(Element, frozen=True, kw_only=True, tag="Sip"):
    text: SipAddress


class Reported(Element, frozen=True):
    """What the nouns that dial have in common. The default of the events is `completed`."""

    status_callback: Url | None = None
    status_callback_method: Method = "POST"
    status_callback_event: str = "completed"


class Leg(Reported, frozen=True):
    """What the nouns that ring somebody have in common."""

    url: Url | None = None
    method: Method = "POST"


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


class ApplicationSid(Element, frozen=True):
    text: str


class Application(Reported, frozen=True):
    text: str = ""  # the sid, unless `<ApplicationSid>` is nested
    customer_id: Annotated[str, msgspec.Meta(max_length=256)] | None = None
    copy_parent_to: bool = False
    nested: tuple[ApplicationSid | Parameter, ...] = ()

    @property
    def sids(self) -> list[str]:
        """Which it names: of a document without a fault, one."""
        return [
            sid for sid in (self.text, *(each.text for each in self.nested if isinstance(each, ApplicationSid))) if sid
        ]


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
    participant_label: Annotated[str, msgspec.Meta(max_length=128)] | None = None
    record: Literal["do-not-record", "record-from-start"] = "do-not-record"
    trim: Literal["trim-silence", "do-not-trim"] = "trim-silence"
    recording_status_callback: Url | None = None
    recording_status_callback_method: Method = "POST"
    recording_status_callback_event: str = "completed"
    jitter_buffer_size: Literal["off", "small", "medium", "large"] = "large"
    status_callback: Url | None = None
    status_callback_method: Method = "POST"
    status_callback_event: str = ""


Ringable = Number | Sip | Client
Dialled = Ringable | Application
