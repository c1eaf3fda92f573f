"""The TwiML of a transfer: a destination of the directory becomes a `<Dial>`, or an `<Enqueue>`.

https://www.twilio.com/docs/voice/twiml/dial and /enqueue. (`<Dial><Queue>` is the other end of a queue: whoever
executes it takes the caller who has waited longest.) Every URL in it is absolute: TwiML that replaces that of a live
call has no document of its own to be relative to (Twilio's error 15004).
"""

from typing import TYPE_CHECKING
from urllib.parse import quote

from twilio.twiml.voice_response import Dial, VoiceResponse

from targets import Target
from transfer_request import MAX_REQUEST_ID
from transfer_settings import MAX_VOICE_URL

if TYPE_CHECKING:
    from directory import Destination

# Twilio's error 32018: TwiML inside a REST request may have no more characters.
MAX_CHARACTERS = 4000

# What the caller hears first takes so long at most; Twilio lets it ring so much longer than it was told:
# https://www.twilio.com/docs/voice/api/call-resource
WORDS_S, LATE_S = 15, 5

SORRY = "I am sorry."
NOBODY_THERE = "Nobody could take your call there."


def dial(destination: "Destination", *, voice_url: str, attempt: str, caller_id: str | None, words: str = "") -> str:
    """The TwiML that rings the destination.

    When dialling or talk is over, Twilio asks `/voice/after-dial` how to go on. `words` are spoken first.
    """
    response = VoiceResponse()
    if words:
        response.say(words)
    action = f"{voice_url}/voice/after-dial?attempt={quote(attempt, safe='')}"
    match destination.targets:
        case (Target("queue", name),):
            wait_url = f"{voice_url}/voice/queue-wait?seconds={destination.ring_seconds}"
            response.enqueue(name, action=action, method="POST", wait_url=wait_url, wait_url_method="POST")
        case _:
            response.append(_ringing(destination, action, caller_id))
    return str(response)


def announcement(destination: "Destination") -> str:
    """What the caller hears where no model could say it."""
    return f"Please hold. I am connecting you to {destination.spoken}."


def rings_ms(destination: "Destination") -> int:
    """For how long somebody may be ringing, from now on, at most."""
    dials = len(destination.targets) if destination.in_turn else 1
    return (WORDS_S + dials * (destination.ring_seconds + LATE_S)) * 1000


def longest(destination: "Destination") -> str:
    """The longest document that may ever ring the destination."""
    return dial(
        destination,
        voice_url="https://".ljust(MAX_VOICE_URL, "v"),
        attempt="&" * MAX_REQUEST_ID,  # three characters each in a URL
        caller_id="+".ljust(16, "1"),
        words=f"{NOBODY_THERE} {announcement(destination)}",
    )


def say(words: str) -> str:
    """The TwiML that says the words and hangs up."""
    response = VoiceResponse()
    response.say(words)
    response.hangup()
    return str(response)


def _ringing(destination: "Destination", action: str, caller_id: str | None) -> Dial:
    ringing = Dial(
        action=action,
        method="POST",
        answer_on_bridge=True,  # the caller hears it ring until a person is on the line
        timeout=destination.ring_seconds,
        time_limit=destination.talk_seconds,
        caller_id=caller_id,
        sequential=True if destination.in_turn else None,
    )
    for target in destination.targets:
        match target.kind:
            case "number":
                ringing.number(target.address)
            case "sip":
                ringing.sip(target.address)
            case "client":
                ringing.client(target.address)
            case "queue":
                raise AssertionError("directory_check lets no queue stand beside others")
    return ringing
