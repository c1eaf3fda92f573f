"""Twilio's side of a call, on loopback: REST, TwiML, signed webhooks, media streams, and people with phones.

Start with `Carrier` in `carrier.py`; scripts of callers and people are written against `Phone` in `phones.py`;
what can happen is in `events.py`, what has happened in `event_log.py`.
"""

from sandbox.twilio.call_report import CallReport
from sandbox.twilio.call_screening import screens_calls
from sandbox.twilio.carrier import Carrier
from sandbox.twilio.faults import Faults, FrameFaults, RestFault, WebhookFault
from sandbox.twilio.phones import Person, Phone, answers, busy, declines, never_answers, voicemail
from sandbox.twilio.tasks import Worker, Workflow

__all__ = [
    "CallReport",
    "Carrier",
    "Faults",
    "FrameFaults",
    "Person",
    "Phone",
    "RestFault",
    "WebhookFault",
    "Worker",
    "Workflow",
    "answers",
    "busy",
    "declines",
    "never_answers",
    "screens_calls",
    "voicemail",
]
