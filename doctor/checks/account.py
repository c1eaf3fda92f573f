"""Whether Twilio accepts the credentials, and what the account is allowed to do."""

from collections.abc import Iterator
from contextlib import suppress

from doctor.context import Context
from doctor.errors import DoctorError
from doctor.facts import Account, Numbers, Stack, TwilioSecret
from doctor.findings import Finding, fail, ok, warn
from doctor.secret_schema import API_KEY_SECRET, API_KEY_SID, ROTATION, SWITCHED
from doctor.twilio_api import API, AccountResource, TwilioClient

_NEW_KEYS = "see Account > API keys & tokens in Twilio's console; `make secrets` stores new values"


def check_account(context: Context) -> Iterator[Finding]:
    """Log in with the auth token, because Twilio signs with it."""
    secret = context.facts.get(TwilioSecret)
    twilio, resource, uses_next = _authenticate(context, secret)
    if uses_next:
        message = "Twilio accepts TWILIO_AUTH_TOKEN_NEXT in place of TWILIO_AUTH_TOKEN"
        switched = secret.values.get(ROTATION) == SWITCHED  # but Twilio does not accept that token
        yield warn(message, _NEW_KEYS if switched else "`make secrets ROTATE=switch`")
    trial = resource.type.lower() == "trial"
    if resource.status != "active":
        remedy = "see the account's billing and notices in Twilio's console"
        yield fail(f"Twilio accepts the auth token, but the account is {resource.status}: no call is connected", remedy)
    elif trial:
        message = (
            "Twilio accepts the auth token; a trial account rings verified numbers only, after a message of Twilio's"
        )
        yield warn(message, "upgrade the account before real callers call")
    else:
        yield ok(f"Twilio accepts the auth token of {secret.account_sid}; the account is active")
    context.facts.add(Account(twilio, trial))
    context.facts.add(Numbers(twilio.list_numbers()))


def _authenticate(context: Context, secret: TwilioSecret) -> tuple[TwilioClient, AccountResource, bool]:
    """A client, the account, and whether only the next token was accepted. Raises `DoctorError`."""
    api = context.facts.get(Stack).twilio_api_url
    client, next_token_client = (
        TwilioClient(context.network, secret.account_sid, secret.account_sid, token, api)
        for token in (secret.auth_token, secret.next_auth_token)
    )
    try:
        return client, client.fetch_account(), False
    except DoctorError as error:
        region = "" if api == API else f"; {api} knows the keys of its own region only"
        refusal = DoctorError(f"account {secret.account_sid}: {error.message}", error.remedy or _NEW_KEYS + region)
    if secret.next_auth_token:
        with suppress(DoctorError):
            return next_token_client, next_token_client.fetch_account(), True
    raise refusal


def check_api_key(context: Context) -> Iterator[Finding]:
    """If there is an API key, calls are moved with it, so it must have access to calls."""
    secret = context.facts.get(TwilioSecret)
    sid, password = (secret.values.get(field.name) for field in (API_KEY_SID, API_KEY_SECRET))
    if not sid or not password:
        return
    try:
        api = context.facts.get(Stack).twilio_api_url
        TwilioClient(context.network, secret.account_sid, sid, password, api).check_call_access()
    except DoctorError as error:
        message = f"the API key {sid}, with which calls are moved: {error.message}"
        raise DoctorError(message, error.remedy or _NEW_KEYS) from None
    yield ok(f"Twilio accepts the API key {sid}, with which calls are moved")
