"""The voice_webhook function: answers every HTTP request that Twilio makes about a call, with TwiML.

https://www.twilio.com/docs/voice/twiml#twilios-request-to-your-application. A request without Twilio's signature
gets 403 and an empty body. After it is verified, the caller hears something, whatever goes wrong here.
"""

import os
import time
from collections.abc import Mapping
from functools import cache

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

import aws_clients
import routes
import telemetry
import transfer_client
import twiml
from attended_webhooks import AttendedWebhooks
from call_record import CallTable
from environment import read_service_name
from leg_webhook import LegWebhook
from leg_webhooks import LegWebhooks
from secret_cache import SecretCache
from signature import PostedForm, as_mapping, is_signed, may_be_signed, names_call_of, parse_form
from signing_keys import SHARED_KEY, SigningKeys, parse_signing_keys
from telemetry import Metrics
from transfer_client import TransferClient
from twiml import Urls
from webhook import CALL_SID, Webhook
from webhook_settings import Settings
from webhooks import Webhooks

# Twilio waits 15 s, and so does the caller. Everything is tried twice, because a function that has slept meets dead
# connections; a pause of up to a second comes between for Secrets Manager. At worst the secret takes 3 s, and as long
# again for a signature that no known token has made; reading the record takes 1.7 s, and so does writing that somebody
# else is rung; the transfer function is not asked when less than 4.3 s are left of ANSWER_S; writing the decision takes
# 1.7 s, begun by then at the latest; that people are told of a missed call is put into a queue after that, in 2.6 s,
# unless ANSWER_S is over by then. Of a new call it takes 2.7 s to look whether it is a transfer come back, and 1.7 s
# each to record it and to count it as one.
ANSWER_S = 12
DATABASE = Config(connect_timeout=0.3, read_timeout=0.5, retries={"total_max_attempts": 2})
SECRETS = Config(connect_timeout=0.3, read_timeout=0.7, retries={"total_max_attempts": 2})
TRANSFER = Config(
    connect_timeout=transfer_client.CONNECT_S, read_timeout=transfer_client.READ_S, retries={"total_max_attempts": 1}
)
NOTICES = Config(connect_timeout=0.3, read_timeout=transfer_client.NOTIFY_READ_S, retries={"total_max_attempts": 1})

# Of a schedule of the template. What comes over HTTP never looks like it, because API Gateway wraps it.
KEEP_SNAPSHOT = {"keep": "snapshot"}
logger = Logger(service="voice_webhook", json_serializer=telemetry.format_line)

type Response = dict[str, object]

# With the parameter SnapStart this process is kept as it is after the import, and goes on as any number of copies: so
# nothing secret, random or connected is made before the first event, but what takes its time and is the same for all.
if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start":
    aws_clients.read_ahead("secretsmanager", "dynamodb")


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: object, _context: LambdaContext) -> Response:
    if event == KEEP_SNAPSHOT:
        return {}
    try:
        return handle(as_mapping(event), time.monotonic() + ANSWER_S)
    except Exception:  # Lambda reports it, but not whose call it was
        logger.exception("No answer; Twilio asks the fallback URL")
        raise


def handle(event: Mapping[str, object], until: float) -> Response:
    """Nothing but what Twilio signed gets an answer, and that gets one that can be heard."""
    form = parse_form(event, settings().voice_url)
    if (webhook := verify(form, event, until)) is None:
        # Without the query, which may hold anything.
        logger.warning(describe_refusal(form), extra={"path": form and form.path})
        if form is not None and names_call_of(secret().get().account_sid, form):
            metrics().count("RequestsRefused")
        return response(403)
    assert form is not None, "it was verified"
    try:
        if about_leg := route_leg(form.path, webhook):
            return about_leg
        answered = route(form.path, webhook)
        webhooks().end_call(webhook, str(answered["body"]))
        return answered
    except Exception:  # whatever it is, the caller must hear something; Twilio would hang up on an error
        logger.exception("A defect; whoever is on the line hears an apology")
        # Of a leg the caller hears nothing: they are rung for on, or hear what follows.
        return response(200, twiml.apology()) if is_about_leg(form.path) else twiml_response(twiml.apology())


def verify(form: PostedForm | None, event: Mapping[str, object], until: float) -> Webhook | None:
    """The request, if Twilio signed it; nothing else may pass."""
    parts = dict(form.pairs) if form else {}
    if CALL_SID.fullmatch(parts.get("CallSid", "")):
        logger.append_keys(call_sid=parts["CallSid"])  # claimed, so far
    keys = find_signing_keys(form)
    if form is None or keys is None:
        return None
    query = as_mapping(event.get("queryStringParameters"))
    return Webhook(
        form=parts,
        query={name: value for name, value in query.items() if isinstance(value, str)},
        urls=Urls(form.base_url, settings().stream_url),
        token_secret=keys.stream_token_secrets[0],
        until=until,
    )


def describe_refusal(form: PostedForm | None) -> str:
    if form is not None and form.is_by_shared_key and not secret().get().shared_keys:
        return f"Refused a request that is signed with a shared key of Twilio's: the secret has no {SHARED_KEY}"
    return "Refused a request without Twilio's signature"


def find_signing_keys(form: PostedForm | None) -> SigningKeys | None:
    """The keys, one of which has signed the form; None: none has."""
    known = secret().get()
    if form is None or not may_be_signed(form):
        return None
    if is_signed(form, known):
        return known
    newer = secret().read_newer()  # Twilio may sign with a token that was stored a moment ago
    return newer if newer and is_signed(form, newer) else None


def is_about_leg(path: str) -> bool:
    return path in routes.ABOUT_LEGS


def route_leg(path: str, webhook: Webhook) -> Response | None:
    """The answer about somebody who was rung; None: the request is about the caller."""
    if not is_about_leg(path):
        return None
    leg = LegWebhook.read(webhook.form, webhook.query, webhook.urls, webhook.until)
    if leg is None:
        logger.error("A request about a leg names no caller; the leg ends", extra={"path": path})
        return response(204) if path == routes.AGENT_STATUS else twiml_response(twiml.hang_up())
    logger.append_keys(call_sid=leg.call_sid)  # the caller's, under which everything else is found
    match path:
        case routes.AGENT_LEG:
            return twiml_response(leg_webhooks().whisper(leg))
        case routes.AGENT_ANSWER:
            return twiml_response(leg_webhooks().answer(leg))
        case routes.AGENT_STATUS:
            return response(204 if leg_webhooks().status(leg) else 503)
        case routes.AGENT_NOTE:
            return twiml_response(leg_webhooks().attended.note(leg))
        case routes.AGENT_WAIT:
            return twiml_response(leg_webhooks().attended.wait(leg))
        case routes.AGENT_LEFT:
            return twiml_response(leg_webhooks().attended.left(leg))
        case _:
            return response(404)


def route(path: str, webhook: Webhook) -> Response:
    """The API has these routes and no other, each for POST alone."""
    match path:
        case routes.INCOMING:
            return twiml_response(webhooks().incoming(webhook))
        case routes.AFTER_STREAM:
            return twiml_response(webhooks().after_stream(webhook))
        case routes.AFTER_DIAL:
            return twiml_response(webhooks().after_dial(webhook))
        case routes.QUEUE_WAIT:
            return twiml_response(webhooks().queue_wait(webhook))
        case routes.STREAM_STATUS:
            webhooks().stream_status(webhook)
            return response(204)
        case routes.MESSAGE_STATUS:
            webhooks().message_status(webhook)
            return response(204)
        case _:
            return response(404)


def twiml_response(document: str) -> Response:
    if document == twiml.apology():
        metrics().count("Apologies")
    return response(200, document)


def response(status: int, document: str = "") -> Response:
    """In API Gateway's payload format 2.0."""
    headers = {"Content-Type": "text/xml; charset=utf-8"} if document else {}
    return {"statusCode": status, "headers": headers, "body": document, "isBase64Encoded": False}


@cache
def settings() -> Settings:
    """Read at the first request, and kept. Raises `SettingsError`."""
    return Settings.read(os.environ)


@cache
def secret() -> SecretCache[SigningKeys]:
    client = cache(lambda: aws_clients.client("secretsmanager", SECRETS))
    return SecretCache(client, settings().secret_id, read_keys, logger)


def read_keys(secret: object) -> SigningKeys:
    keys = parse_signing_keys(secret)
    if keys.ignored:
        logger.error("The next key is bad, and not in use", extra={"faults": keys.ignored})
    return keys


@cache
def metrics() -> Metrics:
    return Metrics(read_service_name(os.environ), logger)


@cache
def table() -> CallTable:
    return CallTable(
        aws_clients.client("dynamodb", DATABASE),
        settings().calls_table,
        keep_days=settings().record_retention_days,
        keep_transcripts=settings().keep_transcripts,
    )


@cache
def transfer() -> TransferClient:
    return TransferClient(
        cache(lambda: aws_clients.client("lambda", TRANSFER)),
        settings().transfer_function,
        queue=cache(lambda: aws_clients.client("lambda", NOTICES)),
    )


@cache
def leg_webhooks() -> LegWebhooks:
    return LegWebhooks(table(), AttendedWebhooks(table(), transfer()))


@cache
def webhooks() -> Webhooks:
    return Webhooks(
        table=table(),
        transfer=transfer(),
        metrics=metrics(),
        now=time.time,
    )
