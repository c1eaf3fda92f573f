"""Finds a caller's calls in the stack's table by their number, and deletes what is stored about them.

A call that is under way, or was a moment ago, is not touched: it would go on without its record, and rows that are
written later would be found by no number.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from caller_data import CallerData, StoredCall
from doctor.checks.account import check_account
from doctor.checks.secret_values import check_twilio_secret
from doctor.checks.stack import check_stack
from doctor.context import Context
from doctor.errors import DoctorError
from doctor.facts import Account, Stack, TwilioSecret
from doctor.findings import Status
from doctor.secret_input import Say
from doctor.twilio_api import NotFoundError, TwilioClient

UNDER_WAY = ("queued", "initiated", "ringing", "in-progress")
LAST_ROWS = timedelta(minutes=5)
"""A container writes rows for some seconds after a call: of a slow tool, into a slow table."""
LONGEST_CALL = timedelta(days=1)
"""Twilio ends every call after four hours; an account may ask for up to a day."""
MORE = "What else there may be about a caller: docs/privacy.md#deleting-a-callers-data\n"


@dataclass(frozen=True, slots=True)
class Request:
    caller: str
    delete: bool
    recordings: bool


@dataclass(slots=True)
class Deleted:
    """What was deleted so far."""

    calls: int = 0
    rows: int = 0
    recordings: int = 0
    gone: int = 0
    """Recordings that Twilio listed, and had no more when they should be deleted."""
    left: int = 0
    """Calls that were not touched."""


def delete_caller_data(context: Context, request: Request, say: Say, note: Say) -> int:
    """Returns the exit status. Raises `DoctorError` and the errors of AWS's SDK; what is deleted then stays deleted."""
    table_name, twilio = open_installation(context)
    caller_data = CallerData(context.aws.dynamodb, table_name, request.caller)

    def show_progress(read: int, found: int) -> None:
        note(f"\r{table_name}: {_count(read, 'row')} read, {_count(found, 'call')} found")

    calls = caller_data.find_calls(show_progress)
    note("\n")
    say(f"{request.caller} in {table_name}: {_count(len(calls), 'call')}\n")
    if request.recordings:
        _check_account(twilio, calls)
    deleted = Deleted()
    for call in calls:
        outcome = _delete_call(caller_data, twilio, call, request, context.now(), deleted)
        say(f"  {call.call_sid}, {_to_time(call):%Y-%m-%d %H:%M} UTC: {outcome}\n")
    if not request.delete:
        say("Nothing was deleted." + (" DELETE=1 deletes it.\n" if calls else "\n"))
        return 0
    say(f"Deleted: {_describe(deleted, request)}.\n{MORE}")
    return 1 if deleted.left else 0


def open_installation(context: Context) -> tuple[str, TwilioClient]:
    """The stack's table, and a client for its Twilio account. Raises `DoctorError`."""
    for check, fact in ((check_stack, Stack), (check_twilio_secret, TwilioSecret), (check_account, Account)):
        for finding in check(context):
            if finding.status is Status.FAILURE and context.facts.find(fact) is None:
                raise DoctorError(finding.message, finding.remedy)
    return context.facts.get(Stack).outputs["CallsTable"], context.facts.get(Account).twilio


def _check_account(twilio: TwilioClient, calls: list[StoredCall]) -> None:
    """Raises `DoctorError` if Twilio knows none of the calls. Another account has none of their recordings either.

    A list of the recordings of an unknown call is believed to be empty, and no error.
    """
    if calls and not any(_is_known(twilio, call) for call in reversed(calls)):
        raise DoctorError(
            f"{twilio.api} knows none of {_count(len(calls), 'call')} of this caller in account {twilio.account_sid}: "
            "it is another account or region, or their call logs were deleted",
            "check the account of the stack's secret and TWILIO_API_URL; without RECORDINGS=1 the rows can be deleted",
        )


def _is_known(twilio: TwilioClient, call: StoredCall) -> bool:
    try:
        twilio.fetch_call(call.call_sid)
    except NotFoundError:
        return False
    return True


def _describe(deleted: Deleted, request: Request) -> str:
    counts = [(deleted.calls, "call"), (deleted.rows, "row")]
    counts += [(deleted.recordings, "recording")] if request.recordings else []
    gone = f"; {_count(deleted.gone, 'recording')} not found at Twilio any more" if deleted.gone else ""
    return ", ".join(_count(*each) for each in counts) + gone


def _delete_call(
    caller_data: CallerData,
    twilio: TwilioClient,
    call: StoredCall,
    request: Request,
    now: datetime,
    deleted: Deleted,
) -> str:
    """Says what was found of the call, and deletes it if it shall. The recordings first: rows lead to them."""
    if reason := _find_reason_to_leave(twilio, call, now) or _find_missing_call(twilio, call, request):
        deleted.left += 1
        return reason
    if request.delete:
        caller_data.mark(call.call_sid)
    rows = caller_data.list_rows(call.call_sid)
    recordings = twilio.list_recordings(call.call_sid) if request.recordings else ()
    found = _count(len(rows), "row") + (f", {_count(len(recordings), 'recording')}" if request.recordings else "")
    if not request.delete:
        return found
    for sid in recordings:
        try:
            twilio.delete_recording(sid)
        except NotFoundError:  # somebody else was faster
            deleted.gone += 1
        else:
            deleted.recordings += 1
    for key in rows:
        caller_data.delete(key)
        deleted.rows += 1
    deleted.calls += 1
    return f"{found} deleted"


def _find_reason_to_leave(twilio: TwilioClient, call: StoredCall, now: datetime) -> str:
    """Why rows may still be written about this call, and when to try again; "": none will be.

    Another account or region answers 404 too, so that does not show that a call is over. Nor does an end without a
    time, which Twilio gives for a call that was not completed.
    """
    if _to_time(call) < now - LONGEST_CALL - LAST_ROWS:
        return ""
    later = "so it is not touched; try again a day after it began"
    soon = f"so it is not touched; try again {LAST_ROWS.seconds // 60} minutes after its end"
    try:
        resource = twilio.fetch_call(call.call_sid)
    except NotFoundError:
        return f"this account and region of Twilio do not know it, {later}"
    if resource.status in UNDER_WAY:
        return f"it is under way ({resource.status}), {soon}"
    ended = _parse_time(resource.end_time)
    if ended is None:
        return f"Twilio does not say when it ended ({resource.status}), {later}"
    return f"it has just ended, {soon}" if ended > now - LAST_ROWS else ""


def _find_missing_call(twilio: TwilioClient, call: StoredCall, request: Request) -> str:
    """Why recordings of the call cannot be found; "": they can, or are not looked for."""
    if not request.recordings or _is_known(twilio, call) or twilio.list_recordings(call.call_sid):
        return ""
    nothing = "not found at Twilio, nor recordings of it, so it is not touched"
    return f"{nothing}; without RECORDINGS=1 its rows can be deleted"


def _to_time(call: StoredCall) -> datetime:
    return datetime.fromtimestamp(call.started_at_ms / 1000, UTC)


def _parse_time(text: str | None) -> datetime | None:
    with suppress(ValueError):
        return parsedate_to_datetime(text).astimezone(UTC) if text else None
    return None


def _count(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
