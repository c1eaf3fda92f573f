"""What a Twilio account is besides its calls: its state, its numbers, whom it may ring. A test may change all of it."""

import secrets
from dataclasses import dataclass, field


@dataclass(slots=True)
class IncomingNumber:
    """A number of the account and what happens when somebody dials it."""

    phone_number: str
    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"
    trunk_sid: str | None = None
    voice_application_sid: str | None = None
    voice: bool = True
    """Whether it can take calls."""
    sms: bool = True
    sid: str = field(default_factory=lambda: "PN" + secrets.token_hex(16))


@dataclass(slots=True)
class TwimlApp:
    """An Applications resource: what answers a call that `<Dial><Application>` sends to it."""

    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"
    friendly_name: str = ""
    public_application_connect_enabled: bool = False
    """Whether other accounts may dial it. There are none here."""
    sid: str = field(default_factory=lambda: "AP" + secrets.token_hex(16))


@dataclass(slots=True)
class Country:
    """Geographic permissions for one country."""

    iso_code: str
    name: str
    country_codes: tuple[str, ...]
    low_risk: bool = True
    special: bool = False
    special_prefixes: tuple[str, ...] = ()


def _make_countries() -> list[Country]:
    """Few, but two that share a code: Twilio has the Bahamas apart from the rest of +1."""
    return [
        Country("US", "United States/Canada", ("+1",), special_prefixes=("+1900",)),
        Country("BS", "Bahamas", ("+1242",), low_risk=False),
        Country("GB", "United Kingdom", ("+44",), special_prefixes=("+449", "+4487")),
        Country("CU", "Cuba", ("+53",), low_risk=False),
    ]


@dataclass(slots=True)
class Account:
    status: str = "active"
    type: str = "Full"
    numbers: list[IncomingNumber] = field(default_factory=list)
    applications: list[TwimlApp] = field(default_factory=list)
    verified: list[str] = field(default_factory=list)
    """Numbers of others that may be shown, and rung by a trial account."""
    countries: list[Country] = field(default_factory=_make_countries)
    calls_per_second: float = 1.0
    """How many calls by REST begin in a second; further ones are queued. Twilio's default."""
    concurrent_calls: int | None = None
    """How many calls there may be at a time, legs included: 5 of a trial account, 2 without an approved profile, 3 with
    an individual one; None: any number, with a business profile."""
    answers: tuple[int, bytes] | None = None
    """Status and body with which every request about the account is answered instead: Twilio's bad day."""
