"""Looks on while people ring for a caller who talks on with the model.

The record is read once a second: no other way leads from the telephones of people into the container. It is the one
place that asks again and again. The audio does not wait for it, and a table that is slow or fails changes nothing of
the talk: only if it cannot be read for half a minute, nobody may be promised any more.
"""

import asyncio
import logging
import time
from collections.abc import Callable

from socket_server.aws.attempt_changes import AttemptChanges
from socket_server.aws.call_log import CallLog
from socket_server.core.attempt_events import AttemptChanged

EVERY_SECONDS = 1.0
UNREADABLE_SECONDS = 30.0  # in which a person who has taken the call hears words, and stays

log = logging.getLogger(__name__)


async def watch_attempt(
    call_log: CallLog,
    call_sid: str,
    request_id: str,
    report: Callable[[AttemptChanged], None],
    *,
    every_seconds: float = EVERY_SECONDS,
    unreadable_seconds: float = UNREADABLE_SECONDS,
) -> None:
    """Report what happens, until it is over. To stop before that, cancel it."""
    changes = AttemptChanges(request_id)
    read_at = time.monotonic()
    while not changes.over:
        rows = await call_log.read_attempt(call_sid, request_id)
        if rows is not None:
            read_at = time.monotonic()
            for change in changes.compare(*rows):
                log.info("the people who ring: %s", change.state)
                report(change)
        elif time.monotonic() - read_at >= unreadable_seconds:
            log.error("what became of the people who ring cannot be read")
            report(AttemptChanged(request_id, "failed", note="it is not known what became of them"))
            return
        if not changes.over:
            await asyncio.sleep(every_seconds)
