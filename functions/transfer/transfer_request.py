"""A request to the transfer function, decoded and checked.

A bad request is refused with a sentence that says what was expected and what came.
"""

import re
from typing import Annotated, get_args

import msgspec

from call_record import About

ATTENDED = ("connect", "cancel", "ring_on")
"""About an attempt that lets people ring while the caller talks on."""
ACTIONS = ("destinations", "transfer", "next", "notify", "end", *ATTENDED)

CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}")
MAX_REQUEST_ID = 128
REQUEST_ID = re.compile(rf"[!-~]{{1,{MAX_REQUEST_ID}}}")  # it becomes part of a key and of a URL
# A model's words are cut, not refused: no caller loses their call because a summary is long.
MAX_WORDS = 2000


class RequestError(ValueError):
    """The request cannot be understood."""


class Request(msgspec.Struct, frozen=True):
    """A request. Keys that are not known here are ignored."""

    action: str
    call_sid: str = ""
    destination: str | None = None
    """None or empty: the first open destination that was not rung in vain in this call."""
    reason: str | None = None
    summary: str | None = None
    request_id: str | None = None
    """The same one twice acts once (`transfer`, where it is the model's call_id, `end`); optional for `next`."""
    cause: str | None = None
    """Why a webhook needs a person (`next`)."""
    again: str | None = None
    """The request_id of an attempt that failed for its caller ID (`next`): its people are rung once more, from `dial`
    on, and see the business number."""
    own_numbers: list[str] = []
    """The Twilio account's numbers (`destinations`). The answer says who has one of them: nobody can be rung there."""
    dial: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Which dial of the attempt `request_id` comes next (`next`); 0: there is no such attempt yet, or see `again`."""
    announce: bool = False
    """Tell the caller where they are being connected, because no model can."""
    attempt: str = ""
    """The request_id of the attempt (`ATTENDED`)."""
    attended: bool = False
    """The caller talks on with the model while people ring (`transfer`)."""
    who: str | None = None
    about: str | None = None
    """What the call is about, with `who` calls and what was `done`, for the people who are rung (`transfer`); or what
    people are told about the attempt `request_id`: `missed` or `message` (`notify`)."""
    done: str | None = None
    caller: str = ""
    """As Twilio gave it (`notify`). Empty: as it is in the call record."""
    message_url: str = ""
    """Where Twilio has the message, and how long it is (`notify`)."""
    message_s: int = 0
    dry_run: bool = False

    @property
    def notice(self) -> About:
        """What people are told about (`notify`)."""
        return "message" if self.about == "message" else "missed"


def read(event: object) -> Request:
    """The request that the event holds. Raises `RequestError`."""
    if not isinstance(event, dict):
        raise RequestError(f"expected an object with an action, got {type(event).__name__}")
    try:
        request = msgspec.convert(event, Request)
    except msgspec.ValidationError as error:
        raise RequestError(str(error)[:300]) from None
    if request.action not in ACTIONS:
        raise RequestError(f"action: expected one of {', '.join(ACTIONS)}; got {_quote(request.action)}")
    if request.action == "destinations":
        return request
    if not CALL_SID.fullmatch(request.call_sid):
        raise RequestError(f"call_sid: expected CA and 32 hexadecimal digits, got {_quote(request.call_sid)}")
    if request.action == "transfer" and not request.request_id:
        raise RequestError("request_id: expected the id of the model's call, got nothing")
    if request.action == "end" and not request.request_id:
        raise RequestError("request_id: expected a name of this request, got nothing")
    if request.action in ATTENDED and not REQUEST_ID.fullmatch(request.attempt):
        raise RequestError(f"attempt: expected the request_id of an attempt, got {_quote(request.attempt)}")
    if request.action == "notify" and request.about not in (None, *get_args(About)):
        expected = " or ".join(get_args(About))
        raise RequestError(f"about: expected {expected}, got {_quote(request.about or '')}")
    if request.action == "notify" and not (request.request_id and request.about):
        raise RequestError("request_id, about: expected the name of an attempt and what is told about it, got nothing")
    if request.request_id and not REQUEST_ID.fullmatch(request.request_id):
        expected = "1 to 128 printable characters without spaces"
        raise RequestError(f"request_id: expected {expected}, got {_quote(request.request_id)}")
    return request


def clean_words(text: str | None) -> str:
    """The part of a model's words that may be stored: cut to a length, and valid Unicode."""
    return (text or "")[:MAX_WORDS].encode("utf-8", "replace").decode()


def _quote(text: str) -> str:
    return repr(text) if len(text) <= 40 else f"{text[:40]!r}… ({len(text)} characters)"
