"""Everything that a stack would run, on this machine and behind the user's own tunnel, until it is interrupted.

The functions, the container and the call record are the sandbox's installation; Twilio and the model are the real ones.
A number of the account is led here once all checks hold and the user agrees, and led back at the end.
"""

import asyncio
import contextlib
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import boto3

from console.board.actions import Actions
from console.board.routes import make_extension
from console.record.record_source import CLIENT, RecordSource
from console.tunnel.borrowed_number import BorrowedNumber, describe
from console.tunnel.checks import PEOPLE, list_checks, make_context, make_stack
from console.tunnel.reverse_proxy import ReverseProxy
from console.tunnel.settings import Settings
from console.tunnel.tunnel_watch import watch_tunnel
from console.web.app import make_app
from console.web.serve import open_browser, serve
from doctor.check_list import Check
from doctor.context import Context
from doctor.errors import DoctorError
from doctor.facts import Account
from doctor.findings import Status
from doctor.network import Network
from doctor.options import AGENT, DIRECTORY, ROOT
from doctor.runner import Reporter, run_checks
from doctor.twilio_api import Number, Webhooks
from sandbox.demo.log_problems import find_problems
from sandbox.installation import Installation, InstallationOptions, PublicOrigins

STREAMS = "/media-stream"
LIMITS = (
    "This is one machine: the record of calls is gone when the program ends, and while the machine sleeps nobody "
    "answers. For real callers deploy a stack: docs/deploy.md."
)

type Ask = Callable[[str], Awaitable[bool]]


class TunnelError(Exception):
    """The telephone was not led here; the message is for the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is outside of the program. Tests have their own."""

    say: Callable[[str], None]
    ask: Ask
    reporter: Reporter
    environment: Mapping[str, str]
    """Whether a browser is wanted, and can be opened."""
    network: Network = field(default_factory=Network)
    twilio_api_url: str | None = None
    """Where the functions reach Twilio; None: where the settings say."""
    model_url: str | None = None
    """Where the container reaches the model; None: where the settings say."""
    number_file: Path = ROOT / ".warmline-tunnel.json"
    agent: Path = AGENT
    directory: Path = DIRECTORY


class Tunnel:
    """`run` answers calls until it is cancelled, then puts the number back.

    A second cancellation does not wait for the calls that are under way.
    """

    def __init__(self, settings: Settings, around: Surroundings) -> None:
        """Takes the port. Raises `TunnelError` if that cannot be."""
        self._settings = settings
        self._around = around
        self._probe_path, self._probe = f"/tunnel-{secrets.token_hex(8)}", secrets.token_hex(16)
        self.installation = Installation(
            InstallationOptions(
                realtime_url=around.model_url or settings.model_url,
                openai_api_key=settings.openai_key,
                settings={"AGENT_FILE": str(around.agent)},
                directory=around.directory.read_text(),
                origins=PublicOrigins(voice=settings.origin, stream=f"wss://{settings.host}", fallback=settings.origin),
                credentials=settings.twilio,
            )
        )
        self._proxy = self._make_proxy()
        self.ready = asyncio.Event()
        """The number leads here."""
        self.replaced = asyncio.Event()
        """Another container takes the calls of one that has ended."""

    @property
    def port(self) -> int:
        """Where the tunnel has to lead on this machine."""
        return self._proxy.port

    async def run(self) -> None:
        """Raises `TunnelError`, `DoctorError` and `ProgramError`."""
        around = self._around
        api = around.twilio_api_url or self._settings.twilio_api_url
        async with self._proxy, self.installation.run(twilio_api_url=api):
            context = make_context(self._settings, self.installation, around.network, around.agent, around.directory)
            await self._check(context)
            number = BorrowedNumber(context.facts.get(Account).twilio, around.number_file)
            try:
                await self._lead_here(number)
                async with self._show_calls(), self._watch_tunnel():
                    self.ready.set()
                    await self._serve()
            finally:
                await _finish(self._put_back(number))
                await self._wait_for_calls()

    def _make_proxy(self) -> ReverseProxy:
        origins = {
            "/voice": _read_port(self.installation.cloud.gateway_origin),
            STREAMS: self.installation.balancer.port,
            "/fallback": _read_port(self.installation.fallback_page.origin),
        }
        try:
            return ReverseProxy(origins, {self._probe_path: self._probe}, self._settings.port)
        except OSError as error:
            where = f"port {self._settings.port} of this machine"
            raise TunnelError(f"{where} cannot be used ({error.strerror}): PORT=… names another one.") from None

    async def _check(self, context: Context) -> None:
        checks = list_checks(self._settings, self._probe_path, self._probe)
        counts = await self._run_checks(context, checks)
        if counts[Status.FAILURE] or counts[Status.NOT_CHECKED]:
            raise TunnelError("The number was not led here: callers would notice what is wrong.")
        await self._run_checks(context, PEOPLE)

    async def _run_checks(self, context: Context, checks: Iterable[Check]) -> Counter[Status]:
        return await asyncio.to_thread(run_checks, context, checks, self._around.reporter)

    async def _lead_here(self, number: BorrowedNumber) -> None:
        stack = make_stack(self._settings, self.installation)
        found = await asyncio.to_thread(number.find, self._settings.number, stack)
        await self._confirm(found, number.find_before(found))
        await _complete(asyncio.to_thread(number.take, found, stack.webhooks))
        self._around.say(f"Call {found.phone_number}: the agent on this machine answers. Ctrl-C ends it.")
        self._around.say(LIMITS)

    async def _confirm(self, found: Number, before: Webhooks) -> None:
        if self._settings.confirmed:
            return
        self._around.say(f"{found.phone_number} asks now, and again at the end: {describe(before)}.")
        if not await self._around.ask(f"Lead calls of {found.phone_number} to this machine until then?"):
            raise TunnelError("Nothing was changed.")

    @contextlib.asynccontextmanager
    async def _show_calls(self) -> AsyncIterator[None]:
        """The board over the calls of this machine, on a port of its own that the tunnel does not lead to."""
        cloud, table = self.installation.cloud, self.installation.table_name
        config = cloud.client_settings["config"].merge(CLIENT)
        session = boto3.session.Session()
        dynamodb = session.client("dynamodb", **cloud.client_settings | {"config": config})
        functions = session.client("lambda", **cloud.client_settings)
        source = RecordSource(dynamodb, table, "this machine")
        with contextlib.closing(dynamodb), contextlib.closing(functions), contextlib.closing(source):
            extension = make_extension(source, Actions(functions, "transfer"), None)
            async with serve(make_app(source, extension)) as address:
                self._around.say(f"The calls, as they happen: {address}")
                if problem := await asyncio.to_thread(open_browser, address, self._around.environment):
                    self._around.say(problem)
                yield

    @contextlib.asynccontextmanager
    async def _watch_tunnel(self) -> AsyncIterator[None]:
        url, around = self._settings.origin + self._probe_path, self._around
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(watch_tunnel(around.network, url, self._probe, around.say))
            try:
                yield
            finally:
                watching.cancel()

    async def _serve(self) -> None:
        """Until cancelled: say what the container logs that is not as it should be, and replace it if it has died."""
        while True:
            container = self.installation.container
            async for line in container.watch_log():
                for problem in find_problems([line]):
                    self._around.say(f"Warmline logged: {problem}")
            self._around.say("The container has ended. Another one is started, and goes on with its calls.")
            await self.installation.start_container()
            self.replaced.set()

    async def _put_back(self, number: BorrowedNumber) -> None:
        try:
            if done := await asyncio.to_thread(number.put_back):
                self._around.say(done)
        except DoctorError as error:
            self._around.say(f"{error.message[:1].upper()}{error.message[1:]}.")
            self._around.say(number.describe_rest())

    async def _wait_for_calls(self) -> None:
        if calls := self._proxy.count_open(STREAMS):
            these = "1 call is" if calls == 1 else f"{calls} calls are"
            self._around.say(f"{these} under way, and may end. Ctrl-C again cuts them off.")
            await self._proxy.wait_until_closed(STREAMS)


async def _finish(work: "Awaitable[None]") -> None:
    """Wait for the work to its end, even if it is cancelled meanwhile."""
    task = asyncio.ensure_future(work)
    while not task.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(task)
    task.result()


async def _complete(work: "Awaitable[None]") -> None:
    """As `_finish`, and be cancelled then: a thread goes on, and what undoes its work must come after it."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await _finish(task)
        raise


def _read_port(origin: str) -> int:
    port = urlsplit(origin).port
    assert port is not None, "each server of the sandbox has its own port"
    return port
