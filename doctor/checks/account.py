"""Whether Twilio accepts the credentials, and what kind of account they open."""

from collections.abc import Iterator
from contextlib import suppress

from doctor.context import Context
from doctor.errors import DoctorError
from doctor.facts import Account, Numbers, TwilioSecret
from doctor.findings import Finding, fail, ok, warn
from doctor.secret_schema import API_KEY_SECRET, API_KEY_SID, ROTATION, SWITCHED
from doctor.twilio_api import AccountResource, Twilio

_ANEW = "see Account > API keys & tokens in Twilio's console; `make secrets` stores new values"


def account(context: Context) -> Iterator[Finding]:
    """With the auth token itself, which is what Twilio signs with."""
    secret = context.facts.get(TwilioSecret)
    twilio, found, promoted = _accepted(context, secret)
    if promoted:
        message = "Twilio accepts TWILIO_AUTH_TOKEN_NEXT in place of TWILIO_AUTH_TOKEN"
        switched = secret.values.get(ROTATION) == SWITCHED  # to a token that was never Twilio's
        yield warn(message, _ANEW if switched else "`make secrets ROTATE=switch`")
    trial = found.type.lower() == "trial"
    if found.status != "active":
        remedy = "see the account's billing and notices in Twilio's console"
        yield fail(f"Twilio accepts the auth token, but the account is {found.status}: no call is connected", remedy)
    elif trial:
        message = (
            "Twilio accepts the auth token; a trial account rings verified numbers only, after a message of Twilio's"
        )
        yield warn(message, "upgrade the account before real callers call")
    else:
        yield ok(f"Twilio accepts the auth token of {secret.account_sid}; the account is active")
    context.facts.add(Account(twilio, trial))
    context.facts.add(Numbers(twilio.numbers()))


def _accepted(context: Context, secret: TwilioSecret) -> tuple[Twilio, AccountResource, bool]:
    """The account by the token that Twilio accepts; whether that is the next one. Raises `DoctorError`."""
    present, following = (
        Twilio(context.network, secret.account_sid, secret.account_sid, token)
        for token in (secret.auth_token, secret.next_auth_token)
    )
    try:
        return present, present.account(), False
    except DoctorError as error:
        refusal = DoctorError(f"account {secret.account_sid}: {error.message}", error.remedy or _ANEW)
    if secret.next_auth_token:
        with suppress(DoctorError):
            return following, following.account(), True
    raise refusal


def api_key(context: Context) -> Iterator[Finding]:
    """Moves calls when there is one: it must be allowed to see them."""
    secret = context.facts.get(TwilioSecret)
    sid, password = (secret.values.get(part.name) for part in (API_KEY_SID, API_KEY_SECRET))
    if not sid or not password:
        return
    try:
        Twilio(context.network, secret.account_sid, sid, password).read_calls()
    except DoctorError as error:
        message = f"the API key {sid}, with which calls are moved: {error.message}"
        raise DoctorError(message, error.remedy or _ANEW) from None
    yield ok(f"Twilio accepts the API key {sid}, with which calls are moved")
