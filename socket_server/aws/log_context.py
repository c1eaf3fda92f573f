"""Says which call a log line or a measurement belongs to. A contextvar carries it.

The contextvar holds an object that will get the call's sid, not the sid itself. Tasks and the model's socket start
before Twilio's `start` says whose stream it is, and a copied context does not see later changes of a contextvar.
"""

from contextvars import ContextVar

OUTSIDE = "-"
"""Used as the sid if there is no call, or its sid is not known yet."""


class _Call:
    sid = OUTSIDE


_call: ContextVar[_Call] = ContextVar("call")


def begin() -> None:
    """From now on this context, and everything started in it, belongs to a new call without a name yet."""
    _call.set(_Call())


def name(call_sid: str) -> None:
    """The call has this sid. That holds for everything that was started in it, also before."""
    _call.get().sid = call_sid


def get_sid() -> str:
    call = _call.get(None)
    return OUTSIDE if call is None else call.sid
