"""What Twilio's requests to web servers mean, in words for a newcomer, and what a document answers.

Of Warmline's webhooks each has its words; those of any other application get general ones.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

import routes

_QUESTIONS = {
    routes.INCOMING: "Twilio asks {application} what to do with the call",
    routes.AFTER_STREAM: "Twilio asks {application} what comes after the assistant",
    routes.AFTER_DIAL: "Twilio asks {application} what comes after the ringing or the talk",
    routes.QUEUE_WAIT: "Twilio asks {application} what the caller hears while they wait",
    routes.AGENT_LEG: "Twilio asks {application} what to say to whoever picked up",
    routes.AGENT_ANSWER: "Twilio tells {application} which key was pressed, and asks what follows",
    routes.AGENT_NOTE: "Twilio tells {application} what the person said for the caller",
    routes.AGENT_WAIT: "Twilio asks {application} what is heard until both are in the conference",
    routes.AGENT_LEFT: "Twilio tells {application} that the person has left the conference",
}
_REPORTS = {
    routes.STREAM_STATUS: ("Twilio reports about the media stream", "StreamEvent"),
    routes.AGENT_STATUS: ("Twilio reports about the telephone that is rung", "CallStatus"),
    routes.MESSAGE_STATUS: ("Twilio reports about the text message", "MessageStatus"),
}
ROUTES = (*_QUESTIONS, *_REPORTS)

# What matters most in a document comes first.
_MEANINGS = {
    "<Stream": "connect the caller to the assistant",
    "<Dial": "ring somebody",
    "<Conference": "join a conference",
    "<Enqueue": "wait in a queue",
    "<Gather": "ask for a key",
    "<Record": "take a message",
    "<Say": "say something",
    "<Play": "play something",
    "<Pause": "wait a moment",
    "<Redirect": "ask again elsewhere",
    "<Reject": "do not take the call",
    "<Hangup": "hang up",
}


def title_webhook(url: str, parameters: Mapping[str, str], application: str) -> str:
    """What Twilio asks or reports by this request."""
    path = urlsplit(url).path
    route = next((each for each in ROUTES if path.endswith(each)), None)
    if route in _QUESTIONS:
        return _QUESTIONS[route].format(application=application)
    if route is not None:
        what, parameter = _REPORTS[route]
        value = parameters.get(parameter, "")
        return f"{what}: {value}" if value else what
    return f"Twilio requests {path or '/'} of {application}"


def describe_document(document: str) -> str:
    """What a TwiML document comes to, by what matters most in it."""
    return next((meaning for tag, meaning in _MEANINGS.items() if tag in document), "nothing more to do")
