"""How many calls an account may begin in a second, and have at a time.

A call by REST that is one too many in its second is queued, not refused: the answer estimates its `queue_time`, and it
is `queued` until then (https://www.twilio.com/docs/glossary/what-is-calls-per-second). Calls that are dialled by TwiML,
or come in, do not count there. At a time all calls count, legs of `<Dial>` included:
https://www.twilio.com/docs/api/errors/10004, and which accounts have a limit, support.twilio.com 223180028.

Believed: a call that is canceled while it is queued leaves the others where they are; that 429 comes with 10004, and
not a call that fails (`Faults.over_limit_status`); a leg over the limit fails. Simpler than Twilio: an inbound call is
always taken, and none leaves the queue by its age (22005).
"""

from collections.abc import Iterable
from typing import Protocol

from sandbox.twilio import errors
from sandbox.twilio.call_state import CallSignals
from sandbox.twilio.errors import TwilioError

_MESSAGE = "Call concurrency limit exceeded"


class CallTurns:
    """When each call by REST may begin."""

    def __init__(self) -> None:
        self._free_ms = 0.0

    def take(self, now_ms: int, calls_per_second: float) -> int:
        """The next turn; in how many ms it is."""
        began_ms = max(float(now_ms), self._free_ms)
        self._free_ms = began_ms + 1000 / calls_per_second
        return int(began_ms) - now_ms


class Counted(Protocol):
    """A call, as far as it counts."""

    signals: CallSignals


def find_limit_error(calls: Iterable[Counted], limit: int | None, *, more: int = 0) -> TwilioError | None:
    """Why there are too many calls, `more` to come included; None if there are not."""
    if limit is None or sum(not call.signals.gone.is_set() for call in calls) + more <= limit:
        return None
    return TwilioError(errors.TOO_MANY_CALLS, _MESSAGE)
