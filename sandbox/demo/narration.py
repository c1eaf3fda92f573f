"""The carrier's events in the words of somebody who has never seen TwiML; most events are not worth a word."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import routes
from console.local.webhook_titles import describe_document
from sandbox.twilio import events
from sandbox.twilio.event_log import TimedEvent

_QUESTIONS = {
    routes.INCOMING: "what to do with this call",
    routes.AGENT_LEG: "what to say to whoever picked up",
    routes.AFTER_STREAM: "what comes after the assistant",
    routes.QUEUE_WAIT: "what to hear while waiting",
    routes.AFTER_DIAL: "what comes after the ringing",
}
_UNREACHED = {
    "no-answer": "{person} does not pick up.",
    "busy": "{person} can not take the call.",
    "failed": "{person} can not be reached.",
    "completed": "{person} has not taken the call.",
}


@dataclass(slots=True)
class Narrator:
    """Tells one call. `person` is whoever can be rung, `picks_up` who does it; `words_known`: others tell what the
    assistant says."""

    caller_sid: str
    person: str
    words_known: bool
    picks_up: str
    _picked_up: bool = False

    def tell(self, event: TimedEvent) -> str | None:
        """One sentence, or None."""
        who = "The caller" if event.call_sid == self.caller_sid else self.person
        match event.what:
            case events.CallStarted(direction="inbound"):
                return "The caller dials."
            case events.Ringing() if event.call_sid != self.caller_sid:
                return f"{who}'s phone rings."
            case events.Answered() if event.call_sid != self.caller_sid:
                self._picked_up = True
                return f"{self.picks_up} picks up."
            case events.Bridged():
                return f"The caller and {self.person} hear each other."
            case events.KeyPressed(digit=digit):
                return f"{who} presses {digit}."
            case events.HungUp(by="party") if event.call_sid == self.caller_sid or self._picked_up:
                return f"{who} hangs up."
            case events.PlayoutStarted():
                return None if self.words_known else "The assistant speaks."
            case events.CallEnded() if event.call_sid == self.caller_sid:
                return "The call is over."
            case events.MessageSent(body=body):
                return f"A text message tells {self.person}: “{' '.join(body.split())}”"
            case events.DialEnded(bridged=False, status=status):
                return _UNREACHED.get(status, "{person} was not reached.").format(person=self.person)
            case what:
                return _describe_line_event(what)


def _describe_line_event(what: events.Event) -> str | None:
    match what:
        case events.WebhookPosted(url=url, attempt=attempt) if question := _QUESTIONS.get(urlsplit(url).path):
            again = " again: the first answer was lost" if attempt > 1 else ""
            return f"The telephone network asks Warmline {question}{again}."
        case events.WebhookAnswered(url=url, status=200, body=body, took_ms=ms) if urlsplit(url).path in _QUESTIONS:
            return f"Warmline answers after {ms} ms: {describe_document(body)}."
        case events.WebhookAnswered(status=status) if status >= 400:
            return f"Warmline's answer is an error: {status}."
        case events.StreamStarted():
            return "The line to the assistant is open: sound flows both ways."
        case events.StreamEnded(code=None):
            return "The line to the assistant is closed."
        case events.StreamEnded():
            return "The assistant has closed its line."
        case events.AudioCleared(dropped_ms=ms) if ms:
            return f"The assistant falls silent: {ms / 1000:.1f} s of what it had to say are dropped."
        case events.RestRequest(operation="update", status=200):
            return "Warmline takes the call away from the assistant and lets a person's phone ring."
        case events.RestRequest(operation="update", status=status):
            return f"Warmline wants to move the call; the telephone network refuses ({status})."
        case _:
            return None
