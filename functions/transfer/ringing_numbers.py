"""Records who is being rung, so that the model does not answer a line that forwards to us.

Nobody waits for it without need, and if it fails, the person is rung anyway.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Thread

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

import routes
from call_record import CallTable, Dial
from destination import Destination
from dial import compose_announcement, max_ringing_ms, max_unreported_ms

logger = Logger(service="transfer", child=True)


def make_dial(
    destination: Destination, number: int, twiml: str, *, call_sid: str, request_id: str, shown: str, now: datetime
) -> Dial | None:
    """The numbers that this dial rings; None: none that could forward. `shown`: the number that people see."""
    targets = destination.dials[number]
    if not any(target.kind in ("number", "sip") for target in targets):
        return None
    now_ms = int(now.timestamp() * 1000)
    until_ms = now_ms + max_ringing_ms(destination)
    return Dial(
        call_sid,
        request_id,
        shown,
        tuple(target.address for target in targets if target.kind == "number"),
        sum(map(len, destination.dials[: number + 1])),
        until_ms,
        _compute_unreported_until_ms(destination, twiml, now_ms, until_ms),
    )


def _compute_unreported_until_ms(destination: Destination, twiml: str, now_ms: int, until_ms: int) -> int:
    """Until when a telephone that Twilio has not reported counts as ringing.

    With a key it never counts: a model that picks up presses no key, and a caller who hangs up during our words and
    calls again at once must not be refused.
    """
    if f"{routes.AGENT_STATUS}?" not in twiml:
        return until_ms
    if destination.accept == "keypress":
        return now_ms
    return now_ms + max_unreported_ms(compose_announcement(destination) if "<Say" in twiml else "")


def note(table: CallTable, dial: Dial | None, until: float = math.inf) -> None:
    """A write may begin until `until`, on the monotonic clock."""
    if dial is None:
        return
    try:
        table.ringing.note(dial, until)
    except (BotoCoreError, ClientError):
        logger.exception("Who is being rung could not be noted; they are rung all the same")


@contextmanager
def run_beside(task: Callable[[], None]) -> Iterator[None]:
    """Run the task at the same time as the body of the `with` statement."""
    thread = Thread(target=task)
    thread.start()
    try:
        yield
    finally:
        thread.join()
