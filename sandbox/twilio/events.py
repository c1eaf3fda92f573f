"""What can happen to a call, as it can be observed from outside: the closed union `Event`. Nothing in the carrier reads
it; `event_log.py` keeps it.
"""

from dataclasses import dataclass
from typing import Literal, get_args

from sandbox.twilio.verbs import Verb

Direction = Literal["inbound", "outbound-api", "outbound-dial"]
Status = Literal["queued", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled"]
HangUpBy = Literal["party", "document", "reject", "api", "dial", "conference", "limit", "failure"]
Operation = Literal["create", "list", "fetch", "update", "delete", "send"]
AnsweredBy = Literal["human", "machine_start", "fax", "unknown"]
MarkReason = Literal["played", "nothing_buffered", "cleared"]


@dataclass(frozen=True, slots=True)
class CallStarted:
    """A call exists: dialled by a caller, by the REST API or by `<Dial>`."""

    from_: str
    to: str
    direction: Direction
    parent_sid: str | None


@dataclass(frozen=True, slots=True)
class Ringing:
    to: str


@dataclass(frozen=True, slots=True)
class Answered:
    to: str


@dataclass(frozen=True, slots=True)
class HungUp:
    """Noted on the leg that hung up or was made to."""

    by: HangUpBy


@dataclass(frozen=True, slots=True)
class CallEnded:
    status: Status
    talked_ms: int  # since the answer; 0 when nobody answered


@dataclass(frozen=True, slots=True)
class WebhookPosted:
    url: str
    parameters: tuple[tuple[str, str], ...]
    attempt: int  # 1, and more when Twilio asks again


@dataclass(frozen=True, slots=True)
class WebhookAnswered:
    url: str
    status: int
    body: str
    took_ms: int


@dataclass(frozen=True, slots=True)
class ErrorLogged:
    """An entry of Twilio's Debugger."""

    code: int
    detail: str


@dataclass(frozen=True, slots=True)
class CallBroke:
    """No event of Twilio's: the sandbox cannot go on with the call, and ends it."""

    detail: str


@dataclass(frozen=True, slots=True)
class VerbStarted:
    verb: Verb


@dataclass(frozen=True, slots=True)
class StreamStarted:
    stream_sid: str
    url: str
    parameters: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class StreamEnded:
    """`code` is what the Debugger shows; None when Twilio ended the stream itself."""

    stream_sid: str
    code: int | None
    detail: str


@dataclass(frozen=True, slots=True)
class PlayoutStarted:
    """The party hears the first audio after silence."""

    stream_sid: str


@dataclass(frozen=True, slots=True)
class PlayoutDrained:
    """Everything that the server had sent was played or cleared."""

    stream_sid: str


@dataclass(frozen=True, slots=True)
class MarkReturned:
    stream_sid: str
    name: str
    reason: MarkReason


@dataclass(frozen=True, slots=True)
class AudioCleared:
    stream_sid: str
    dropped_ms: int


@dataclass(frozen=True, slots=True)
class PartySpoke:
    """Someone began to say `ms` of audio into this leg."""

    ms: int


@dataclass(frozen=True, slots=True)
class KeyPressed:
    digit: str


@dataclass(frozen=True, slots=True)
class Bridged:
    """From here on the two legs hear each other; noted on the call that dialled."""

    with_sid: str
    to: str


@dataclass(frozen=True, slots=True)
class DialEnded:
    status: str  # DialCallStatus
    bridged: bool
    talked_ms: int


@dataclass(frozen=True, slots=True)
class ConferenceJoined:
    name: str


@dataclass(frozen=True, slots=True)
class ConferenceLeft:
    name: str


@dataclass(frozen=True, slots=True)
class Enqueued:
    name: str


@dataclass(frozen=True, slots=True)
class Recorded:
    recording_sid: str
    ms: int


@dataclass(frozen=True, slots=True)
class MessageSent:
    """An SMS was accepted; noted under its own sid."""

    message_sid: str
    to: str
    body: str


@dataclass(frozen=True, slots=True)
class RestRequest:
    """A request to the REST API about this call, or for a list of its legs; `status` 0 when no answer was given."""

    operation: Operation
    parameters: tuple[tuple[str, str], ...]
    status: int
    code: int | None
    applied: bool = True
    """It was carried out, whatever was answered."""


Event = (
    CallStarted | Ringing | Answered | HungUp | CallEnded | WebhookPosted | WebhookAnswered | ErrorLogged
    | VerbStarted | StreamStarted | StreamEnded | PlayoutStarted | PlayoutDrained | MarkReturned | AudioCleared
    | PartySpoke | KeyPressed | Bridged | DialEnded | ConferenceJoined | ConferenceLeft | Enqueued | Recorded
    | RestRequest | MessageSent | CallBroke
)  # fmt: skip
EVENTS = get_args(Event)
