"""The ASGI application: a health check, and the WebSocket that Twilio dials."""

import asyncio
import gc
import logging
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import boto3
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from call_record import CallTable
from signing_keys import SigningKeys, parse_signing_keys
from socket_server.admission_control import AdmissionControl
from socket_server.aws import call_log, secret_reader, transfer_client
from socket_server.aws.call_log import CallLog
from socket_server.aws.ecs_metadata import read_task_revision
from socket_server.aws.executor import Executor
from socket_server.aws.metrics import ACTIVE_CALLS_SECONDS, Metrics
from socket_server.aws.record_writer import RecordWriter
from socket_server.aws.secret_reader import SecretReader
from socket_server.aws.transfer_client import TransferClient
from socket_server.call.periodic import PeriodicTimer
from socket_server.call.services import Services
from socket_server.core.errors import SettingError
from socket_server.core.prices import Prices, Tariff
from socket_server.openai.agent import OpenAIAgent
from socket_server.openai.codec import OpenAICodec
from socket_server.openai.pool_timing import PoolTiming, compute_good_seconds
from socket_server.openai.session_pool import SessionPool
from socket_server.openai.url import make_realtime_url, read_model
from socket_server.settings import PRICES, Settings
from socket_server.twilio.stream_auth import StreamAuth
from toml_file import TomlFile

log = logging.getLogger(__name__)


def make_services(settings: Settings, agent: OpenAIAgent, recording: bytes = b"") -> Services:
    """All that calls share; SettingError without a region, TomlFileError for a bad list of prices."""
    url, tls = make_realtime_url(settings.realtime_url, agent.model), ssl.create_default_context()
    tariff, metrics = _make_tariff(agent, read_model(url)), Metrics(settings.service_name)
    timing = PoolTiming(compute_good_seconds(agent.limits))
    session_pool = SessionPool(url, settings.openai_api_key, tls, settings.spare_sessions, timing, metrics.emit)
    writer = RecordWriter(metrics.emit)
    stream_auth = StreamAuth(_make_keys(settings), settings.stream_url, next_stream_url=settings.stream_url_next)
    secrets = _make_secret_readers(settings, stream_auth, session_pool)
    clients = _make_clients(settings, writer)
    return Services(
        agent,
        *clients,
        OpenAICodec(agent),
        session_pool,
        tariff,
        metrics,
        stream_auth,
        settings.log_event_types,
        settings.show_timing_math,
        recording,
        secrets=secrets,
    )


def make_app(services: Services, admission_control: AdmissionControl, settings: Settings) -> Starlette:
    """The application that accepts streams under this control."""

    async def healthz(_: Request) -> Response:
        """200 while the process lives, draining or not: whoever fails it loses all its calls at once."""
        return PlainTextResponse("ok, but the model refuses every call" if services.connector.refusal else "ok")

    routes = [Route("/healthz", healthz), WebSocketRoute("/media-stream", admission_control.media_stream)]
    return Starlette(routes=routes, lifespan=lambda _: _run_services(services, admission_control, settings))


@asynccontextmanager
async def _run_services(
    services: Services, admission_control: AdmissionControl, settings: Settings
) -> AsyncIterator[None]:
    """What runs beside the calls, from before the first one until after the last one."""
    reading = PeriodicTimer(services.read_secrets, secret_reader.EVERY_SECONDS)
    reading.start()
    # The first caller does not wait for the function to start.
    await services.transfer_client.destinations()
    for secret in services.secrets:
        await secret.done()
    revision = await read_task_revision(settings.task_metadata)
    reporter = PeriodicTimer(
        lambda: services.metrics.active_calls(admission_control.calls, revision), ACTIVE_CALLS_SECONDS
    )
    reporter.start()
    admission_control.lag.start()
    # What is there now stays: a full collection would look through all of it, and every call would hear the pause.
    gc.collect()
    gc.freeze()
    try:
        async with services.connector.kept():
            yield
    finally:
        admission_control.lag.stop()
        reporter.stop()
        reading.stop()
        await _close(services)


async def _close(services: Services) -> None:
    """Let what outlives its call come to an end: tools, and what is still to be written."""
    await services.tool_runs.close()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(services.transfer_client.close())
        tasks.create_task(services.call_log.close())
    if services.tool_runs.stuck:
        log.error("%d tools do not end: the process ends without them", services.tool_runs.stuck)
        os._exit(0)


def _make_clients(settings: Settings, writer: RecordWriter) -> tuple[TransferClient, CallLog]:
    """The clients of AWS, on threads of their own each: a table that hangs does not keep callers from a person."""
    region = _find_region(settings)
    functions = boto3.client("lambda", region_name=region, config=transfer_client.CLIENT)
    tables = boto3.client("dynamodb", region_name=region, config=call_log.CLIENT)
    transfers = Executor("transfer", transfer_client.THREADS, transfer_client.WAITING)
    asks = Executor("record", call_log.ASK_THREADS, call_log.ASKS_WAITING)
    days, keep = settings.record_retention_days, settings.keep_transcripts
    table = CallTable(tables, settings.calls_table, keep_days=days, keep_transcripts=keep)
    return (
        TransferClient(settings.transfer_function, transfers, functions),
        CallLog(table, writer, asks),
    )


def _make_keys(settings: Settings) -> SigningKeys:
    """Those of the environment."""
    auth_tokens = settings.twilio_auth_token, settings.twilio_auth_token_next
    token_secrets = settings.stream_token_secret, settings.stream_token_secret_next
    return SigningKeys(tuple(filter(None, auth_tokens)), tuple(filter(None, token_secrets)))


def _make_secret_readers(
    settings: Settings, stream_auth: StreamAuth, session_pool: SessionPool
) -> tuple[SecretReader, ...]:
    """What replaces the environment's keys, as far as there are settings for it."""

    def learn_keys(secret: object) -> None:
        stream_auth.learn(parse_signing_keys(secret))

    def learn_api_key(secret: object) -> None:
        session_pool.api_key = secret_reader.read_api_key(secret)

    ids = ((settings.secret_id, learn_keys), (settings.openai_secret_id, learn_api_key))
    wanted = [(secret_id, learn) for secret_id, learn in ids if secret_id]
    if not wanted:
        return ()
    client = boto3.client("secretsmanager", region_name=_find_region(settings), config=secret_reader.CLIENT)
    readers = tuple(SecretReader(client, secret_id, learn) for secret_id, learn in wanted)
    if settings.secret_id:
        stream_auth.reread = readers[0].read_now
    return readers


def _find_region(settings: Settings) -> str:
    region = settings.aws_region or boto3.session.Session().region_name  # the SDK's own configuration files
    if not region:
        raise SettingError("AWS_REGION is missing")
    return region


def _make_tariff(agent: OpenAIAgent, model: str) -> Tariff:
    tariff = Tariff(
        TomlFile.read(PRICES).decode(Prices),
        model,
        agent.transcription.model,
    )
    for model in tariff.unknown:
        log.warning("%s has no price in %s: what it costs is not measured", model, PRICES.name)
    return tariff
