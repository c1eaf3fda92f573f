"""How a call's `statusCallback` is told of its progress, and how that can go wrong on the way.

https://www.twilio.com/docs/voice/api/call-resource#statuscallback. Twilio promises no order and numbers them
(`SequenceNumber`, from 0). `Faults` has `callbacks_out_of_order`, `callbacks_twice` and `lost_callbacks`.
"""

from typing import Protocol

from sandbox.twilio.call_state import CallSnapshot
from sandbox.twilio.commands import Callback
from sandbox.twilio.faults import Faults
from sandbox.twilio.parameters import make_progress_parameters


class Post(Protocol):
    """`Call.post`."""

    def __call__(self, method: str, url: str, *forms: dict[str, str], times: int = 1) -> None: ...


class StatusCallbacks:
    """Of one call, which may have no callback; `post` sends its requests."""

    def __init__(self, callback: Callback | None, faults: Faults, post: Post) -> None:
        self._callback = callback
        self._faults = faults
        self._post = post
        self._reported = 0
        self._held: list[dict[str, str]] = []

    def report(self, event: str, call: CallSnapshot) -> None:
        """Report `event`, if the callback asked for it."""
        if self._callback is None or event not in self._callback.events:
            return
        status = "initiated" if event == "initiated" else call.status
        form = make_progress_parameters(call, status, self._reported)
        self._reported += 1
        if event not in self._faults.lost_callbacks:
            self._held.append(form)
        if self._faults.callbacks_out_of_order and event != "completed" and len(self._held) < 2:
            return  # the next one overtakes it
        sent, self._held = self._held[::-1], []
        times = 2 if self._faults.callbacks_twice else 1
        self._post(self._callback.method, self._callback.url, *sent, times=times)
