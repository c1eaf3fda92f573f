"""The orders of the core: a closed union. The bridge carries them out in the given order, without waiting."""

from dataclasses import dataclass, field
from typing import Literal

EndReason = Literal[
    "goodbye",
    "goodbye_unsaid",  # the model was lost before it could say goodbye: the phone network does
    "caller_gone",
    "transferred",
    "model_failed",
    "draining",
    "stream_lost",
    "internal_error",
]
CancelReason = Literal["cancelled_by_caller", "caller_gone", "replaced", "failed"]
"""Why people are no longer rung. `replaced`: another way to a person is taken, without this attempt."""
Role = Literal["system", "user", "assistant"]
Speaker = Literal["caller", "model", "keys", "tool"]


@dataclass(frozen=True, slots=True)
class ClearAudio:
    """Empty the phone's buffer."""

    newest_mark: str = field(default="", compare=False)
    """For measuring: the last mark in the buffer, which comes back when the buffer is empty; "" if there is none."""


@dataclass(frozen=True, slots=True)
class PlayAudio:
    """Our own audio: the recorded greeting, or a tone while the caller waits."""

    audio: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SendMark:
    name: str


@dataclass(frozen=True, slots=True)
class ForwardHeldAudio:
    """Send the caller's audio that was held while the model's session was being prepared."""


@dataclass(frozen=True, slots=True)
class CommitAudio:
    """End the caller's turn here, because the service has not noticed its end."""


@dataclass(frozen=True, slots=True)
class SetTurnTaking:
    """Whether the service may answer, and may be interrupted, by itself."""

    enabled: bool


@dataclass(frozen=True, slots=True)
class CreateResponse:
    instructions: str | None = None
    """None: the session's instructions."""
    tools_allowed: bool = True


@dataclass(frozen=True, slots=True)
class CancelResponse:
    response_id: str


@dataclass(frozen=True, slots=True)
class TruncateItem:
    item_id: str
    audio_end_ms: int
    """The part that the caller heard; more than 0, at most `sent_ms`."""
    by_marks_ms: int
    """The certain part; the rest is calculated by the clock."""
    sent_ms: int

    @property
    def math(self) -> str:
        """How its milliseconds were reached."""
        proved = f"{self.by_marks_ms} ms proved by marks + {self.audio_end_ms - self.by_marks_ms} ms by the clock"
        return f"item {self.item_id} cut: {proved} = {self.audio_end_ms} ms heard of {self.sent_ms} ms sent"


@dataclass(frozen=True, slots=True)
class DeleteItem:
    item_id: str


@dataclass(frozen=True, slots=True)
class AddMessage:
    role: Role
    text: str
    item_id: str = ""
    """"": the service chooses one."""
    first: bool = False
    """Before everything that the model knows, not after it."""


@dataclass(frozen=True, slots=True)
class SendToolOutput:
    call_id: str
    output: str
    """JSON text."""


@dataclass(frozen=True, slots=True)
class CloseModel:
    """The model is no longer needed, or no longer useful; the call goes on without it."""

    reason: str = field(default="", compare=False)
    """For the log; "" if nothing is wrong."""


@dataclass(frozen=True, slots=True)
class OpenModel:
    """Open another socket in place of the one that was lost or is no longer useful."""

    fresh: bool = False
    """Do not take a spare one, because a spare one was lost."""


@dataclass(frozen=True, slots=True)
class RunTool:
    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Brief:
    """What a person who is rung hears about the call before they take it, in the model's words."""

    who: str = ""
    about: str = ""
    done: str = ""
    """What the model did already."""


@dataclass(frozen=True, slots=True)
class Transfer:
    request_id: str
    destination: str
    """A name of the directory; "" is its first open one that was not rung in vain."""
    reason: str
    summary: str
    announce: bool
    """Nobody has told the caller yet, so the TwiML must."""
    attended: bool = False
    """The talk goes on while people are rung. False: the call moves at once to where they are rung."""
    brief: Brief = Brief()


@dataclass(frozen=True, slots=True)
class WatchAttempt:
    """People ring while the talk goes on: report what happens to this attempt, until `StopWatching`."""

    request_id: str


@dataclass(frozen=True, slots=True)
class StopWatching:
    pass


@dataclass(frozen=True, slots=True)
class Connect:
    """Move the call to the person who has taken it and waits."""

    request_id: str
    announce: bool
    """Nobody has told the caller yet who comes, so the TwiML must."""


@dataclass(frozen=True, slots=True)
class CancelTransfer:
    """Ring nobody any more. It is carried out also if the call ends at the same moment."""

    request_id: str
    reason: CancelReason


@dataclass(frozen=True, slots=True)
class RecordTurn:
    at_ms: int
    """When it began, by the shell's clock."""
    speaker: Speaker
    said: str
    heard: str


@dataclass(frozen=True, slots=True)
class EndStream:
    """The last action: write down why, close both sockets."""

    reason: EndReason
    talked_ms: int


type ModelAction = (
    CommitAudio
    | SetTurnTaking
    | CreateResponse
    | CancelResponse
    | TruncateItem
    | DeleteItem
    | AddMessage
    | SendToolOutput
)
"""What the model is told."""
type Action = (
    ModelAction
    | ClearAudio
    | PlayAudio
    | SendMark
    | ForwardHeldAudio
    | CloseModel
    | OpenModel
    | RunTool
    | Transfer
    | WatchAttempt
    | StopWatching
    | Connect
    | CancelTransfer
    | RecordTurn
    | EndStream
)
