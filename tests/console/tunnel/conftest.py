"""A tunnel from a public name to this machine, with TLS at its far end, and everything that is behind it."""

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from console.options import OPENAI_URL
from console.tunnel.settings import Settings
from console.tunnel.tunnel import Surroundings, Tunnel
from doctor.network import Network
from sandbox.aws.edge import Edge
from sandbox.aws.load_balancer import copy_bytes
from sandbox.doctor_target.target import AGENT, DIRECTORY
from sandbox.loopback import make_listener
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from sandbox.openai.session import Session
from sandbox.twilio.account import IncomingNumber
from sandbox.twilio.calls import Call
from sandbox.twilio.carrier import Carrier
from sandbox.twilio.phones import Phone
from tests.doctor.runs import RecordingReporter

HOST = "example.ngrok.test"
NUMBER = "+12025550100"
KEY = "sk-tunnel-" + "0" * 32
BEFORE = IncomingNumber(
    NUMBER,
    voice_url="https://demo.twilio.com/welcome/voice/",
    voice_method="GET",
    voice_fallback_url="",
    voice_fallback_method="POST",
)


@dataclass(slots=True)
class Outside:
    """What is outside of the program: the telephone network, the model, the far end of the tunnel, the user."""

    carrier: Carrier
    model: ModelServer
    edge: Edge
    file: Path
    agrees: bool = True
    on_agree: Callable[[], object] = lambda: None
    said: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    reporter: RecordingReporter = field(default_factory=RecordingReporter)

    @property
    def number(self) -> IncomingNumber:
        return self.carrier.account.numbers[0]

    def make_tunnel(self, *, confirmed: bool = False, number: str | None = None) -> Tunnel:
        """One whose public name leads to it."""
        tunnel = Tunnel(self._make_settings(confirmed, number), self._make_surroundings())
        self.edge.places[HOST] = f"http://127.0.0.1:{tunnel.port}"
        return tunnel

    async def dial(self) -> tuple[Call, Session]:
        """Somebody calls the number and stays; with the session of the model that they talk with."""
        for _ in tuple(self.model.sessions):  # those of the checks
            await self.model.wait_for_session()
        call = await self.carrier.place_call(
            caller=Phone.stay, from_="+12025550155", to=NUMBER, voice_url=self.number.voice_url
        )
        session = await self.model.wait_for_session()
        await session.wait_for("response.create")
        return call, session

    async def ask(self, question: str) -> bool:
        self.questions.append(question)
        self.on_agree()
        return self.agrees

    def _make_settings(self, confirmed: bool, number: str | None) -> Settings:
        sid = self.carrier.account_sid
        return Settings(
            origin=f"https://{HOST}",
            port=0,
            number=number,
            confirmed=confirmed,
            twilio={"TWILIO_ACCOUNT_SID": sid, "TWILIO_AUTH_TOKEN": self.carrier.credentials[sid]},
            openai_key=KEY,
            model_url=OPENAI_URL,
            twilio_api_url="https://api.twilio.com",
        )

    def _make_surroundings(self) -> Surroundings:
        return Surroundings(
            say=self.said.append,
            ask=self.ask,
            reporter=self.reporter,
            environment={"NO_BROWSER": "1"},
            network=Network(self.edge.connect, self.edge.make_client_context()),
            twilio_api_url=self.carrier.api_url,
            model_url=self.model.url,
            number_file=self.file,
            agent=AGENT,
            directory=DIRECTORY,
        )


@contextlib.asynccontextmanager
async def run_until_cancelled(tunnel: Tunnel) -> AsyncIterator[asyncio.Task[None]]:
    """The tunnel, once the number leads to it; interrupted at the end of the block."""
    task = asyncio.create_task(tunnel.run())
    ready = asyncio.create_task(tunnel.ready.wait())
    await asyncio.wait((task, ready), return_when=asyncio.FIRST_COMPLETED)
    try:
        ready.cancel()
        if task.done():
            await task  # raises
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def outside(tmp_path: Path) -> AsyncIterator[Outside]:
    entrance = make_listener()
    origins = {
        f"https://{HOST}": f"http://127.0.0.1:{entrance.getsockname()[1]}",
        f"wss://{HOST}": f"ws://127.0.0.1:{entrance.getsockname()[1]}",
    }
    carrier = Carrier(account_sid="AC" + "1" * 32, auth_token="2" * 32, routes=origins, numbers={NUMBER})
    carrier.account.numbers.append(IncomingNumber(**{name: getattr(BEFORE, name) for name in BEFORE.__slots__}))
    async with ModelServer(Scripted(), api_key=KEY) as model, carrier:
        twilio = dict.fromkeys(("api.twilio.com", "voice.twilio.com"), carrier.api_url)
        async with Edge({HOST: "http://127.0.0.1:9", **twilio, "api.openai.com": model.url}) as edge:
            server = await asyncio.start_server(functools.partial(_enter, edge), sock=entrance)
            yield Outside(carrier, model, edge, tmp_path / "tunnel.json")
            server.close()
            server.close_clients()
            await server.wait_closed()


async def _enter(edge: Edge, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry a connection of Twilio's to the public name, whose certificate it checks."""
    far_reader, far_writer = await asyncio.open_connection(
        sock=edge.connect(HOST, 443), ssl=edge.make_client_context(), server_hostname=HOST
    )
    tasks = [
        asyncio.create_task(copy_bytes(reader, far_writer)),
        asyncio.create_task(copy_bytes(far_reader, writer)),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        far_writer.close()
        writer.close()
