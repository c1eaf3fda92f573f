"""Which calls a list shows, page by page, newest first.

https://www.twilio.com/docs/voice/api/call-resource#read-multiple-call-resources, paging as
https://www.twilio.com/docs/usage/twilios-response#pagination. A filter by time is a date or a time in UTC; "<" and
">" include it. Simpler than Twilio: a call is in the list, and has started, from the moment it exists.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

import msgspec

from sandbox.twilio import errors
from sandbox.twilio.calls import Call
from sandbox.twilio.errors import RestError
from sandbox.twilio.events import Status
from sandbox.twilio.resources import to_call_resource
from sandbox.twilio.rest_features import read_parameters

MAX_PAGE_SIZE = 1000
_DEFAULT_PAGE_SIZE = 50


class Query(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    to: str | None = None
    from_: str | None = msgspec.field(default=None, name="From")
    parent_call_sid: str | None = None
    status: Status | None = None
    start_time: str | None = None
    start_time_before: str | None = msgspec.field(default=None, name="StartTime<")
    start_time_after: str | None = msgspec.field(default=None, name="StartTime>")
    end_time: str | None = None
    end_time_before: str | None = msgspec.field(default=None, name="EndTime<")
    end_time_after: str | None = msgspec.field(default=None, name="EndTime>")
    page_size: Annotated[int, msgspec.Meta(ge=1)] = _DEFAULT_PAGE_SIZE
    page: Annotated[int, msgspec.Meta(ge=0)] = 0
    page_token: str | None = None

    def __post_init__(self) -> None:
        times = (self.start_time, self.start_time_before, self.start_time_after,
                 self.end_time, self.end_time_before, self.end_time_after)  # fmt: skip
        for text in times:
            if text is not None:
                _read_time(text)  # its ValueError becomes the refusal

    def matches(self, call: Call) -> bool:
        return (
            self.to in (None, call.to)
            and self.from_ in (None, call.from_)
            and self.parent_call_sid in (None, call.parent_sid)
            and self.status in (None, call.status)
            and _is_within(call.times.created_at, self.start_time, self.start_time_before, self.start_time_after)
            and _is_within(call.times.ended_at, self.end_time, self.end_time_before, self.end_time_after)
        )


def _is_within(time: datetime | None, day: str | None, before: str | None, after: str | None) -> bool:
    """Whether it is on that day of UTC, and neither after `before` nor before `after`. What has not come is not."""
    on, last, first = (None if text is None else _read_time(text) for text in (day, before, after))
    if time is None:
        return (on, last, first) == (None, None, None)
    return (
        (on is None or time.date() == on.date()) and (last is None or time <= last) and (first is None or time >= first)
    )


def _read_time(text: str) -> datetime:
    """A date is its first moment. Raises `ValueError`."""
    time = datetime.fromisoformat(text)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def list_calls(account_sid: str, calls: dict[str, Call], parameters: Sequence[tuple[str, str]]) -> dict[str, object]:
    """The body of one page; raises `RestError`."""
    request = read_parameters("GET Calls", dict(parameters), Query)
    if request.page_size > MAX_PAGE_SIZE:
        raise RestError(400, errors.PAGE_TOO_LARGE, f"Page size must be at most {MAX_PAGE_SIZE}")
    rest = [call for call in _skip_to_token(calls, request) if request.matches(call)]
    shown = rest[: request.page_size]
    path = f"/2010-04-01/Accounts/{account_sid}/Calls.json"
    filters = [each for each in parameters if each[0] not in ("Page", "PageToken", "PageSize")]
    start = request.page * request.page_size

    def uri(page: int, *token: tuple[str, str]) -> str:
        return f"{path}?{urlencode([*filters, ('PageSize', request.page_size), ('Page', page), *token])}"

    return {
        "calls": [to_call_resource(call) for call in shown],
        "first_page_uri": uri(0),
        "next_page_uri": uri(request.page + 1, ("PageToken", f"PA{shown[-1].sid}")) if len(rest) > len(shown) else None,
        "previous_page_uri": uri(request.page - 1) if request.page else None,
        "page": request.page,
        "page_size": request.page_size,
        "start": start,
        "end": start + max(len(shown) - 1, 0),
        "uri": f"{path}?{urlencode(parameters)}" if parameters else path,
    }


def _skip_to_token(calls: dict[str, Call], request: Query) -> list[Call]:
    """Newest first, from behind the last call of the page before: calls that begin meanwhile move nothing."""
    newest_first = list(reversed(calls.values()))
    if request.page_token is None:
        if request.page:
            raise RestError(400, errors.BAD_PARAMETER, "A page after the first needs its PageToken")
        return newest_first
    for index, call in enumerate(newest_first):
        if request.page_token == f"PA{call.sid}":
            return newest_first[index + 1 :]
    raise RestError(400, errors.BAD_PARAMETER, f"Invalid PageToken {request.page_token!r}")
