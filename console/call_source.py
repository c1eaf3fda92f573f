"""Where the pages get calls from: a run of the sandbox, or the call record of a stack. Both look the same from here."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from console.call_view import CallSummary, CallView, Outcome


class SourceError(Exception):
    """The calls cannot be read; the message is one sentence for the user, with what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQuery:
    """Which calls. Everything that is given must hold."""

    day: date | None = None
    """In UTC; None: the newest ones."""
    outcome: Outcome | None = None
    destination: str = ""
    number_ends_with: str = ""
    """Last digits of the caller's number."""
    words: str = ""
    """Said by anybody in the call, in this order, whatever the case."""
    limit: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class CallList:
    """The calls that were found, newest first."""

    calls: tuple[CallSummary, ...]
    more: bool = False
    """There are more than `limit`."""
    read_units: float | None = None
    """What it cost to read them, in DynamoDB's read request units; None: nothing."""


class CallSource(Protocol):
    """Reads calls. Every method raises `SourceError`."""

    @property
    def name(self) -> str:
        """What is shown, such as "stack warmline in eu-central-1"."""

    async def list_calls(self, query: CallQuery) -> CallList:
        """The calls that the query names."""

    async def read_call(self, sid: str) -> CallView | None:
        """The call as it is known now; None: there is none."""

    def watch_call(self, sid: str) -> AsyncIterator[CallView]:
        """The call now, then again after every change, two seconds later at most. Ends when the call is over."""

    def watch_list(self, query: CallQuery) -> AsyncIterator[CallList]:
        """The list now, then again after every change, two seconds later at most. Without end."""
