"""The TwiML that brings a caller to the person who waits in a conference, and the conference's name.

https://www.twilio.com/docs/voice/twiml/conference. Transfer function and webhooks send the caller there. The default
jitter buffer is `large`, which may delay speech by a second. Whoever leaves ends the conference, and the other goes on
at the `action` of their `<Dial>`.
"""

import hashlib
from html import escape
from urllib.parse import quote

import routes


def name_conference(call_sid: str, request_id: str) -> str:
    """The name has nothing about the caller: names are seen by the whole account."""
    return f"{call_sid}-{hashlib.sha256(request_id.encode()).hexdigest()[:12]}"


def name_leg(call_sid: str, request_id: str) -> str:
    """The query of the URLs about an attempt's legs."""
    return f"call={call_sid}&attempt={quote(request_id, safe='')}"


def render_conference(base_url: str, call_sid: str, request_id: str) -> str:
    """The `<Conference>` of caller and person. Until both are there, they hear `/voice/agent-wait`."""
    attributes = {
        "beep": "false",
        "startConferenceOnEnter": "true",
        "endConferenceOnExit": "true",
        "jitterBufferSize": "small",
        "waitUrl": f"{base_url}{routes.AGENT_WAIT}?{name_leg(call_sid, request_id)}",
        "waitMethod": "POST",
    }
    told = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    return f"<Conference{told}>{name_conference(call_sid, request_id)}</Conference>"


def render_person(base_url: str, call_sid: str, request_id: str, talk_seconds: int, words: str) -> str:
    """The document that lets the person wait for the caller, after these words."""
    action = f"{base_url}{routes.AGENT_LEFT}?{name_leg(call_sid, request_id)}{routes.ASK_AGAIN}"
    limit = f' timeLimit="{talk_seconds}"' if talk_seconds else ""
    conference = render_conference(base_url, call_sid, request_id)
    dial = f'<Dial action="{escape(action)}" method="POST"{limit}>{conference}</Dial>'
    return f"<Response><Say>{escape(words)}</Say>{dial}</Response>"


def render_bridge(base_url: str, call_sid: str, request_id: str, words: str = "") -> str:
    """The document that sends the caller to the person, after these words."""
    action = f"{base_url}{routes.AFTER_DIAL}?attempt={quote(request_id, safe='')}{routes.ASK_AGAIN}"
    said = f"<Say>{escape(words)}</Say>" if words else ""
    conference = render_conference(base_url, call_sid, request_id)
    return f'<Response>{said}<Dial action="{escape(action)}" method="POST">{conference}</Dial></Response>'
