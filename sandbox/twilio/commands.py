"""What a call can be told to do, and whom it reports to."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TypedDict

from sandbox.twilio.events import HangUpBy, Status

# What Twilio executes on one call; it returns who ended it. Cancelled, it cleans up after itself.
Program = Callable[[], Coroutine[None, None, HangUpBy]]


@dataclass(frozen=True, slots=True)
class HangUp:
    by: HangUpBy
    unanswered: Status  # what a call that nobody answered becomes


Command = HangUp | Program


@dataclass(frozen=True, slots=True)
class Callback:
    """Where a call's progress is reported; `events` of initiated, ringing, answered, completed."""

    url: str
    method: str
    events: frozenset[str]


@dataclass(frozen=True, slots=True)
class Fallback:
    """Where a document comes from when the one that was wanted cannot be had or executed."""

    url: str
    method: str = "POST"


class Delivery(TypedDict, total=False):
    """See `Webhooks.request`."""

    token: str | None
    lose_first: bool
