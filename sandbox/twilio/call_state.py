"""What is known of one call: who is on it, when what happened, how it ended, and what others may wait for.

`calls.py` and `call_lifecycle.py` write it. `CallSnapshot` is for those who only describe a call.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sandbox.twilio.commands import Fallback
from sandbox.twilio.errors import TwilioError
from sandbox.twilio.events import AnsweredBy, Direction, HangUpBy, Status


@dataclass(frozen=True, slots=True)
class Parties:
    from_: str
    to: str
    direction: Direction
    forwarded_from: str | None = None

    @property
    def party(self) -> str:
        """Who is on the other end of the line: a number, "client:identity" or a SIP address."""
        return self.from_ if self.direction == "inbound" else self.to


@dataclass(slots=True)
class CallTimes:
    """The ones in ms are on the carrier's clock."""

    began_ms: int  # of a dialled leg: when the call that dialled it began
    queue_ms: int = 0  # how long a call by REST waits for its turn
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    answered_ms: int | None = None
    ended_ms: int | None = None
    ended_at: datetime | None = None

    def mark_end(self, now_ms: int) -> None:
        self.ended_ms = now_ms
        self.ended_at = datetime.now(UTC)

    @property
    def rang_ms(self) -> int:
        """From the beginning to the answer; 0 without one."""
        return 0 if self.answered_ms is None else self.answered_ms - self.began_ms

    def talked_ms(self, now_ms: int) -> int:
        """Since it was answered, until its end or now."""
        if self.answered_ms is None:
            return 0
        return (now_ms if self.ended_ms is None else self.ended_ms) - self.answered_ms


@dataclass(frozen=True, slots=True)
class CallSignals:
    """Each is set once."""

    answered: asyncio.Event = field(default_factory=asyncio.Event)
    ready: asyncio.Event = field(default_factory=asyncio.Event)  # a dialled leg that may be bridged
    taken: asyncio.Event = field(default_factory=asyncio.Event)  # a REST update took a dialled leg from its bridge
    gone: asyncio.Event = field(default_factory=asyncio.Event)  # hung up; callbacks may still be on their way
    over: asyncio.Event = field(default_factory=asyncio.Event)  # nothing of it is left


@dataclass(slots=True)
class CallOutcome:
    ended_by: HangUpBy | None = None
    error: TwilioError | None = None  # why the network did not take it
    answered_by: AnsweredBy | None = None  # if it was to be detected, once it was
    failure: BaseException | None = None  # a script or the carrier itself broke


@dataclass(slots=True)
class TwimlState:
    """What the documents that a call executes leave behind."""

    fallback: Fallback | None  # asked once
    document_url: str | None = None  # what was fetched last, for the fallback's ErrorUrl
    streaming: asyncio.Task[object] | None = None  # the one program that has a media stream both ways now
    returned: dict[str, str] = field(default_factory=dict)  # for the `<Dial>` whose app this call is, at its end
    started: list[tuple[str | None, asyncio.Task[None]]] = field(default_factory=list)  # by `<Start>`, with its name


@dataclass(frozen=True, slots=True)
class CallSnapshot:
    """A call at one moment, as its form parameters describe it."""

    account_sid: str
    sid: str
    parent_sid: str | None
    parties: Parties
    status: Status
    gone: bool
    talked_ms: int
    error: TwilioError | None
    answered_by: AnsweredBy | None
