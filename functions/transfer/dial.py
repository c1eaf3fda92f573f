"""The TwiML of a transfer: a destination of the directory becomes a `<Dial>`, or an `<Enqueue>`.

https://www.twilio.com/docs/voice/twiml/dial and /enqueue. (`<Dial><Queue>` is the other end of a queue: whoever
executes it takes the caller who has waited longest.) Every URL is absolute: TwiML that replaces the TwiML of a live
call has no URL of its own that others could be relative to (Twilio's error 15004).

If a key is needed, the person who picks up hears `/voice/agent-leg` first, which decides whether the two are connected:
https://www.twilio.com/docs/voice/twiml/number#attributes-url.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from twilio.twiml.voice_response import Dial, VoiceResponse

import routes
from destination import Destination
from targets import Target
from transfer_request import MAX_REQUEST_ID
from transfer_settings import MAX_VOICE_URL

# Twilio's error 32018: TwiML in a REST request may have at most this many characters.
MAX_CHARACTERS = 4000

# The words before the ringing take this long at most. Twilio may ring longer than it was told, by this much:
# https://www.twilio.com/docs/voice/api/call-resource
WORDS_S, LATE_S = 15, 5
# A report may come late: Twilio needs time to dial, and the function may start cold (1.3 s were measured). Speech has
# some fifteen characters a second.
REPORT_S, CHARACTER_MS = 5, 70

SORRY = "I am sorry."
NOBODY_THERE = "Nobody could take your call there."

LEG_EVENTS = "initiated ringing answered completed"
# The events that show whether a telephone may be ringing.
RINGING_EVENTS = "initiated completed"


def render_dial(
    destination: Destination,
    *,
    voice_url: str,
    call_sid: str,
    attempt: str,
    caller_id: str | None,
    words: str = "",
    number: int = 0,
) -> str:
    """The TwiML that rings the destination, or those of its targets that the dial of this number rings.

    When the dial or the talk is over, Twilio asks `/voice/after-dial` what comes next. `words` are spoken first.
    """
    urls = _Urls(voice_url, call_sid, attempt, number)
    response = VoiceResponse()
    if words:
        response.say(words)
    match destination.dials[number]:
        case (Target("queue", queue),):
            wait_url = urls.queue_wait(destination.ring_seconds)
            action = urls.after_dial()
            response.enqueue(queue, action=action, method="POST", wait_url=wait_url, wait_url_method="POST")
        case targets if destination.accept == "keypress":
            screen = {"url": urls.agent_leg()} | urls.reports(LEG_EVENTS)
            response.append(_ring(destination, targets, urls.after_dial(urls.dial), caller_id, screen))
        case targets:
            action = urls.after_dial("&accept=answer")
            ringing = _ring(destination, targets, action, caller_id, urls.reports(RINGING_EVENTS))
            if len(str(response)) + len(str(ringing)) > MAX_CHARACTERS:  # people come before reports
                ringing = _ring(destination, targets, action, caller_id, {})
            response.append(ringing)
    return str(response)


def compose_whisper(business: str, spoken: str) -> str:
    """The words that the person who picks up hears first: who calls, and for whom.

    Nothing about the caller, because a voicemail may record it, and a phone that screens calls shows it.
    """
    caller = f"{business}: a caller" if business else "A caller"
    return f"{caller} for {spoken}. Press 1 to take the call."


def compose_announcement(destination: Destination) -> str:
    """The words that the caller hears if no model can say them."""
    return f"Please hold. I am connecting you to {destination.spoken}."


def max_ringing_ms(destination: Destination) -> int:
    """How long, from now on, the telephones of one dial may ring at most."""
    by_turns = len(destination.targets) if destination.in_turn and destination.accept == "answer" else 1
    return (WORDS_S + by_turns * (destination.ring_seconds + LATE_S)) * 1000


def max_unreported_ms(words: str) -> int:
    """How long, from now on, a telephone may ring before Twilio has reported it. `words` are spoken first."""
    return REPORT_S * 1000 + len(words) * CHARACTER_MS


def render_longest(destination: Destination) -> str:
    """The longest document that may ever ring the destination."""
    documents = [
        render_dial(
            destination,
            voice_url="https://".ljust(MAX_VOICE_URL, "v"),
            call_sid="CA".ljust(34, "0"),
            attempt="&" * MAX_REQUEST_ID,  # three characters each in a URL
            caller_id="+".ljust(16, "1"),
            words=f"{NOBODY_THERE} {compose_announcement(destination)}",
            number=number,
        )
        for number in range(len(destination.dials))
    ]
    return max(documents, key=len)


def render_say(words: str) -> str:
    """The TwiML that says the words and hangs up."""
    response = VoiceResponse()
    response.say(words)
    response.hangup()
    return str(response)


@dataclass(frozen=True, slots=True)
class _Urls:
    """The URLs that Twilio requests about one dial of an attempt."""

    voice_url: str
    call_sid: str
    attempt: str
    number: int

    @property
    def dial(self) -> str:
        return f"&dial={self.number}" if self.number else ""

    def after_dial(self, more: str = "") -> str:
        return f"{self.voice_url}{routes.AFTER_DIAL}?attempt={self._attempt}{more}{routes.ASK_AGAIN}"

    def queue_wait(self, seconds: int) -> str:
        return f"{self.voice_url}{routes.QUEUE_WAIT}?seconds={seconds}"

    def agent_leg(self) -> str:
        return f"{self.voice_url}{routes.AGENT_LEG}{self._leg}"

    def reports(self, events: str) -> dict[str, str]:
        """Attributes of a noun."""
        return {"status_callback": f"{self.voice_url}{routes.AGENT_STATUS}{self._leg}", "status_callback_event": events}

    @property
    def _leg(self) -> str:
        return f"?call={self.call_sid}&attempt={self._attempt}{self.dial}{routes.ASK_AGAIN}"

    @property
    def _attempt(self) -> str:
        return quote(self.attempt, safe="")


def _ring(
    destination: Destination, targets: Sequence[Target], action: str, caller_id: str | None, screen: dict[str, str]
) -> Dial:
    """`screen`: attributes of each noun."""
    ringing = Dial(
        action=action,
        method="POST",
        answer_on_bridge=True,  # the caller hears ringing until a person is on the line
        timeout=destination.ring_seconds,
        time_limit=destination.talk_seconds,
        caller_id=caller_id,
        sequential=True if destination.in_turn and len(targets) > 1 else None,
    )
    for target in targets:
        match target.kind:
            case "number":
                ringing.number(target.address, **screen)
            case "sip":
                ringing.sip(target.address, **screen)
            case "client":
                ringing.client(target.address, **screen)
            case "queue":
                raise AssertionError("directory_check lets no queue stand beside others")
    return ringing
