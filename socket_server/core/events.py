"""What can happen to a call: a closed union. The core receives these events.

Audio is not an event: it passes the gate, `Conversation.caller_frame` and `Conversation.model_audio`.
Times are integer milliseconds of the shell's clock and are given with the event.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal

from msgspec import Raw, Struct

from socket_server.core.attempt_events import AttemptChanged
from socket_server.core.usage import Usage


@dataclass(frozen=True, slots=True)
class MarkPlayed:
    """A mark came back: all audio before it was played, or was cleared. `Conversation.mark_played` counted it."""

    name: str


@dataclass(frozen=True, slots=True)
class KeyPressed:
    digit: str
    """One of 0-9, *, #, A-D."""


@dataclass(frozen=True, slots=True)
class PhoneStopped:
    """The phone network said `stop`: the call ended or its TwiML was replaced. It does not say which."""


@dataclass(frozen=True, slots=True)
class PhoneLost:
    """The phone's socket closed without `stop`. The caller may still be on the line."""


class ModelAudio(Struct, frozen=True, gc=False):
    """A piece of the model's speech. It is not an event: it passes the gate undecoded."""

    response_id: str
    item_id: str
    payload: Raw
    """The raw JSON string of its base64 text, quotes included: mu-law, 8000 samples a second."""


@dataclass(frozen=True, slots=True)
class ModelOpened:
    """The model's socket is open and the session requested. It comes again if a socket was lost before it was ready."""


@dataclass(frozen=True, slots=True)
class SessionReady:
    """The service has confirmed the session that it was asked for."""

    fault: str = ""
    """Why it cannot be used, such as another audio format, which would be loud noise for the caller; "": it can."""


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    item_id: str


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    item_id: str


@dataclass(frozen=True, slots=True)
class CallerTranscribed:
    item_id: str
    text: str
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class ResponseCreated:
    response_id: str
    ours: bool = False
    """It has the sign of our own request. Some servers do not send the sign back."""


@dataclass(frozen=True, slots=True)
class CallStarted:
    """A function call appeared in a response that is not complete yet."""

    response_id: str
    name: str


@dataclass(frozen=True, slots=True)
class TranscriptGrew:
    response_id: str
    item_id: str
    text: str
    """The new words."""


@dataclass(frozen=True, slots=True)
class AudioFinished:
    """We have received the last audio of an item."""

    response_id: str
    item_id: str


@dataclass(frozen=True, slots=True)
class FunctionCall:
    call_id: str
    name: str
    arguments: str
    """JSON text as the model wrote it; not checked."""


class ErrorKind(Enum):
    """What an error of the model's service means for the call. A vendor's package maps its own codes to these."""

    OTHER = auto()
    """The session is as it was."""
    RESPONSE_ACTIVE = auto()
    """A response is being made already. The requested one is possible after it."""
    RATE_LIMIT = auto()
    """The same may be requested again, after a while."""
    SERVER = auto()
    """The service has a problem. Another session is probably possible."""
    SESSION_EXPIRED = auto()
    """The session has reached its maximum age. Another one is probably possible."""
    ACCOUNT = auto()
    """No session is possible: the key, the account or the model is refused."""


@dataclass(frozen=True, slots=True)
class ModelError:
    """The service answered with an error. Most errors leave the session as it was."""

    kind: ErrorKind = ErrorKind.OTHER
    code: str = ""
    """The vendor's own code, for the log."""
    of_request: bool = False
    """A response that we requested caused it, and will not come."""
    retry_after_ms: int | None = None
    """When the request may be repeated, as the service says; None if it does not."""
    subject: str = ""
    """What in our message was refused, such as `session.audio.output.voice`; "" if the service does not say."""

    @property
    def name(self) -> str:
        """For the log."""
        name = self.code or self.kind.name.lower()
        return f"{name} ({self.subject})" if self.subject else name


@dataclass(frozen=True, slots=True)
class ResponseDone:
    response_id: str
    status: str
    """completed, cancelled, failed or incomplete."""
    calls: tuple[FunctionCall, ...] = ()
    """Function calls whose item was completed."""
    message_ids: tuple[str, ...] = ()
    """Items of speech in the response."""
    error: ModelError | None = None
    """Why it was not completed; None if the service does not say."""
    usage: Usage | None = None
    """None if the service did not count."""


@dataclass(frozen=True, slots=True)
class ModelLost:
    """The model's socket closed, or never opened."""

    reason: str
    spare: bool = False
    """It was opened some time before the call, so its loss says little about the service."""
    hopeless: bool = False
    """Another socket would be refused or lost for the same reason."""
    noise: bool = False
    """What it sent as audio is none: the caller must not hear the part that is still in the phone's buffer."""


@dataclass(frozen=True, slots=True)
class CallAdmitted:
    """The token of the stream is valid: from now on the caller may hear something."""


@dataclass(frozen=True, slots=True)
class ToolFinished:
    call_id: str
    output: str
    """JSON text for the model."""


TransferStatus = Literal["moved", "ringing", "closed", "in_progress", "caller_gone", "unknown_destination", "failed"]


@dataclass(frozen=True, slots=True)
class TransferFinished:
    request_id: str
    status: TransferStatus
    detail: str = ""
    """What the model may know: why it failed, and when somebody is there again."""
    people: int = 0
    """How many are rung, with `ringing`; 0: unknown."""


@dataclass(frozen=True, slots=True)
class Draining:
    """This process has to end, so the call must continue in another one. Both times are of the shell's clock."""

    pause_from_ms: int
    """From then on the call ends at the next pause in the talk."""
    latest_ms: int
    """Then the call ends in any case."""


@dataclass(frozen=True, slots=True)
class DeadlinePassed:
    """`Conversation.deadline_ms` has been reached."""


type PhoneEvent = MarkPlayed | KeyPressed | PhoneStopped | PhoneLost
type ModelEvent = (
    ModelOpened
    | SessionReady
    | SpeechStarted
    | SpeechStopped
    | CallerTranscribed
    | ResponseCreated
    | CallStarted
    | TranscriptGrew
    | AudioFinished
    | ResponseDone
    | ModelError
    | ModelLost
)
type Event = (
    PhoneEvent
    | ModelEvent
    | CallAdmitted
    | ToolFinished
    | TransferFinished
    | AttemptChanged
    | Draining
    | DeadlinePassed
)
