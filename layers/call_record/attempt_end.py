"""How the dial of an attempt, or the talk, came to its end, and why a dial failed, as types."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DialFailure:
    """Why a dial failed; the fields of an attempt's row. `error_message` may quote a number."""

    failure: str = ""
    error_code: str = ""
    error_message: str = ""
    sip_code: str = ""


NO_FAILURE = DialFailure()


@dataclass(frozen=True, slots=True)
class AttemptEnd:
    """How the dial of an attempt, or the talk, came to its end."""

    status: str
    detail: str
    document: str
    """The TwiML that is to follow."""
    dial_call_sid: str = ""
    talked_s: int = 0
    failure: DialFailure = NO_FAILURE
