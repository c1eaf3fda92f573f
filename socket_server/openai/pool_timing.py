"""When the pool renews a spare session, and how long it waits after a failure. Knows no socket and no clock."""

from dataclasses import dataclass

from socket_server.core.agent import Limits
from socket_server.core.draining import PAUSE_WANTED_MS
from socket_server.openai.socket import OPEN_SECONDS

SERVICE_SECONDS = 3600  # of a session, by https://platform.openai.com/docs/guides/realtime-conversations
RENEWING_SECONDS = 20.0  # before a spare is too old the next one is opened
OLDEST_SECONDS = 600.0  # nothing says how long the service keeps a session in which nothing happens
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 60.0  # after a failure, doubled each time
LONGEST_TOLD_SECONDS = 3600.0  # a longer Retry-After is a mistake of somebody's
SAID_AGAIN_SECONDS = 300.0  # in an outage the log names the reason as often as this


def compute_good_seconds(limits: Limits) -> float:
    """How old a spare may be when a call takes it: what is left by the hour once the longest call is taken off."""
    return min(OLDEST_SECONDS, SERVICE_SECONDS - limits.session_minutes * 60 - PAUSE_WANTED_MS / 1000)


def wait_seconds(failures: int, retry_after: str, jitter: float, first_seconds: float) -> float:
    """How long to wait after so many failures in a row, one at least; `jitter`: from 0 to 1.

    `retry_after` is the service's own word, in seconds; https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    knows dates too, which the service does not send.
    """
    if retry_after.isascii() and retry_after.isdecimal() and len(retry_after) < 10:
        told = max(FIRST_WAIT_SECONDS, min(LONGEST_TOLD_SECONDS, int(retry_after)))
        return told * (1 + jitter / 4)  # never before
    return min(LONGEST_WAIT_SECONDS, first_seconds * 2.0 ** min(failures - 1, 30)) * (0.5 + jitter / 2)


@dataclass(frozen=True, slots=True)
class PoolTiming:
    """When a spare is too old, and how long to wait for one."""

    good_seconds: float
    """How old it may be when a call takes it."""
    renew_seconds: float | None = None
    """How old it is when the next one is opened in its place, at the latest; None: in time."""
    session_seconds: float = OPEN_SECONDS
    """In which the service makes a session."""
    first_wait_seconds: float = FIRST_WAIT_SECONDS
    said_again_seconds: float = SAID_AGAIN_SECONDS
