"""Warmline installed on this machine as it is in AWS: functions, table, secret, container.

Everything is real but AWS itself, which is `sandbox/aws`: the functions run in processes of their own, as they lie in
the checkout or as `sam build` made them, and so does `python -m socket_server`. Nothing is reached but by the settings
that reach the real services.
"""

import asyncio
import contextlib
import dataclasses
import json
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Self

import boto3

from call_record import CallTable
from routes import ROUTES
from sandbox.aws.artifacts import Artifacts
from sandbox.aws.calls_table import create_calls_table
from sandbox.aws.cloud import Cloud
from sandbox.aws.distribution import Distribution
from sandbox.aws.fallback_page import FallbackPage
from sandbox.aws.functions import EventInvokeConfig, Function
from sandbox.aws.load_balancer import LoadBalancer
from sandbox.aws.topics import Publication
from sandbox.container import Container, make_common_settings, run_checkout, wait_until_healthy
from sandbox.program import Program

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

VOICE_ORIGIN = "https://voice.warmline.test"  # what Twilio would know us as
STREAM_ORIGIN = "wss://stream.warmline.test"
FALLBACK_ORIGIN = "https://fallback.warmline.test"
NOTICES = EventInvokeConfig(oldest_s=600)
"""How long one waits for the transfer function; that it is the template's, tests/deploy compares."""

_ROOT = Path(__file__).parent.parent
_TABLE, _SECRET = "warmline-calls", "warmline/twilio"
_ROUTES = [f"POST {path}" for path in ROUTES]
_LOGICAL_IDS = {"voice_webhook": "VoiceWebhookFunction", "transfer": "TransferFunction"}  # in template.yaml


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PublicOrigins:
    """What the public URLs begin with. The defaults exist for the sandbox's carrier alone."""

    voice: str = VOICE_ORIGIN
    stream: str = STREAM_ORIGIN
    fallback: str = FALLBACK_ORIGIN


def _make_credentials() -> dict[str, str]:
    """Of an account that only the sandbox's carrier knows."""
    return {"TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16), "TWILIO_AUTH_TOKEN": secrets.token_hex(16)}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class InstallationOptions:
    """How one Warmline differs from another."""

    realtime_url: str
    openai_api_key: str = "sandbox"
    settings: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """More settings of the container, such as MAX_CALLS or AGENT_FILE."""
    directory: str | None = None
    """The text of another directory.toml than the shipped one."""
    artifacts: Artifacts | None = None
    """With them the functions are what `sam build` made, and are run as the template says."""
    container: Container = run_checkout
    """Starts another container than the checkout's."""
    error_ttls: Mapping[int, float] | None = None
    """With them a `Distribution` that has them stands before the load balancer."""
    base_path: str = ""
    """Of a domain that maps this key ("/key") to the API: the webhooks are behind it."""
    keep_transcripts: bool = True
    """False: functions and container erase what was said when a call is over."""
    origins: PublicOrigins = PublicOrigins()
    credentials: Mapping[str, str] = dataclasses.field(default_factory=_make_credentials, repr=False)
    """Twilio's part of the functions' secret, under the names that it has there."""


class Installation:
    """One Warmline. It has its place on the network from the beginning; `run` brings it to life."""

    def __init__(self, options: InstallationOptions) -> None:
        self._options = options
        self.account_sid = options.credentials["TWILIO_ACCOUNT_SID"]
        self.auth_token = options.credentials["TWILIO_AUTH_TOKEN"]
        self.stream_token_secret = secrets.token_hex(32)
        self.balancer = LoadBalancer()
        self._distribution = (
            None if options.error_ttls is None else Distribution(self.balancer.port, options.error_ttls)
        )
        self.fallback_page = FallbackPage()
        self._running = contextlib.AsyncExitStack()
        self._twilio_api_url = ""
        self.cloud = Cloud(options.base_path)
        self.notify_topic = self.cloud.create_topic("warmline-notify")
        """ARN of the topic of missed calls and messages."""
        self.voice_url = options.origins.voice + options.base_path
        """What the webhooks' public URLs begin with."""
        self.stream_url = f"{options.origins.stream}/media-stream"
        self.fallback_url = f"{options.origins.fallback}/fallback"
        self.routes = {  # for the carrier: which server stands behind which public name
            options.origins.voice: self.cloud.gateway_origin,
            options.origins.stream: f"ws://127.0.0.1:{(self._distribution or self.balancer).port}",
            options.origins.fallback: self.fallback_page.origin,
        }
        self._dynamodb = boto3.session.Session().client("dynamodb", **self.cloud.client_settings)
        self.table = CallTable(self._dynamodb, _TABLE)
        self.table_name = _TABLE
        self.container: Program
        """The newest one."""
        self.ports: dict[Program, int] = {}
        """Where each container listens, or did."""

    @contextlib.asynccontextmanager
    async def run(self, *, twilio_api_url: str) -> AsyncIterator[Self]:
        """Everything started; stopped at the end. Raises ProgramError when the container does not come up."""
        async with self._running:
            artifacts = self._options.artifacts
            routes = artifacts.list_routes(_LOGICAL_IDS["voice_webhook"]) if artifacts else _ROUTES
            self._twilio_api_url = twilio_api_url
            self.cloud.deploy(self._make_functions(), dict.fromkeys(routes, "voice_webhook"))
            self._running.enter_context(self.cloud)
            self._running.callback(self._dynamodb.close)
            await self._running.enter_async_context(self.balancer)
            await self._running.enter_async_context(self.fallback_page)
            if self._distribution is not None:
                await self._running.enter_async_context(self._distribution)
            await asyncio.to_thread(self._create_stores)
            await self.start_container()
            yield self

    async def start_container(self, *, beside: bool = False, settings: Mapping[str, str] | None = None) -> None:
        """Start a container, with settings of its own perhaps, and give it new streams once it is healthy.

        All of them, as on a deploy; or `beside` those before it, in turn, as when the service grows. Each keeps the
        streams that it has.
        """
        program = self._options.container(self._make_container_environment() | dict(settings or {}))
        self.container = await self._running.enter_async_context(program)
        self.ports[self.container] = port = await wait_until_healthy(self.container)
        self.balancer.targets = [*(self.balancer.targets if beside else ()), port]

    def deploy_functions(self, directory: str) -> None:
        """Run the functions as they lie there now, with this text of directory.toml, for events from now on."""
        self._options = dataclasses.replace(self._options, directory=directory)
        self.cloud.deploy(self._make_functions(), {})

    @property
    def published(self) -> list[Publication]:
        """What was told to whoever subscribes."""
        return self.cloud.topics.topics[self.notify_topic].published

    @property
    def containers(self) -> list[Program]:
        """Those that run and are given new streams."""
        return [each for each, port in self.ports.items() if each.status is None and port in self.balancer.targets]

    def drop_connections(self, container: Program) -> None:
        """The load balancer breaks off the container's connections, as when its deregistration delay is over."""
        self.balancer.drop_connections(self.ports[container])

    async def change_secret(self, **parts: object) -> None:
        """Store Twilio's secret anew with these parts beside, or in place of, those that it began with."""
        with contextlib.closing(self._make_secrets_client()) as client:
            text = json.dumps(self._make_secret() | parts)
            await asyncio.to_thread(client.put_secret_value, SecretId=_SECRET, SecretString=text)

    def _create_stores(self) -> None:
        """What `sam deploy` and the operator make: the table and the secret."""
        create_calls_table(self._dynamodb, _TABLE)
        with contextlib.closing(self._make_secrets_client()) as client:
            client.create_secret(Name=_SECRET, SecretString=json.dumps(self._make_secret()))

    def _make_secret(self) -> dict[str, str]:
        return {**self._options.credentials, "STREAM_TOKEN_SECRET": self.stream_token_secret}

    def _make_secrets_client(self) -> "SecretsManagerClient":
        return boto3.session.Session().client("secretsmanager", **self.cloud.client_settings)

    def _make_functions(self) -> dict[str, Function]:
        both = {"SECRET_ID": _SECRET, "POWERTOOLS_SERVICE_NAME": "warmline", **self._make_record_settings()}
        webhook = both | {"STREAM_URL": self.stream_url, "TRANSFER_FUNCTION": "transfer"}
        own_domain = {} if self.voice_url == VOICE_ORIGIN else {"VOICE_URL": self.voice_url}
        moves = both | {"VOICE_URL": self.voice_url, "FALLBACK_URL": self.fallback_url}
        moves |= {"NOTIFY_TOPIC": self.notify_topic}
        transfer = self._make_function("transfer", moves | {"TWILIO_API_URL": self._twilio_api_url}, {})
        if self._options.directory is not None:
            folder = Path(self._running.enter_context(tempfile.TemporaryDirectory()))
            transfer = copy_with_directory(transfer, self._options.directory, folder / "transfer")
        return {"voice_webhook": self._make_function("voice_webhook", webhook, own_domain), "transfer": transfer}

    def _make_function(self, name: str, settings: Mapping[str, str], besides: Mapping[str, str]) -> Function:
        """`besides`: what the template leaves out, because the default is the real service."""
        if self._options.artifacts is not None:
            return self._options.artifacts.read_function(_LOGICAL_IDS[name], settings, besides)
        return Function(
            _ROOT / "functions" / name,
            f"{name}.lambda_handler",
            {**settings, **besides},
            layers=(_ROOT / "layers" / "call_record",),
            timeout_s=15,
            memory_mb=1024,
            event_invoke_config=NOTICES if name == "transfer" else EventInvokeConfig(),
        )

    def _make_container_environment(self) -> dict[str, str]:
        return {
            **self.cloud.environment,
            **make_common_settings(),
            "STREAM_URL": self.stream_url,
            "TWILIO_AUTH_TOKEN": self.auth_token,
            "STREAM_TOKEN_SECRET": self.stream_token_secret,
            "OPENAI_API_KEY": self._options.openai_api_key,
            "SECRET_ID": _SECRET,
            "REALTIME_URL": self._options.realtime_url,
            "TRANSFER_FUNCTION": "transfer",
            **self._make_record_settings(),
            **self._options.settings,
        }

    def _make_record_settings(self) -> dict[str, str]:
        """What everybody is told who writes the call record."""
        keep = str(int(self._options.keep_transcripts))
        return {"CALLS_TABLE": _TABLE, "RECORD_RETENTION_DAYS": "30", "KEEP_TRANSCRIPTS": keep}


def copy_with_directory(transfer: Function, directory: str, folder: Path) -> Function:
    """The same function, copied into `folder`, with the text of another directory.toml."""
    shutil.copytree(transfer.folder, folder)
    (folder / "directory.toml").write_text(directory)
    return dataclasses.replace(transfer, folder=folder)
