"""Which call is meant: by an event of the carrier, by a connection to the model, by a line of a log.

A leg belongs to the call whose `<Dial>` made it. What REST makes, a call or an SMS, belongs to the call whose CallSid
its parameters name, as in the address of a status callback.

A connection that names no model is the container's question at its start whether the service accepts the key.

A local run has no spare sessions of the model (`SPARE_SESSIONS=0`), so each other connection is opened for one of the
calls that run then. If that is one, it is this call's. If there are several, the container's log says whose it is: it
writes a digest of `session.updated` with the CallSid (`LOG_EVENT_TYPES`), and the wire knows whose message that was.
"""

from collections.abc import Callable, Iterable

from console.local.leg_ear import LegEar
from console.local.local_call import LocalCall
from console.local.log_lines import LogLine
from console.local.wire_notes import WireSession
from sandbox.twilio import events
from sandbox.twilio.event_log import TimedEvent


class CallFinder:
    """All calls of a run. `open_call` makes one for its `CallStarted`."""

    def __init__(self, open_call: Callable[[TimedEvent], LocalCall]) -> None:
        self.calls: dict[str, LocalCall] = {}
        """By CallSid, in the order in which they began."""
        self.ears: dict[str, LegEar] = {}
        """Of every leg, by CallSid."""
        self._open_call = open_call
        self._owners: dict[str, LocalCall] = {}  # CallSid, or sid of an SMS -> call
        self._early: dict[str, list[TimedEvent]] = {}  # what came before anybody knew whose it is
        self._unowned: list[tuple[WireSession, tuple[LocalCall, ...]]] = []  # with those that ran then

    def is_to_begin(self, sid: str) -> bool:
        """There is a leg of this CallSid, and nothing has happened to it yet."""
        return sid in self.ears and sid not in self._owners and sid not in self._early

    def take_event(self, event: TimedEvent) -> None:
        """Give it to its call; keep it until that is known."""
        match event.what:
            case events.CallStarted(direction="inbound"):
                self._owners[event.call_sid] = self.calls[event.call_sid] = self._open_call(event)
            case events.CallStarted(parent_sid=str(parent_sid)) if parent_sid in self._owners:
                self._owners[event.call_sid] = self._owners[parent_sid]
            case events.RestRequest(parameters=parameters) if event.call_sid not in self._owners:
                self._find_owner(event.call_sid, (value for _, value in parameters))
        owner = self._owners.get(event.call_sid)
        if owner is None:
            self._early.setdefault(event.call_sid, []).append(event)
            return
        for each in (*self._early.pop(event.call_sid, ()), event):
            ear = self.ears.get(event.call_sid) if isinstance(each.what, events.CallStarted) else None
            owner.take_event(each, ear)

    def take_session(self, session: WireSession) -> None:
        """A connection to the model has been opened, or refused."""
        running = tuple(call for call in self.calls.values() if not call.over)
        if not session.model:
            return
        if len(running) == 1:
            running[0].add_session(session)
        elif running:
            self._unowned.append((session, running))

    def take_log_line(self, line: LogLine, now_ms: int) -> None:
        """Give it to its call. `now_ms`: on the carrier's clock."""
        call = self.calls.get(line.call_sid)
        if call is None:
            return
        call.take_log_line(line, now_ms)
        if not line.session_digest:
            return
        for each in self._unowned:
            session, running = each
            if session.updated_digest == line.session_digest and call in running:
                self._unowned.remove(each)
                call.add_session(session)
                return

    def _find_owner(self, sid: str, values: Iterable[str]) -> None:
        """The call that one of the values names."""
        said = "\n".join(values)
        owner = next((call for call_sid, call in self.calls.items() if call_sid in said), None)
        if owner is not None:
            self._owners[sid] = owner
