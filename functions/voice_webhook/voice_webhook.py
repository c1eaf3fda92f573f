"""The voice_webhook function: every HTTP request that Twilio makes about a call, answered with TwiML.

https://www.twilio.com/docs/voice/twiml#twilios-request-to-your-application. A request without Twilio's signature
gets 403 and no word. Once it is verified, the caller hears something whatever goes wrong here.
"""

import logging
import os
import re
import time
from functools import cache
from urllib.parse import urlsplit

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

import answers
import people
import telemetry
from answers import Urls
from call_record import CallTable
from people import People
from signature import genuine, posted
from telemetry import Metrics
from webhook_secret import Secret
from webhook_settings import Settings, service_name
from webhooks import Webhook, Webhooks

# Twilio waits 15 s, and so does the caller. Everything is tried twice, because a function that has slept meets dead
# connections; a pause of up to a second comes between for Secrets Manager. At worst the secret takes 3 s, reading
# the record 1.7 s; the transfer function is not asked when less than 4.3 s are left of ANSWER_S; writing the decision
# takes 1.7 s, begun by then at the latest.
ANSWER_S = 12
DATABASE = Config(connect_timeout=0.3, read_timeout=0.5, retries={"total_max_attempts": 2})
SECRETS = Config(connect_timeout=0.3, read_timeout=0.7, retries={"total_max_attempts": 2})
TRANSFER = Config(connect_timeout=people.CONNECT_S, read_timeout=people.READ_S, retries={"total_max_attempts": 1})

CALL_SID = re.compile("CA[0-9a-fA-F]{32}")

logger = Logger(service="voice_webhook", json_serializer=telemetry.line)
app = APIGatewayHttpResolver()
# It would log what it raises, without the call and with any number in it.
logging.getLogger(APIGatewayHttpResolver.__module__).setLevel(logging.CRITICAL)


def only_twilio(app: APIGatewayHttpResolver, next_middleware: NextMiddleware) -> Response[str]:
    """Let nothing pass that Twilio did not sign."""
    until = time.monotonic() + ANSWER_S
    form = posted(app.current_event.raw_event, settings().voice_url)
    parts = dict(form.pairs) if form else {}
    if CALL_SID.fullmatch(parts.get("CallSid", "")):
        logger.append_keys(call_sid=parts["CallSid"])  # claimed, so far
    credentials = secret().credentials()
    if form is None or not genuine(form, credentials.auth_token):
        # Without the query, which may hold anything.
        logger.warning("Refused a request without Twilio's signature", extra={"path": form and urlsplit(form.url).path})
        return Response(status_code=403, body="")
    webhook = Webhook(
        form=parts,
        query=app.current_event.query_string_parameters,
        urls=Urls(form.base_url, settings().stream_url),
        token_secret=credentials.stream_token_secret,
        until=until,
    )
    app.context["webhook"] = webhook
    return next_middleware(app)


def never_silent(app: APIGatewayHttpResolver, next_middleware: NextMiddleware) -> Response[str]:
    """An answer with an error would end the call in the middle of a word: apologise instead."""
    try:
        return next_middleware(app)
    except Exception:  # whatever it is, the caller must hear something; Twilio would hang up on an error
        logger.exception("A defect; the caller hears an apology")
        return twiml(answers.apology())


app.use([only_twilio, never_silent])


@app.post("/voice/incoming")
def incoming() -> Response[str]:
    return twiml(webhooks().incoming(webhook()))


@app.post("/voice/after-stream")
def after_stream() -> Response[str]:
    return twiml(webhooks().after_stream(webhook()))


@app.post("/voice/after-dial")
def after_dial() -> Response[str]:
    return twiml(webhooks().after_dial(webhook()))


@app.post("/voice/queue-wait")
def queue_wait() -> Response[str]:
    return twiml(webhooks().queue_wait(webhook()))


@app.post("/voice/stream-status")
def stream_status() -> Response[str]:
    webhooks().stream_status(webhook())
    return Response(status_code=204, body="")


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, object], context: LambdaContext) -> dict[str, object]:
    try:
        return app.resolve(event, context)
    except Exception:  # Lambda reports it, but not whose call it was
        logger.exception("No answer; Twilio asks the fallback URL")
        raise


def webhook() -> Webhook:
    found = app.context["webhook"]
    assert isinstance(found, Webhook), "only_twilio puts it there"
    return found


def twiml(document: str) -> Response[str]:
    if document == answers.apology():
        metrics().count("Apologies")
    return Response(status_code=200, content_type="text/xml; charset=utf-8", body=document)


@cache
def settings() -> Settings:
    """Read at the first request, and kept. Raises `SettingsError`."""
    return Settings.read(os.environ)


@cache
def secret() -> Secret:
    return Secret(SecretsProvider(boto_config=SECRETS), settings().secret_id)


@cache
def metrics() -> Metrics:
    return Metrics(service_name(os.environ), logger)


@cache
def webhooks() -> Webhooks:
    return Webhooks(
        table=CallTable(boto3.client("dynamodb", config=DATABASE), settings().calls_table),
        people=People(boto3.client("lambda", config=TRANSFER), settings().transfer_function),
        metrics=metrics(),
        now=time.time,
    )
