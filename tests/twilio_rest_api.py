"""The carrier's REST API alone, over calls that stand still: for code that asks Twilio and waits for the answer.

Nothing rings, and nobody hangs up: a call has the status that a test gives it, until the test gives it another. What is
refused, and how it is answered, is the carrier's own, and so are the faults.
"""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager

import httpx
from twilio.request_validator import RequestValidator

from sandbox.twilio.account import Account
from sandbox.twilio.audio_sources import render_mock_speech
from sandbox.twilio.call_state import Parties
from sandbox.twilio.calls import Call
from sandbox.twilio.clock import Clock
from sandbox.twilio.commands import Program
from sandbox.twilio.event_log import EventLog
from sandbox.twilio.events import Operation, RestRequest, Status
from sandbox.twilio.faults import Faults, RestFault
from sandbox.twilio.line import AudioLoop
from sandbox.twilio.loopback_server import serve
from sandbox.twilio.network import Network
from sandbox.twilio.rest import make_rest_app
from sandbox.twilio.routes import Routes
from sandbox.twilio.sms import Message
from sandbox.twilio.webhooks import BUDGET_S, Webhooks
from tests.bounds import WAIT_S

NUMBER = "+15550100000"
"""Of the account."""
ACCOUNT, PASSWORD = "AC" + "0" * 32, "a" * 32
KEY, KEY_SECRET = "SK" + "1" * 32, "s" * 32
CREDENTIALS = {ACCOUNT: PASSWORD, KEY: KEY_SECRET}


class TwilioRestApi:
    """`origin` is where it listens."""

    def __init__(self, network: Network, calls: dict[str, Call], origin: str) -> None:
        """To be made in the loop that serves it."""
        self.origin = origin
        self._loop = asyncio.get_running_loop()
        self.updated = threading.Event()
        """An update has taken place."""
        self._network, self._calls = network, calls

    def add_call(self, sid: str, status: Status = "in-progress") -> None:
        """There is a call of this status; the one that was there before is forgotten."""

        async def add() -> None:
            call = _StillCall(self, self._network, Parties("+15550100001", "+15550100007", "inbound"))
            call.sid, call.status = sid, status
            self._calls[sid] = call

        self._run(add())

    def add_legs(self, parent_sid: str, *statuses: Status) -> None:
        """People are, or were, rung for the call."""
        parent, parties = self._calls[parent_sid], Parties("+15550100001", "+15550100002", "outbound-dial")

        async def add() -> None:
            for status in statuses:
                Call(self._network, self._calls, parties, parent=parent).status = status

        self._run(add())

    def _run(self, change: Coroutine[None, None, None]) -> None:
        """Calls are made in the loop that has them."""
        asyncio.run_coroutine_threadsafe(change, self._loop).result(WAIT_S)

    def fail(self, *faults: RestFault) -> None:
        """What the requests to come get, one each."""
        self._network.faults.rest.extend(faults)

    @property
    def requests(self) -> list[tuple[Operation, str]]:
        """Everything that was asked, and about which call; of a list, whose legs it is to have."""
        events = self._network.events
        return [(event.what.operation, event.call_sid) for event in events if isinstance(event.what, RestRequest)]

    @property
    def updates(self) -> list[tuple[str, str]]:
        """CallSid and TwiML of every update with TwiML that took place."""
        updates = self._applied_updates()
        return [(event_sid, parameters["Twiml"]) for event_sid, parameters in updates if "Twiml" in parameters]

    @property
    def account(self) -> Account:
        return self._network.account

    @property
    def messages(self) -> list[Message]:
        """Every SMS that was sent."""
        return self._network.messages

    @property
    def fallbacks(self) -> list[str | None]:
        """FallbackUrl of each of them; None: it had none, and the call has no fallback any more."""
        return [parameters.get("FallbackUrl") for _, parameters in self._applied_updates()]

    def _applied_updates(self) -> Iterator[tuple[str, dict[str, str]]]:
        for event in self._network.events:
            if isinstance(event.what, RestRequest) and event.what.operation == "update" and event.what.applied:
                yield event.call_sid, dict(event.what.parameters)

    def forget(self) -> None:
        """No call, no fault, a new account, and nothing was asked."""
        self._calls.clear()
        self._network.faults.rest.clear()
        self._network.events = EventLog()
        self._network.messages.clear()
        self._network.account = Account()
        self.updated.clear()


class _StillCall(Call):
    """What it is told to do it does not do."""

    def __init__(self, api: TwilioRestApi, network: Network, parties: Parties) -> None:
        super().__init__(network, {}, parties)
        self._api = api

    def redirect(self, program: Program) -> None:  # noqa: ARG002 (it runs none)
        self._api.updated.set()


@contextmanager
def run_twilio_rest_api() -> Iterator[TwilioRestApi]:
    """It runs in a thread with its own event loop, because whoever asks it blocks."""
    started: Future[tuple[TwilioRestApi, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def run() -> None:
        over = asyncio.Event()
        async with httpx.AsyncClient(trust_env=False) as client, asyncio.TaskGroup() as group:
            network, calls = _make_network(client, group), dict[str, Call]()
            async with serve(make_rest_app(network, calls, CREDENTIALS)) as origin:
                started.set_result((TwilioRestApi(network, calls, origin), asyncio.get_running_loop(), over))
                await over.wait()

    def thread() -> None:
        try:
            asyncio.run(run())
        except BaseException as error:  # raised again where the start is waited for
            if started.done():
                raise
            started.set_exception(error)

    server = threading.Thread(target=thread, name="twilio's REST API")
    server.start()
    api, loop, over = started.result(WAIT_S)
    try:
        yield api
    finally:
        loop.call_soon_threadsafe(over.set)
        server.join(WAIT_S)


def _make_network(client: httpx.AsyncClient, group: asyncio.TaskGroup) -> Network:
    validator, routes, clock = RequestValidator(PASSWORD), Routes({}), Clock(1.0)
    return Network(
        account_sid=ACCOUNT,
        validator=validator,
        routes=routes,
        webhooks=Webhooks(client, routes, validator, BUDGET_S),
        clock=clock,
        audio_loop=AudioLoop(clock),
        events=EventLog(),
        faults=Faults(),
        find_person=lambda _: None,
        numbers={NUMBER},
        say=render_mock_speech,
        group=group,
    )
