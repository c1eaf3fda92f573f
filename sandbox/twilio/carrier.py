"""The telephone network as tests and the demo see it: people, calls, events, and the address of the REST API."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Self

import httpx
from twilio.request_validator import RequestValidator

from sandbox.twilio.account import Account
from sandbox.twilio.audio_sources import render_mock_speech
from sandbox.twilio.call_state import Parties
from sandbox.twilio.caller_ids import is_from_app, is_number
from sandbox.twilio.calls import Call
from sandbox.twilio.clock import Clock
from sandbox.twilio.commands import Callback, Fallback
from sandbox.twilio.event_log import EventLog
from sandbox.twilio.faults import Faults
from sandbox.twilio.incoming import answer
from sandbox.twilio.line import AudioLoop
from sandbox.twilio.loopback_server import serve
from sandbox.twilio.network import Network, ObserveLine
from sandbox.twilio.phones import Person, Script
from sandbox.twilio.rest import make_rest_app
from sandbox.twilio.routes import Routes
from sandbox.twilio.sms import Message
from sandbox.twilio.tasks import Task, Workflow
from sandbox.twilio.webhooks import BUDGET_S, Webhooks

_END_S = 60.0  # an ended call's callbacks are still delivered, each within the budget of a webhook


class Carrier:
    """`async with Carrier(...) as carrier:` lives as long as the block.

    `routes` maps public origins to loopback ones; the carrier signs for the former and connects to the latter.
    `api_keys` maps API key sids to secrets, which REST takes beside the account's own credentials. `numbers` are
    caller IDs of the account. `say` renders `<Say>` as mu-law. `pace` 10 lets telephony run ten times as fast.
    """

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        routes: Mapping[str, str],
        api_keys: Mapping[str, str] | None = None,
        numbers: Collection[str] = (),
        say: Callable[[str], bytes] = render_mock_speech,
        pace: float = 1.0,
        webhook_budget_s: float = BUDGET_S,
        port: int = 0,
    ) -> None:
        self.account_sid = account_sid
        self.people: dict[str, Person] = {}
        self.find_unlisted: Callable[[str], Person | None] = lambda _: None
        """Whom the network has at an address that is not in `people`."""
        self.faults = Faults()
        self.account = Account()
        self.workflows: dict[str, Workflow] = {}
        """TaskRouter's, by their sid (WW and 32 hexadecimal digits)."""
        self.observers: list[ObserveLine] = []
        """They see every leg that begins from now on."""
        self.api_url = ""  # known once it is entered
        self.credentials = {account_sid: auth_token, **(api_keys or {})}
        self._validator = RequestValidator(auth_token)
        self._routes = Routes(routes)
        self._numbers = set(numbers)
        self._say = say
        self._pace = pace
        self._webhook_budget_s = webhook_budget_s
        self._port = port
        self._calls: dict[str, Call] = {}
        self._network: Network | None = None
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self._network = await self._stack.enter_async_context(self._open())
        self.api_url = await self._stack.enter_async_context(
            serve(make_rest_app(self._network, self._calls, self.credentials), self._port)
        )
        return self

    async def __aexit__(self, *failure: object) -> None:
        """Hang up what is left, and raise if a script or a call of the carrier's broke and nobody asked."""
        async with self._stack:
            for call in self._calls.values():
                call.hang_up("failure")
            async with asyncio.timeout(_END_S):
                for call in tuple(self._calls.values()):
                    await call.signals.over.wait()
        broken = [each for call in self._calls.values() if isinstance(each := call.outcome.failure, Exception)]
        if broken and failure[0] is None:
            raise ExceptionGroup("calls broke", broken)

    def promote_token(self, auth_token: str) -> None:
        """The account's next auth token becomes its only one: it signs from now on, and REST takes no other."""
        self._validator.token = auth_token.encode()
        self.credentials[self.account_sid] = auth_token

    @property
    def events(self) -> EventLog:
        return self._live.events

    @property
    def now_ms(self) -> int:
        """Since the carrier began: `TimedEvent.clock_ms` of what happens now."""
        return self._live.clock.now_ms

    @property
    def tick_ms(self) -> int:
        """When the tick was due in which the lines are, on the same clock: for who taps a line."""
        return self._live.audio_loop.tick_ms

    @property
    def calls(self) -> Mapping[str, Call]:
        """Every call so far, legs included, by CallSid."""
        return self._calls

    @property
    def recordings(self) -> Mapping[str, bytes]:
        """What `<Record>` kept, mu-law by RecordingSid."""
        return {sid: each.sound for sid, each in self._live.recordings.items()}

    @property
    def recorded_calls(self) -> Mapping[str, str]:
        """The CallSid of each recording."""
        return {sid: each.call_sid for sid, each in self._live.recordings.items()}

    @property
    def tasks(self) -> Sequence[Task]:
        """Every task of TaskRouter so far."""
        return self._live.tasks

    @property
    def messages(self) -> Sequence[Message]:
        """Every SMS that was sent."""
        return self._live.messages

    async def place_call(
        self,
        *,
        caller: Script,
        from_: str,
        to: str,
        voice_url: str,
        fallback_url: str | None = None,
        status_callback: str | None = None,
        forwarded_from: str | None = None,
    ) -> Call:
        """Somebody dials `to`, a number whose webhooks are these; `caller` is what they do from then on.

        `from_` may also be "anonymous" or one of `caller_ids.WITHHELD`; of the Voice SDK "client:identity", where `to`
        is what the app chose to send, often ""; and of SIP "sip:user@domain", to another such address. For calls that
        a telephone forwards there is `forwarding.py`.
        """
        network = self._live
        if is_number(to) and not is_from_app(from_):
            network.numbers.add(to)
        callback = Callback(status_callback, "POST", frozenset({"completed"})) if status_callback else None
        fallback = Fallback(fallback_url) if fallback_url else None
        parties = Parties(from_, to, "inbound", forwarded_from)
        call = Call(network, self._calls, parties, callback=callback, fallback=fallback)
        call.place(caller, lambda: answer(call, voice_url))
        return call

    @property
    def _live(self) -> Network:
        if self._network is None:
            raise RuntimeError("expected to be inside `async with Carrier(...)`")
        return self._network

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[Network]:
        clock = Clock(self._pace)
        # No connection is kept: a server that restarts must look as unreachable as it is.
        limits = httpx.Limits(max_keepalive_connections=0)
        async with (
            httpx.AsyncClient(trust_env=False, limits=limits) as client,
            asyncio.TaskGroup() as group,
        ):
            network = Network(
                account_sid=self.account_sid,
                validator=self._validator,
                routes=self._routes,
                webhooks=Webhooks(client, self._routes, self._validator, self._webhook_budget_s),
                clock=clock,
                audio_loop=AudioLoop(clock),
                events=EventLog(),
                faults=self.faults,
                find_person=lambda address: self.people.get(address) or self.find_unlisted(address),
                numbers=set(self._numbers),
                say=self._say,
                group=group,
                account=self.account,
                observers=self.observers,
                workflows=self.workflows,
            )
            ticking = group.create_task(network.audio_loop.run())
            try:
                yield network
            finally:
                ticking.cancel()
