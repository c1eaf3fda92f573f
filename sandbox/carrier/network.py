"""What all calls of one carrier share. It is made by `Carrier`, lives as long, and holds no logic."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from twilio.request_validator import RequestValidator

from sandbox.carrier import sources
from sandbox.carrier.account import Account
from sandbox.carrier.clock import Clock
from sandbox.carrier.events import Events
from sandbox.carrier.faults import Faults
from sandbox.carrier.line import Exchange
from sandbox.carrier.phones import Person
from sandbox.carrier.routes import Routes
from sandbox.carrier.webhooks import Webhooks

if TYPE_CHECKING:
    from sandbox.carrier.calls import Call
    from sandbox.carrier.conferences import Conference
    from sandbox.carrier.queues import WaitingLine


@dataclass(frozen=True, slots=True)
class Sounds:
    """The network's own tones, rendered once."""

    ringback: bytes = field(default_factory=sources.ringback)
    waiting: bytes = field(default_factory=sources.waiting_music)
    beep: bytes = field(default_factory=sources.beep)


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
