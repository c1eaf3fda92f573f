"""What happened on a telephone line, as one sentence for a newcomer with the exact messages: the events of the carrier
that are moments. Pure. Those that begin or end a span of time are in `carrier_entries.py`.
"""

from dataclasses import dataclass

from console.call_view import EntryKind, Message, Tone
from console.local.carrier_messages import make_document, make_form, make_verb
from sandbox.twilio import errors, events
from sandbox.twilio.verbs import Play, Say, Verb

_HANG_UPS: dict[events.HangUpBy, str] = {
    "party": "{who} hangs up",
    "document": "Twilio hangs up on {whom}, as the document says",
    "reject": "Twilio does not take the call, as the document says",
    "api": "{application} hangs up on {whom} by a REST request",
    "dial": "Twilio hangs up on {whom}: the dial is over",
    "conference": "Twilio hangs up on {whom}: the conference is over",
    "limit": "Twilio hangs up on {whom}: the time is over",
    "failure": "The line of {whom} is lost",
}
_UNREACHED: dict[events.Status, str] = {
    "busy": "{who} is busy, or declines",
    "no-answer": "{who} does not pick up",
    "failed": "{who} cannot be reached",
    "canceled": "The telephone of {whom} stops ringing",
}
_REQUESTS: dict[events.Operation, str] = {
    "create": "{application} asks Twilio to call {whom}",
    "list": "{application} asks Twilio which calls there are",
    "fetch": "{application} asks Twilio how the call stands",
    "update": "{application} asks Twilio to change the call of {whom}",
    "delete": "{application} asks Twilio to delete the call of {whom}",
    "send": "{application} asks Twilio to send a text message",
}


@dataclass(frozen=True, slots=True)
class Party:
    """Whose leg it is."""

    lane: str
    who: str
    """At the beginning of a sentence."""
    whom: str
    application: str
    """Who answers Twilio's webhooks."""

    def say(self, sentence: str) -> str:
        said = sentence.format(who=self.who, whom=self.whom, application=self.application)
        return said[:1].upper() + said[1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The parts of an entry."""

    lane: str
    kind: EntryKind
    title: str
    tone: Tone = "normal"
    messages: tuple[Message, ...] = ()


def describe_moment(what: events.Event, party: Party) -> Moment | None:
    """None for what is no moment of its own (`carrier_entries.py`)."""
    match what:
        case events.CallStarted(from_=from_, to=to, direction="inbound"):
            form = make_form("Call", (("From", from_), ("To", to), ("Direction", "inbound")))
            return Moment(lane=party.lane, kind="call", title=f"{party.who} dials {to}", messages=(form,))
        case events.CallStarted(from_=from_, to=to, direction=direction):
            form = make_form("Call", (("From", from_), ("To", to), ("Direction", direction)))
            title = f"Twilio calls {party.whom} and shows {from_}"
            return Moment(lane=party.lane, kind="call", title=title, messages=(form,))
        case events.Answered():
            tone: Tone = "normal" if party.lane == "caller" else "good"
            title = "Twilio takes the call" if party.lane == "caller" else f"{party.who} picks up"
            return Moment(lane=party.lane, kind="call", title=title, tone=tone)
        case events.HungUp(by=by):
            tone = "fault" if by == "failure" and party.lane == "caller" else "normal"
            return Moment(lane=party.lane, kind="call", title=party.say(_HANG_UPS[by]), tone=tone)
        case events.CallEnded(status=status, talked_ms=talked_ms):
            closed = f"The line of {{whom}} is closed, {talked_ms / 1000:.1f} s after the answer"
            tone = "normal" if status == "completed" else "warning"
            return Moment(lane=party.lane, kind="call", title=party.say(_UNREACHED.get(status, closed)), tone=tone)
        case events.KeyPressed(digit=digit):
            return Moment(lane=party.lane, kind="key", title=f"{party.who} presses {digit}")
        case _:
            return _describe_work(what, party)


def _describe_work(what: events.Event, party: Party) -> Moment | None:
    """What Twilio does, or is asked to do."""
    match what:
        case events.VerbStarted(verb=verb):
            title = _describe_verb(verb, party)
            return Moment(lane="twilio", kind="call", title=title, messages=(make_verb(verb),))
        case events.ErrorLogged(code=errors.STREAM_CLOSED_BY_SERVER, detail=detail):
            # How a conversation ends that went well; Twilio has no other word for it.
            message = Message(label="Twilio's debugger", text=f"{errors.STREAM_CLOSED_BY_SERVER} {detail}")
            title = party.say("{application} closes the media stream")
            return Moment(lane="twilio", kind="stream", title=title, messages=(message,))
        case events.ErrorLogged(code=code, detail=detail):
            message = Message(label=f"https://www.twilio.com/docs/api/errors/{code}", text=f"{code} {detail}")
            title = f"Twilio's debugger has an error, {code}: {detail}"
            return Moment(lane="twilio", kind="fault", title=title, tone="fault", messages=(message,))
        case events.CallBroke(detail=detail):
            title = f"The sandbox cannot go on with the call: {detail}"
            return Moment(lane="twilio", kind="fault", title=title, tone="fault")
        case events.MarkReturned(name=name, reason=reason):
            why = {"played": "played", "nothing_buffered": "nothing was waiting", "cleared": "it was cleared"}[reason]
            return Moment(lane="twilio", kind="stream", title=f"The mark “{name}” comes back: {why}")
        case events.AudioCleared(dropped_ms=0):
            return Moment(lane="twilio", kind="stream", title="Audio is cleared, and nothing was left to be heard")
        case events.AudioCleared(dropped_ms=ms):
            title = f"The assistant falls silent: {ms / 1000:.1f} s of what it was to say are dropped"
            message = Message(label="Dropped", text=f"{ms} ms")
            return Moment(lane="twilio", kind="stream", title=title, tone="warning", messages=(message,))
        case events.Enqueued(name=name):
            return Moment(lane=party.lane, kind="transfer", title=f"{party.who} waits in the queue {name}")
        case events.Recorded(recording_sid=sid, ms=ms):
            message = make_form("Recording", (("RecordingSid", sid), ("RecordingDuration", str(ms // 1000))))
            title = f"Twilio has recorded {ms / 1000:.1f} s of {party.whom}"
            return Moment(lane="twilio", kind="call", title=title, messages=(message,))
        case events.MessageSent(message_sid=sid, to=to, body=body):
            message = make_form("Message", (("MessageSid", sid), ("To", to), ("Body", body)))
            title = f"A text message goes to {to}: “{' '.join(body.split())}”"
            return Moment(lane="twilio", kind="notice", title=title, messages=(message,))
        case events.RestRequest():
            return _describe_request(what, party)
        case _:
            return None


def _describe_verb(verb: Verb, party: Party) -> str:
    match verb:
        case Say(text=text):
            return f"Twilio says to {party.whom}: “{' '.join(text.split())}”"
        case Play(text=url):
            return f"Twilio plays to {party.whom}: {url or 'keys'}"
        case _:
            return f"Twilio carries out <{type(verb).__name__}> for {party.whom}"


def _describe_request(what: events.RestRequest, party: Party) -> Moment:
    answer = f"HTTP {what.status}" if what.status else "no answer"
    title = party.say(_REQUESTS[what.operation])
    tone: Tone = "normal"
    if not 200 <= what.status < 300:
        title += f"; {'Twilio does it, but' if what.applied else 'Twilio refuses:'} {answer}"
        tone = "fault"
    if what.code is not None:
        answer += f", code {what.code}: https://www.twilio.com/docs/api/errors/{what.code}"
    document = dict(what.parameters).get("Twiml", "")
    messages = (
        make_form(f"{what.operation} of the REST API", what.parameters),
        *((make_document("TwiML", document),) if document else ()),
        Message(label="Answer", text=answer),
    )
    return Moment(lane="twilio", kind="rest", title=title, tone=tone, messages=messages)
