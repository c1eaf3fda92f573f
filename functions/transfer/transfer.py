"""The transfer function: moves a live call to a person. It is invoked, and never reached over HTTP.

`transfer_request` has the requests, `transfers` the answers. A failure is an answer with a status. Only a defect (of
the code, of a setting, of the directory) raises.
"""

import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

import aws_clients
import telemetry
import transfer_request
from attended_ringing import AttendedRinging
from attended_transfers import AttendedTransfers
from call_record import CallTable
from directory import SHIPPED, Directory, load
from environment import read_service_name
from notifier import Notifier, NotToldYetError
from secret_cache import SecretCache
from telemetry import Metrics
from transfer_request import CALL_SID, RequestError
from transfer_settings import Credentials, Settings
from transfers import Answer, Transfers

if TYPE_CHECKING:
    from notice_topic import NoticeTopic
    from twilio_calls import TwilioCalls
    from twilio_messages import TwilioMessages

OWN_NAME = "AWS_LAMBDA_FUNCTION_NAME"
"""Lambda sets it. The function invokes itself for what nobody waits for."""
UNCOUNTED = ("destinations", "notify", "end", "cancel", "ring_on")
"""The actions that put nobody through."""

logger = Logger(service="transfer", json_serializer=telemetry.format_line)

# The container waits 8 s for an answer (docs/architecture.md has all time limits). Each request to AWS is tried twice,
# because the connections of a function that was idle are dead. At worst the secret takes 3 s, each of two requests to
# the table 1.7 s. Twilio has the rest of TWILIO_S. Then the outcome is written, which takes 1.7 s again.
TWILIO_S = 5.5
# Nobody waits for a notice. Lambda ends the function after 10 s.
NOTIFY_S = 9.5
DATABASE = Config(connect_timeout=0.3, read_timeout=0.5, retries={"total_max_attempts": 2})
SECRETS = Config(connect_timeout=0.3, read_timeout=0.7, retries={"total_max_attempts": 2})
QUEUE = Config(connect_timeout=0.3, read_timeout=1, retries={"total_max_attempts": 2})
TOPIC = Config(connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 1})  # what is repeated is told twice


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: object, _context: LambdaContext) -> Answer:
    return answer(event, transfers)


def answer(event: object, transfers: Callable[[], Transfers]) -> Answer:
    """The answer to one event; also counts it. `transfers` is called only for a valid request, and may raise."""
    try:
        answered = _handle(event, transfers)
    except NotToldYetError:  # the reasons are in the log
        metrics().count("NotificationsPostponed")
        raise
    except Exception:  # Lambda reports it, but not whose call it was
        logger.exception("A defect, or a bad setting")
        _count(event, "a defect")
        raise
    _count(event, str(answered.get("status")))
    return answered


def _handle(event: object, transfers: Callable[[], Transfers]) -> Answer:
    begun = time.monotonic()
    try:
        request = transfer_request.read(event)
    except RequestError as error:
        if isinstance(event, dict) and CALL_SID.fullmatch(str(event.get("call_sid"))):
            logger.append_keys(call_sid=event["call_sid"])
        logger.warning("Refused a request", extra={"reason": str(error)})
        return {"status": "failed", "error": str(error)}
    logger.append_keys(call_sid=request.call_sid, action=request.action, request_id=request.request_id)
    return transfers().answer(request, begun + (NOTIFY_S if request.action == "notify" else TWILIO_S))


def _count(event: object, status: str) -> None:
    """Counts actions that put callers through, but no dry run."""
    if (
        not isinstance(event, dict)
        or event.get("action") in ("destinations", "notify", "end", "cancel", "ring_on")
        or event.get("dry_run")
    ):
        return
    if status in ("failed", "a defect"):
        metrics().count("TransferFailures")
    if status != "a defect":
        metrics().count("Transfers", outcome=status)


@cache
def transfers(file: Path = SHIPPED) -> Transfers:
    """Made at the first request, and kept. Raises `SettingsError` or `TomlFileError`."""
    settings = Settings.read(os.environ)
    client = cache(lambda: aws_clients.client("secretsmanager", SECRETS))
    secret = SecretCache(client, settings.secret_id, Credentials.read, logger)

    directory = load(file)
    table = CallTable(
        aws_clients.client("dynamodb", DATABASE),
        settings.calls_table,
        keep_days=settings.record_retention_days,
        keep_transcripts=settings.keep_transcripts,
    )
    return Transfers(
        directory=directory,
        table=table,
        voice_url=settings.voice_url,
        calls=lambda: twilio_calls(secret.get(), settings.twilio_api_url, settings.fallback_url),
        now=lambda: datetime.now(UTC),
        notifier=make_notifier(directory, table, settings, secret.get),
        attended=make_attended(directory, table, settings),
    )


@cache
def metrics() -> Metrics:
    return Metrics(read_service_name(os.environ), logger)


@cache
def twilio_calls(credentials: Credentials, api_url: str, fallback_url: str | None) -> "TwilioCalls":
    """One client, with its open connections, for as long as the credentials stay the same."""
    from twilio_calls import TwilioCalls  # the container's first request does not need Twilio

    return TwilioCalls(credentials, api_url, fallback_url=fallback_url)


def make_attended(directory: Directory, table: CallTable, settings: Settings) -> AttendedTransfers:
    ringing = AttendedRinging(directory, table, settings.voice_url, make_invocation(os.environ.get(OWN_NAME, "")))
    return AttendedTransfers(directory, table, settings.voice_url, ringing)


def make_invocation(name: str) -> Callable[[Answer], bool]:
    """Gives this function a request for which nobody waits. False: Lambda did not take it."""
    client = cache(lambda: aws_clients.client("lambda", QUEUE))

    def invoke(event: Answer) -> bool:
        try:
            client().invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(event).encode())
        except (BotoCoreError, ClientError):
            logger.exception("The function could not invoke itself", extra={"of": event.get("action")})
            return False
        return True

    return invoke


def make_notifier(
    directory: Directory, table: CallTable, settings: Settings, credentials: Callable[[], Credentials]
) -> Notifier:
    """Its clients are made for each notice: connections that slept may be dead, and nothing is sent twice."""

    def make_messages() -> "TwilioMessages":
        from twilio_messages import TwilioMessages

        return TwilioMessages(credentials(), settings.twilio_api_url)

    def make_topic() -> "NoticeTopic":
        from notice_topic import NoticeTopic

        return NoticeTopic(lambda: aws_clients.client("sns", TOPIC), settings.notify_topic)

    return Notifier(directory, table, settings.voice_url, make_messages, make_topic, metrics)
