"""Chooses whom to ring: the destination that was asked for by name, or the first open one that was not rung in vain.

Pure: the directory, the attempts so far and the time go in.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from call_record import Attempt
from destination import Destination
from directory import Directory
from directory_file import Fallback

REACHED_NOBODY = ("no_answer", "busy", "declined", "not_accepted", "failed", "nobody", "passed")
UNDER_WAY_MS = 30_000
# Ten people in turn, each for up to 47 s from the first ring to the key, and a margin.
BESIDE_THE_TALK_MS = 600_000


def list_candidates(directory: Directory, name: str | None) -> Sequence[Destination]:
    """The destinations to choose from, best first; all of them without a name. Empty: there is none of that name."""
    if not name:
        return directory.destinations
    destination = directory.get(name)
    return [destination] if destination else []


def choose(directory: Directory, name: str | None, attempts: Iterable[Attempt], now: datetime) -> Destination | None:
    """Whom to ring; None: nobody.

    A destination asked for by name is rung again, even if nobody came before: the caller wants exactly this one.
    """
    return first_open(list_candidates(directory, name), now) if name else first_untried(directory, attempts, now)


def first_open(destinations: Iterable[Destination], now: datetime) -> Destination | None:
    return next((each for each in destinations if each.open_at(now)), None)


def find_opening(destinations: Iterable[Destination], now: datetime) -> datetime | None:
    """When the first of them opens; None: one is open already, or none opens within a year."""
    destinations = list(destinations)
    if first_open(destinations, now):
        return None
    return min((moment for each in destinations if (moment := each.next_opening(now))), default=None)


def first_untried(directory: Directory, attempts: Iterable[Attempt], now: datetime) -> Destination | None:
    """The first open destination that has not been rung in vain in this call; None: nobody is left."""
    tried = list_rung_in_vain(attempts)
    return first_open((each for each in directory.destinations if each.name not in tried), now)


def list_rung_in_vain(attempts: Iterable[Attempt]) -> set[str]:
    """The names of the destinations where it rang, and nobody came."""
    return {each.destination for each in attempts if each.settled_at_ms and each.status in REACHED_NOBODY}


def find_under_way(attempts: Iterable[Attempt], request_id: str, now: datetime) -> Attempt | None:
    """Another attempt that may be ringing people now. An older one has ended, although nobody reported it."""
    now_ms = now.timestamp() * 1000

    def is_under_way(attempt: Attempt) -> bool:
        if attempt.beside_the_talk:
            return attempt.claimed_at_ms > now_ms - BESIDE_THE_TALK_MS
        return attempt.under_way and attempt.claimed_at_ms > now_ms - UNDER_WAY_MS

    return next((each for each in attempts if each.request_id != request_id and is_under_way(each)), None)


def takes_messages(directory: Directory, now: datetime) -> bool:
    """Whether all destinations are closed and one of them then takes a message."""
    return not first_open(directory.destinations, now) and any(
        each.nobody == "message" for each in directory.destinations
    )


def find_message_taker(directory: Directory, name: str) -> Destination | None:
    """Whom a message is for that was left because nobody came to `name`, or, without a name, because all are closed."""
    if not name:
        takers = [each for each in directory.destinations if each.nobody == "message"]
        return max(takers, key=lambda each: bool(each.notify), default=None)  # the first who is told, or the first
    destination = directory.get(name)
    while destination and isinstance(destination.nobody, Fallback):
        destination = directory.get(destination.nobody.destination)
    return destination


def is_rung_again(attempt: Attempt, attempts: Iterable[Attempt]) -> bool:
    """Whether its people were rung once more in another attempt, because Twilio refused its caller ID."""
    return attempt.failure == "caller_id" and any(
        each.destination == attempt.destination and each.claimed_at_ms > attempt.claimed_at_ms for each in attempts
    )


def follow_fallback(
    directory: Directory, name: str, attempts: Iterable[Attempt], now: datetime
) -> Destination | Literal["continue", "message"]:
    """Whom to ring when the directory sends a call on to `name`; if that is closed or was tried, the next of the chain.

    A string: nobody in the chain is left; it is what the directory says instead.
    """
    tried = list_rung_in_vain(attempts)
    destination = directory.get(name)
    while destination and (destination.name in tried or not destination.open_at(now)):
        if not isinstance(destination.nobody, Fallback):
            return destination.nobody
        destination = directory.get(destination.nobody.destination)
    return destination or "continue"  # the directory was changed during the call, and the name is gone
