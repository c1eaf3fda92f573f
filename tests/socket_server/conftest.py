"""The real server as a process on loopback, between the sandbox's model and a phone that the test drives."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest_asyncio
from websockets.asyncio.server import ServerConnection, serve

from call_record import CallTable, Turn
from sandbox.aws.calls_table import create_calls_table
from sandbox.aws.cloud import Cloud
from sandbox.aws.functions import Function
from sandbox.container import make_common_settings, run_checkout, wait_until_healthy
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from sandbox.openai.session import Session
from sandbox.program import Program
from tests.socket_server.phone import AUTH_TOKEN, STREAM_URL, TOKEN_SECRET, WAIT_TIMEOUT_S, Message, Phone
from tests.socket_server.services import Serve

ROOT = Path(__file__).parents[2]
TABLE = "calls"


@dataclass
class ServerHarness:
    """One server and what it talks to."""

    server: Program
    model: ModelServer
    cloud: Cloud
    table: CallTable
    port: int

    async def dial(self) -> Phone:
        return await Phone.dial(self.port)

    async def talk(self) -> tuple[Phone, Session]:
        """A call whose session is ready and whose greeting was asked for."""
        phone = await self.dial()
        session = await self.model.wait_for_session()
        await phone.start()
        await session.expect("session.update")
        await session.expect("response.create")
        return phone, session

    async def wait_for_log(self, text: str) -> str:
        """Wait for a line of the server's log that contains the text."""
        async with asyncio.timeout(WAIT_TIMEOUT_S):
            return await self.server.wait_for_log(text)

    async def wait_for_exit(self) -> int:
        """Wait until the process has ended by itself; its status."""
        async with asyncio.timeout(2 * WAIT_TIMEOUT_S):
            return await self.server.wait_for_end()

    async def wait_for_transfers(self, phone: Phone, count: int = 1) -> list[Message]:
        """Wait until this many transfers of the call were asked for; the requests."""
        async with asyncio.timeout(WAIT_TIMEOUT_S):
            while True:
                asked = [json.loads(invocation.event) for invocation in self.cloud.functions["transfer"].invocations]
                own = [request for request in asked if request.get("call_sid") == phone.call_sid]
                if len(own) >= count:
                    return own
                await asyncio.sleep(0.01)  # the cloud runs in another thread and has nothing to wait for

    async def wait_for_turns(self, phone: Phone, count: int) -> tuple[Turn, ...]:
        """Wait until this many turns were written; they are written beside everything else."""
        async with asyncio.timeout(WAIT_TIMEOUT_S):
            while True:
                turns = (await asyncio.to_thread(self.table.read, phone.call_sid)).turns
                if len(turns) >= count:
                    return turns
                await asyncio.sleep(0.02)  # as above

    async def wait_for_end(self, phone: Phone) -> str | None:
        """Wait until the reason of the stream's end was written; the reason."""
        async with asyncio.timeout(WAIT_TIMEOUT_S):
            while True:
                record = await asyncio.to_thread(self.table.read, phone.call_sid)
                if record.streams and record.streams[-1].end_reason:
                    return record.streams[-1].end_reason
                await asyncio.sleep(0.02)  # as above


type Build = Callable[[Mapping[str, str]], Awaitable[ServerHarness]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def build() -> AsyncIterator[Build]:
    """Builds a harness with settings of its own."""
    async with AsyncExitStack() as stack:

        async def build(settings: Mapping[str, str]) -> ServerHarness:
            model = await stack.enter_async_context(ModelServer(Scripted()))
            cloud = stack.enter_context(Cloud())
            cloud.deploy({"transfer": Function(Path(__file__).parent, "transfer_stand_in.handler")}, {})
            dynamodb = boto3.session.Session().client("dynamodb", **cloud.client_settings)
            stack.callback(dynamodb.close)
            await asyncio.to_thread(create_calls_table, dynamodb, TABLE)
            environment = {
                **cloud.environment,
                **make_common_settings(),
                "AGENT_FILE": str(ROOT / "tests" / "agent.toml"),
                "STREAM_URL": STREAM_URL,
                "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
                "STREAM_TOKEN_SECRET": TOKEN_SECRET,
                "OPENAI_API_KEY": "sandbox",
                "REALTIME_URL": model.url,
                "TRANSFER_FUNCTION": "transfer",
                "CALLS_TABLE": TABLE,
                **settings,
            }
            server = await stack.enter_async_context(run_checkout(environment))
            return ServerHarness(server, model, cloud, CallTable(dynamodb, TABLE), await wait_until_healthy(server))

        yield build


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def harness(build: Build) -> ServerHarness:
    """The harness that most tests share."""
    return await build({})


@pytest_asyncio.fixture
async def served() -> AsyncIterator[Serve]:
    """Serves connections by a handler; gives the URL."""
    async with AsyncExitStack() as stack:

        async def start(handler: Callable[[ServerConnection], Awaitable[None]]) -> str:
            server = await stack.enter_async_context(serve(handler, "127.0.0.1", 0, compression=None))
            return f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/v1/realtime"

        yield start
