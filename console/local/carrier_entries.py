"""The carrier's events as entries of a timeline: moments as they come, and spans from what begins them to what ends
them. Pure: events in, entries out.

`PartySpoke` has no entry: who speaks is read off the audio itself (`speech_spans.py`), and people with a real
microphone do not say in advance how long they will speak.
"""

from collections.abc import Mapping

from console.call_view import Lane, Message, Tone
from console.local.carrier_messages import make_document, make_form
from console.local.carrier_moments import Party, describe_moment
from console.local.timeline import Timeline
from console.local.webhook_titles import describe_document, title_webhook
from sandbox.twilio import events
from sandbox.twilio.event_log import TimedEvent

_Span = tuple[str, str, str]  # what it is, the leg's CallSid, and what tells it from others of its kind


class CarrierEntries:
    """Those of one call. `names` are people by the address that is rung for them."""

    def __init__(
        self, timeline: Timeline, call_sid: str, names: Mapping[str, str], application: str = "Warmline"
    ) -> None:
        self.people: list[Lane] = []
        """In the order in which they were rung."""
        self._timeline = timeline
        self._call_sid = call_sid
        self._names = names
        self._application = application
        self._open: dict[_Span, list[int]] = {}  # the first one ends first
        self._marks: list[str] = []  # that came back while the stream's audio was played
        self._called: dict[str, str] = {}  # leg's CallSid -> who is called, in words

    def take(self, event: TimedEvent, at_ms: int) -> None:
        """An event of the call, of one of its legs, or about it. `at_ms`: since the call began."""
        if isinstance(event.what, events.CallStarted) and event.call_sid != self._call_sid:
            self._add_person(event.call_sid, event.what.to)
        party = self.find_party(event.call_sid)
        if isinstance(event.what, events.MarkReturned) and self._keep_mark(event.call_sid, event.what, at_ms):
            return
        self._take_end(event, at_ms)
        moment = describe_moment(event.what, party)
        if moment is None:
            self._take_beginning(event, party, at_ms)
        elif not (isinstance(event.what, events.ErrorLogged) and self._fail_webhook(event, event.what, at_ms)):
            self._timeline.add(
                moment.lane, moment.kind, at_ms, moment.title, tone=moment.tone, messages=moment.messages
            )

    def _add_person(self, sid: str, to: str) -> None:
        name = self._names.get(to) or (f"Person …{to[-4:]}" if to.startswith("+") else to)
        self._called[sid] = name
        self.people.append(Lane(id=sid, kind="person", name=name))

    def find_party(self, sid: str) -> Party:
        """Whose leg it is."""
        if sid == self._call_sid:
            return Party("caller", "The caller", "the caller", self._application)
        name = self._called.get(sid)
        if name is None:  # an SMS, or a call that was never made
            return Party("twilio", "Somebody", "somebody", self._application)
        return Party(sid, name, name, self._application)

    def _take_beginning(self, event: TimedEvent, party: Party, at_ms: int) -> None:
        sid, add = event.call_sid, self._timeline.add
        match event.what:
            case events.Ringing():
                title = "The caller hears it ring" if party.lane == "caller" else f"The telephone of {party.whom} rings"
                self._begin(("ringing", sid, ""), add(party.lane, "ringing", at_ms, title, open=True))
            case events.WebhookPosted(url=url, parameters=parameters, attempt=attempt):
                title = title_webhook(url, dict(parameters), self._application)
                title += " again, because no answer came" if attempt > 1 else ""
                form = (make_form(f"Request to {url}", parameters),)
                number = add("twilio", "webhook", at_ms, title, messages=form, open=True)
                self._begin(("webhook", sid, url), number)
            case events.StreamStarted(stream_sid=stream_sid, url=url, parameters=parameters):
                form = (make_form(f"Media stream {stream_sid} to {url}", parameters),)
                number = add("twilio", "stream", at_ms, "The media stream is open", messages=form, open=True)
                self._begin(("stream", sid, stream_sid), number)
            case events.PlayoutStarted(stream_sid=stream_sid):
                title = f"Twilio plays the stream's audio to {party.whom}"
                self._begin(("playout", sid, stream_sid), add("twilio", "stream", at_ms, title, open=True))
            case events.Bridged(with_sid=with_sid, to=to):
                other = self._called.get(with_sid, to)
                title = f"The caller and {other} hear each other"
                lane = with_sid if with_sid in self._called else "caller"
                self._begin(("talk", sid, ""), add(lane, "transfer", at_ms, title, tone="good", open=True))
            case events.ConferenceJoined(name=name):
                title = f"{party.who} is in the conference {name}"
                self._begin(("conference", sid, name), add(party.lane, "transfer", at_ms, title, open=True))

    def _take_end(self, event: TimedEvent, at_ms: int) -> None:
        sid = event.call_sid
        match event.what:
            case events.Answered():
                self._close(("ringing", sid, ""), at_ms)
            case events.WebhookAnswered():
                self._end_webhook(sid, event.what, at_ms)
            case events.StreamEnded():
                self._end_stream(sid, event.what, at_ms)
            case events.PlayoutDrained(stream_sid=stream_sid):
                self._end_playout(sid, stream_sid, at_ms)
            case events.DialEnded():
                self._end_dial(sid, event.what, at_ms)
            case events.ConferenceLeft(name=name):
                self._close(("conference", sid, name), at_ms)
            case events.CallEnded():
                for span in [each for each in self._open if each[1] == sid and each[0] not in ("webhook", "stream")]:
                    self._close(span, at_ms)

    def _begin(self, span: _Span, number: int) -> None:
        self._open.setdefault(span, []).append(number)

    def _close(self, span: _Span, at_ms: int) -> int | None:
        """The number of the span that ended, if it was open."""
        numbers = self._open.get(span)
        if not numbers:
            return None
        self._timeline.extend(numbers[0], at_ms)
        return numbers.pop(0)

    def _keep_mark(self, sid: str, mark: events.MarkReturned, at_ms: int) -> bool:
        """Whether it belongs to audio that is played now: there are several a second, one entry would be too much."""
        if not self._open.get(("playout", sid, mark.stream_sid)):
            return False
        self._marks.append(f"{at_ms / 1000:.2f} s: {mark.name} ({mark.reason})")
        return True

    def _end_playout(self, sid: str, stream_sid: str, at_ms: int) -> None:
        number = self._close(("playout", sid, stream_sid), at_ms)
        if number is not None and self._marks:
            self._timeline.change(number, messages=[Message(label="Marks that came back", text="\n".join(self._marks))])
        self._marks = []

    def _end_webhook(self, sid: str, answer: events.WebhookAnswered, at_ms: int) -> None:
        number = self._close(("webhook", sid, answer.url), at_ms)
        if number is None:
            return
        self._timeline.change(
            number, messages=[make_document(f"Answer {answer.status} after {answer.took_ms} ms", answer.body)]
        )
        if answer.status >= 300:
            self._add_to_title(number, f"; the answer is an error: HTTP {answer.status}", failed=True)
        elif answer.body.lstrip().startswith("<"):
            self._add_to_title(number, f". The answer: {describe_document(answer.body)}")

    def _fail_webhook(self, event: TimedEvent, error: events.ErrorLogged, at_ms: int) -> bool:
        """Whether the error tells how a request ended that is still open: the entry of that request says so then."""
        number = next(
            (
                self._close(span, at_ms)
                for span in tuple(self._open)
                if span[:2] == ("webhook", event.call_sid) and span[2] in error.detail
            ),
            None,
        )
        if number is None:
            return False
        self._add_to_title(number, f"; no answer came ({error.code})", failed=True)
        self._timeline.change(
            number, messages=[Message(label="Twilio's debugger", text=f"{error.code} {error.detail}")]
        )
        return True

    def _end_stream(self, sid: str, ended: events.StreamEnded, at_ms: int) -> None:
        self._end_playout(sid, ended.stream_sid, at_ms)
        number = self._close(("stream", sid, ended.stream_sid), at_ms)
        code = "" if ended.code is None else f"{ended.code} "
        message = Message(label="End of the media stream", text=f"{code}{ended.detail}")
        if number is None:
            title = f"The media stream does not open: {ended.detail}"
            self._timeline.add("twilio", "stream", at_ms, title, tone="fault", messages=[message])
            return
        self._timeline.change(number, messages=[message])

    def _end_dial(self, sid: str, ended: events.DialEnded, at_ms: int) -> None:
        self._close(("talk", sid, ""), at_ms)
        tone: Tone = "good" if ended.bridged else "warning"
        title = f"They have talked for {ended.talked_ms / 1000:.1f} s" if ended.bridged else "Nobody has taken the call"
        form = make_form("Dial", (("DialCallStatus", ended.status), ("DialBridged", str(ended.bridged).lower())))
        self._timeline.add("twilio", "transfer", at_ms, title, tone=tone, messages=[form])

    def _add_to_title(self, number: int, words: str, *, failed: bool = False) -> None:
        self._timeline.change(number, ending=words, tone="fault" if failed else None)
