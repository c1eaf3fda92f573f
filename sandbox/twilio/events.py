"""What can be observed from outside, as it happens: for the demo's terminal and for assertions.

`TimedEvent` says when and on which call; `what` is one of the closed union `Event`. Nothing in the carrier reads it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from sandbox.twilio.verbs import Verb

Direction = Literal["inbound", "outbound-api", "outbound-dial"]
Status = Literal["queued", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled"]
HangUpBy = Literal["party", "document", "reject", "api", "dial", "conference", "limit", "failure"]
Operation = Literal["create", "list", "fetch", "update"]
MarkReason = Literal["played", "nothing_buffered", "cleared"]

# In real seconds: longer than anything in a test lasts on a busy machine, and a test that waits in vain says so.
WAIT_TIMEOUT_S = 30.0


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
    | RestRequest
)  # fmt: skip
EVENTS = get_args(Event)


@dataclass(frozen=True, slots=True)
class TimedEvent:
    at_ms: int  # since the call began; for a dialled leg, since the call that dialled it began
    clock_ms: int  # since the carrier began: comparable between calls
    call_sid: str
    what: Event


class Events:
    """Everything so far, in order; iterate over it, or wait for what is to come."""

    def __init__(self) -> None:
        self._all: list[TimedEvent] = []
        self._more = asyncio.Event()

    def append(self, event: TimedEvent) -> None:
        self._all.append(event)
        self._more.set()
        self._more = asyncio.Event()

    def __iter__(self) -> Iterator[TimedEvent]:
        return iter(tuple(self._all))

    def of[T](self, kind: type[T], call_sid: str | None = None) -> list[T]:
        """What happened of one kind, on one call or on all."""
        return [
            event.what for event in self._all if isinstance(event.what, kind) and call_sid in (None, event.call_sid)
        ]

    async def watch(self) -> AsyncIterator[TimedEvent]:
        """Every event from the first on, without end."""
        seen = 0
        while True:
            while seen < len(self._all):
                seen += 1
                yield self._all[seen - 1]
            await self._more.wait()

    async def wait_for[T](
        self, kind: type[T], where: Callable[[T], bool] | None = None, *, timeout_s: float = WAIT_TIMEOUT_S
    ) -> T:
        """The first event of `kind` (that `where` accepts), past or to come.

        Fails with an AssertionError that tells what happened instead, and never waits for ever.
        """
        try:
            async with asyncio.timeout(timeout_s):
                return await self._wait_for(kind, where)
        except TimeoutError:
            came = [type(event.what).__name__ for event in self._all]
            raise AssertionError(f"waited {timeout_s} s for {kind.__name__}; there was {came}") from None

    async def _wait_for[T](self, kind: type[T], where: Callable[[T], bool] | None) -> T:
        async for event in self.watch():
            if isinstance(event.what, kind) and (where is None or where(event.what)):
                return event.what
        raise AssertionError("watch() never ends")
