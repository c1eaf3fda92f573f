"""What all calls of one carrier share. It is made by `Carrier`, lives as long, and holds no logic."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from twilio.request_validator import RequestValidator

from sandbox.twilio import audio_sources
from sandbox.twilio.account import Account
from sandbox.twilio.clock import Clock
from sandbox.twilio.events import Events
from sandbox.twilio.faults import Faults
from sandbox.twilio.line import Exchange
from sandbox.twilio.phones import Person
from sandbox.twilio.routes import Routes
from sandbox.twilio.webhooks import Webhooks

if TYPE_CHECKING:
    from sandbox.twilio.calls import Call
    from sandbox.twilio.conferences import Conference
    from sandbox.twilio.queues import WaitingLine


@dataclass(frozen=True, slots=True)
class Sounds:
    """The network's own tones, rendered once."""

    ringback: bytes = field(default_factory=audio_sources.ringback)
    waiting: bytes = field(default_factory=audio_sources.waiting_music)
    beep: bytes = field(default_factory=audio_sources.beep)


@dataclass(slots=True)
class Network:
    account_sid: str
    validator: RequestValidator
    routes: Routes
    webhooks: Webhooks
    clock: Clock
    exchange: Exchange
    events: Events
    faults: Faults
    people: dict[str, Person]
    numbers: set[str]  # caller IDs that the account may show besides those of the call itself
    say: Callable[[str], bytes]
    group: asyncio.TaskGroup  # owns one task a call
    account: Account = field(default_factory=Account)
    sounds: Sounds = field(default_factory=Sounds)
    calls: dict[str, "Call"] = field(default_factory=dict)
    conferences: dict[str, "Conference"] = field(default_factory=dict)
    queues: dict[str, "WaitingLine"] = field(default_factory=dict)
    recordings: dict[str, bytes] = field(default_factory=dict)


def new_sid(prefix: str) -> str:
    """A sid as Twilio writes them: two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)
