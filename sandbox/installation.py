"""Warmline installed on this machine as it is in AWS: functions, table, secret, container.

Everything is real but AWS itself, which is `sandbox/cloud`: the functions run in processes of their own, as they lie in
the checkout or as `sam build` made them, and so does `python -m socket_server`. Nothing is reached but by the settings
that reach the real services.
"""

import asyncio
import contextlib
import dataclasses
import json
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Self, TypedDict

import boto3
import httpx
from botocore.config import Config

from call_record import CallTable
from sandbox.artifacts import Artifacts
from sandbox.cloud.balancer import Balancer
from sandbox.cloud.cloud import Cloud
from sandbox.cloud.functions import REGION, Function
from sandbox.program import Program, run_tied

VOICE_ORIGIN = "https://voice.warmline.test"  # what Twilio would know us as
STREAM_ORIGIN = "wss://stream.warmline.test"

_ROOT = Path(__file__).parent.parent
_TABLE, _SECRET = "warmline-calls", "warmline/twilio"
_WEBHOOKS = (
    "incoming",
    "after-stream",
    "queue-wait",
    "stream-status",
    "after-dial",
    "agent-leg",
    "agent-answer",
    "agent-status",
)
_ROUTES = [f"POST /voice/{name}" for name in _WEBHOOKS]
_LOGICAL_IDS = {"voice_webhook": "VoiceWebhookFunction", "transfer": "TransferFunction"}  # in template.yaml
_START_S = 20.0  # a cold start of the container on a busy machine

type Container = Callable[[Mapping[str, str]], contextlib.AbstractAsyncContextManager[Program]]
"""Starts the container's process with these settings and no other."""


def checkout(settings: Mapping[str, str]) -> contextlib.AbstractAsyncContextManager[Program]:
    """The container as it lies here."""
    return run_tied("socket_server", settings, _ROOT)


class Installation:
    """One Warmline. It has its place on the network from the beginning; `running` brings it to life.

    `settings` are more settings of the container, such as MAX_CALLS or AGENT_FILE; `directory` is the text of another
    directory.toml than the shipped one; with `artifacts` the functions are those, and are run as the template says;
    `container` starts another one than the checkout's.
    """

    def __init__(
        self,
        *,
        realtime_url: str,
        openai_api_key: str = "sandbox",
        settings: Mapping[str, str] | None = None,
        directory: str | None = None,
        artifacts: Artifacts | None = None,
        container: Container = checkout,
    ) -> None:
        self.account_sid = "AC" + secrets.token_hex(16)
        self.auth_token = secrets.token_hex(16)
        self._stream_token_secret = secrets.token_hex(32)
        self._realtime_url = realtime_url
        self._openai_api_key = openai_api_key
        self._settings = settings or {}
        self._directory = directory
        self._artifacts = artifacts
        self._run_container = container
        self.balancer = Balancer()
        self._running = contextlib.AsyncExitStack()
        self.cloud = Cloud()
        self.routes = {  # for the carrier: which server stands behind which public name
            VOICE_ORIGIN: self.cloud.gateway_origin,
            STREAM_ORIGIN: f"ws://127.0.0.1:{self.balancer.port}",
        }
        self._dynamodb = boto3.session.Session().client("dynamodb", **_reached_at(self.cloud))
        self.table = CallTable(self._dynamodb, _TABLE)
        self.container: Program
        """The newest one."""
        self._ports: dict[Program, int] = {}

    @contextlib.asynccontextmanager
    async def running(self, *, twilio_api_url: str) -> AsyncIterator[Self]:
        """Everything started; stopped at the end. Raises ProgramError when the container does not come up."""
        async with self._running:
            routes = self._artifacts.routes(_LOGICAL_IDS["voice_webhook"]) if self._artifacts else _ROUTES
            self.cloud.deploy(self._functions(twilio_api_url), dict.fromkeys(routes, "voice_webhook"))
            self._running.enter_context(self.cloud)
            self._running.callback(self._dynamodb.close)
            await self._running.enter_async_context(self.balancer)
            await asyncio.to_thread(self._create_stores)
            await self.start_container()
            yield self

    async def start_container(self, *, beside: bool = False, settings: Mapping[str, str] | None = None) -> None:
        """Start a container, with settings of its own perhaps, and give it new streams once it is healthy.

        All of them, as on a deploy; or `beside` those before it, in turn, as when the service grows. Each keeps the
        streams that it has.
        """
        port = _free_port()
        program = self._run_container(self._container_environment(port) | dict(settings or {}))
        self.container = await self._running.enter_async_context(program)
        try:
            async with asyncio.timeout(_START_S):
                await self._healthy(port)
        except TimeoutError:
            raise self.container.failure(f"did not answer /healthz within {_START_S:.0f} s") from None
        self._ports[self.container] = port
        self.balancer.targets = [*(self.balancer.targets if beside else ()), port]

    @property
    def containers(self) -> list[Program]:
        """Those that run and are given new streams."""
        return [each for each, port in self._ports.items() if each.status is None and port in self.balancer.targets]

    def cut(self, container: Program) -> None:
        """The load balancer breaks off the container's connections, as when its deregistration delay is over."""
        self.balancer.cut(self._ports[container])

    async def _healthy(self, port: int) -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            while self.container.status is None:
                try:
                    response = await client.get(f"http://127.0.0.1:{port}/healthz")
                except httpx.TransportError:
                    await asyncio.sleep(0.05)  # nothing tells from outside when a port begins to listen
                else:
                    if response.status_code == 200:
                        return
                    raise self.container.failure(f"answered /healthz with {response.status_code}")
        raise self.container.failure(f"ended at its start with status {await self.container.ended()}")

    def _create_stores(self) -> None:
        """What `sam deploy` and the operator make: the table and the secret."""
        self._dynamodb.create_table(
            TableName=_TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": "call_sid", "AttributeType": "S"},
                {"AttributeName": "item", "AttributeType": "S"},
            ],
            KeySchema=[
                {"AttributeName": "call_sid", "KeyType": "HASH"},
                {"AttributeName": "item", "KeyType": "RANGE"},
            ],
        )
        secret = {
            "TWILIO_ACCOUNT_SID": self.account_sid,
            "TWILIO_AUTH_TOKEN": self.auth_token,
            "STREAM_TOKEN_SECRET": self._stream_token_secret,
        }
        client = boto3.session.Session().client("secretsmanager", **_reached_at(self.cloud))
        client.create_secret(Name=_SECRET, SecretString=json.dumps(secret))
        client.close()

    def _functions(self, twilio_api_url: str) -> dict[str, Function]:
        both = {"SECRET_ID": _SECRET, "CALLS_TABLE": _TABLE, "POWERTOOLS_SERVICE_NAME": "warmline"}
        webhook = both | {"STREAM_URL": f"{STREAM_ORIGIN}/media-stream", "TRANSFER_FUNCTION": "transfer"}
        transfer = self._function("transfer", both | {"VOICE_URL": VOICE_ORIGIN}, {"TWILIO_API_URL": twilio_api_url})
        if self._directory is not None:
            folder = Path(self._running.enter_context(tempfile.TemporaryDirectory()))
            transfer = with_directory(transfer, self._directory, folder / "transfer")
        return {"voice_webhook": self._function("voice_webhook", webhook, {}), "transfer": transfer}

    def _function(self, name: str, settings: Mapping[str, str], besides: Mapping[str, str]) -> Function:
        """`besides`: what the template leaves out, because the default is the real service."""
        if self._artifacts is not None:
            return self._artifacts.function(_LOGICAL_IDS[name], settings, besides)
        return Function(
            _ROOT / "functions" / name,
            f"{name}.lambda_handler",
            {**settings, **besides},
            layers=(_ROOT / "layers" / "call_record",),
            timeout_s=15,
            memory_mb=1024,
        )

    def _container_environment(self, port: int) -> dict[str, str]:
        return {
            **self.cloud.environment,
            "PATH": os.environ.get("PATH", ""),
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "STREAM_URL": f"{STREAM_ORIGIN}/media-stream",
            "TWILIO_AUTH_TOKEN": self.auth_token,
            "STREAM_TOKEN_SECRET": self._stream_token_secret,
            "OPENAI_API_KEY": self._openai_api_key,
            "REALTIME_URL": self._realtime_url,
            "TRANSFER_FUNCTION": "transfer",
            "CALLS_TABLE": _TABLE,
            "MAX_LAG_MS": "0",  # however busy the machine is with other things
            "DRAIN_SECONDS": "0",  # who stops a sandbox does not want to wait for the calls in it
            "SPARE_SESSIONS": "0",  # each session of the sandbox's model is a call's
            **self._settings,
        }


def with_directory(transfer: Function, directory: str, folder: Path) -> Function:
    """The same function, copied into `folder`, with the text of another directory.toml."""
    shutil.copytree(transfer.folder, folder)
    (folder / "directory.toml").write_text(directory)
    return dataclasses.replace(transfer, folder=folder)


class _ClientSettings(TypedDict):
    endpoint_url: str
    region_name: str
    aws_access_key_id: str
    aws_secret_access_key: str
    config: Config


def _reached_at(cloud: Cloud) -> _ClientSettings:
    """Whatever proxies and accounts the developer's environment names, the client talks to this cloud."""
    return {
        "endpoint_url": cloud.aws_origin,
        "region_name": REGION,
        "aws_access_key_id": "sandbox",
        "aws_secret_access_key": "sandbox",
        "config": Config(proxies={}),
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port
