"""How a call's `statusCallback` is told of its progress, and how that can go wrong on the way.

https://www.twilio.com/docs/voice/api/call-resource#statuscallback. Twilio promises no order and numbers them
(`SequenceNumber`, from 0): `Faults.callbacks_out_of_order` and `callbacks_twice` show what that means.
"""

from typing import TYPE_CHECKING

from sandbox.twilio.commands import Callback
from sandbox.twilio.parameters import progress_parameters

if TYPE_CHECKING:
    from sandbox.twilio.calls import Call


class Progress:
    """Of one call, which may have no callback."""

    def __init__(self, call: "Call", callback: Callback | None) -> None:
        self._call = call
        self._callback = callback
        self._told = 0
        self._held: list[dict[str, str]] = []

    def tell(self, event: str) -> None:
        """Report `event`, if the callback asked for it."""
        if self._callback is None or event not in self._callback.events:
            return
        status = "initiated" if event == "initiated" else self._call.status
        self._held.append(progress_parameters(self._call, status, self._told))
        self._told += 1
        faults = self._call.network.faults
        if faults.callbacks_out_of_order and event != "completed" and len(self._held) < 2:
            return  # the next one overtakes it
        sent, self._held = self._held[::-1], []
        times = 2 if faults.callbacks_twice else 1
        self._call.post(self._callback.method, self._callback.url, *sent, times=times)
