"""When something happened to the caller's call, by what the carrier saw."""

from sandbox.twilio import events
from sandbox.twilio.call_report import CallReport


def find_first_ms(report: CallReport, kind: type[object]) -> int | None:
    """When it happened first; None if it did not."""
    return next((at_ms for at_ms, what in _list_callers_events(report) if isinstance(what, kind)), None)


def find_move_ms(report: CallReport) -> int | None:
    """When the call was taken away from the assistant: a request that was refused, or only asked, moves nothing."""
    for at_ms, what in _list_callers_events(report):
        if isinstance(what, events.RestRequest) and (what.operation, what.status) == ("update", 200):
            return at_ms
    return None


def _list_callers_events(report: CallReport) -> list[tuple[int, events.Event]]:
    return [(event.at_ms, event.what) for event in report.events if event.call_sid == report.sid]
