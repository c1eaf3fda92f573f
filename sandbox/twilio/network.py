"""What all calls of one carrier share. It is made by `Carrier`, lives as long, and knows no call."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from twilio.request_validator import RequestValidator

from sandbox.twilio import audio_sources
from sandbox.twilio.account import Account
from sandbox.twilio.call_limits import CallTurns
from sandbox.twilio.call_queue import CallQueue
from sandbox.twilio.clock import Clock
from sandbox.twilio.conference_room import ConferenceRoom
from sandbox.twilio.event_log import EventLog
from sandbox.twilio.faults import Faults
from sandbox.twilio.line import AudioLoop, Line
from sandbox.twilio.phones import Person
from sandbox.twilio.recordings import Recording
from sandbox.twilio.routes import Routes
from sandbox.twilio.sms import Message
from sandbox.twilio.tasks import Task, Workflow
from sandbox.twilio.webhooks import Webhooks

type ObserveLine = Callable[[str, Line], None]
"""Is called with the CallSid and the line of every new leg, before it rings. It may tap the line."""


@dataclass(frozen=True, slots=True)
class Sounds:
    """The network's own tones, rendered once."""

    ringback: bytes = field(default_factory=audio_sources.render_ringback)
    waiting: bytes = field(default_factory=audio_sources.render_waiting_music)
    beep: bytes = field(default_factory=audio_sources.render_beep)


@dataclass(slots=True)
class Network:
    account_sid: str
    validator: RequestValidator
    routes: Routes
    webhooks: Webhooks
    clock: Clock
    audio_loop: AudioLoop
    events: EventLog
    faults: Faults
    find_person: Callable[[str], Person | None]  # by number, "sip:user@host" or "client:identity"
    numbers: set[str]  # caller IDs that the account may show besides those of the call itself
    say: Callable[[str], bytes]
    group: asyncio.TaskGroup  # owns one task a call
    account: Account = field(default_factory=Account)
    sounds: Sounds = field(default_factory=Sounds)
    workflows: dict[str, Workflow] = field(default_factory=dict)
    tasks: list[Task] = field(default_factory=list)
    conferences: dict[str, ConferenceRoom] = field(default_factory=dict)
    queues: dict[str, CallQueue] = field(default_factory=dict)
    recordings: dict[str, Recording] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    call_turns: CallTurns = field(default_factory=CallTurns)
    call_tokens: dict[str, str] = field(default_factory=dict)  # to the CallSid
    observers: list[ObserveLine] = field(default_factory=list)

    def queue(self, name: str) -> CallQueue:
        """Queues come into being by being named."""
        return self.queues.setdefault(name, CallQueue())
