"""Which services the contract's tests ask: the sandbox, or with TWILIO_LIVE=1 and OPENAI_LIVE=1 the real ones.

What a live run may cost is counted before it starts: every test says with the marker `costs` what it uses. Prices are
those of protocol.md's tables and of Twilio's page for calls in the US; elsewhere a minute may cost more.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from doctor.errors import DoctorError
from doctor.twilio_api import API, check_api_url

REALTIME_URL = "wss://api.openai.com/v1/realtime"
# One call is over after this long, whatever a test does; Twilio counts it in minutes.
CALL_SECONDS = 60
# A response of the model ends there: ten seconds of speech.
RESPONSE_TOKENS = 200
# More than the suite needs, less than would hurt: a test that is written in a hurry cannot ask for a thousand calls.
MOST = {"calls": 20, "sessions": 60, "responses": 20}
_CALL_DOLLARS = 0.02  # a minute to a number in the US, rounded up
_RESPONSE_DOLLARS = 0.03  # 200 tokens of audio at 64 dollars a million, and the conversation before them at 32


class NotReadyError(Exception):
    """A live run was asked for that cannot start; the message has a line for each reason."""


@dataclass(frozen=True, slots=True)
class TwilioAccess:
    """An account. `user` is its sid, or that of an API key; `to` a telephone that answers by itself or by you."""

    account_sid: str
    user: str
    password: str = field(repr=False)
    from_number: str
    to_number: str
    api_url: str


@dataclass(frozen=True, slots=True)
class OpenAIAccess:
    """A key, and where it is asked."""

    api_key: str = field(repr=False)
    url: str


def read_twilio_access(environment: Mapping[str, str]) -> TwilioAccess | None:
    """None: the sandbox is asked. Raises `NotReadyError`, which names every setting that is missing or no address."""
    if environment.get("TWILIO_LIVE") != "1":
        return None
    key = environment.get("TWILIO_API_KEY_SID") or environment.get("TWILIO_API_KEY_SECRET")
    login = ("TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET") if key else ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")
    names = ("TWILIO_ACCOUNT_SID", *login, "TWILIO_FROM", "TWILIO_TO")
    account_sid, user, password, from_number, to_number = _read(environment, "TWILIO_LIVE", names)
    try:
        api_url = check_api_url(environment.get("TWILIO_API_URL") or API)
    except DoctorError as error:
        raise NotReadyError(str(error)) from None
    return TwilioAccess(account_sid, user, password, from_number, to_number, api_url)


def read_openai_access(environment: Mapping[str, str]) -> OpenAIAccess | None:
    """None: the sandbox is asked. Raises `NotReadyError`."""
    if environment.get("OPENAI_LIVE") != "1":
        return None
    (api_key,) = _read(environment, "OPENAI_LIVE", ("OPENAI_API_KEY",))
    return OpenAIAccess(api_key, environment.get("REALTIME_URL") or REALTIME_URL)


def add_costs(costs: Iterable[Mapping[str, int]]) -> Counter[str]:
    """What these tests use together. Raises `NotReadyError` beyond what a run may."""
    used: Counter[str] = Counter()
    for cost in costs:
        used.update(cost)
    if over := [f"{used[what]} {what}, at most {most} may be used" for what, most in MOST.items() if used[what] > most]:
        raise NotReadyError(f"The contract's tests would cost more than a run may: {'; '.join(over)}.")
    return used


def describe_twilio_cost(used: Mapping[str, int], access: TwilioAccess) -> str:
    """One line for whoever pays."""
    calls = used.get("calls", 0)
    return (
        f"Twilio, live: {calls} calls from {access.from_number} to {access.to_number}, {CALL_SECONDS} s each at most, "
        f"about {calls * _CALL_DOLLARS:.2f} dollars in the US"
    )


def describe_openai_cost(used: Mapping[str, int], access: OpenAIAccess) -> str:
    """One line for whoever pays."""
    responses = used.get("responses", 0)
    return (
        f"OpenAI, live: {used.get('sessions', 0)} sessions at {access.url}, {responses} responses of "
        f"{RESPONSE_TOKENS} tokens at most, under {responses * _RESPONSE_DOLLARS:.2f} dollars"
    )


def _read(environment: Mapping[str, str], switch: str, names: Iterable[str]) -> list[str]:
    if missing := sorted({name for name in names if not environment.get(name)}):
        raise NotReadyError(f"{switch}=1 needs {', '.join(missing)}: not set, or empty.")
    return [environment[name] for name in names]
