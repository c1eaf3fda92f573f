"""A Twilio account as the contract's tests see it: twilio's own client, calls that are bounded, and their end.

https://www.twilio.com/docs/voice/api/call-resource. Nothing here has a public address, so a call runs the TwiML that
is given with it. What needs a webhook is not covered: `<Connect><Stream>` and its `action`, whispers, status callbacks,
what Twilio signs, and what it does when a document cannot be had.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from dataclasses import dataclass, field

from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from twilio.rest.api.v2010.account.call import CallInstance

from sandbox.twilio import Carrier
from sandbox.twilio.account import IncomingNumber
from sandbox.twilio.phones import Phone, answers, never_answers
from tests.contract.live import CALL_SECONDS, TwilioAccess

HOLD = f'<Response><Pause length="{CALL_SECONDS}"/></Response>'
ENDED = ("completed", "busy", "failed", "no-answer", "canceled")
# Twilio has up to this long to ring the telephone and to notice that it was answered.
_CHANGE_S = 90.0
_REQUEST_S = 10.0
_SID, _TOKEN = "AC" + "c" * 32, "a token of the contract"
_FROM, _TO, _NOBODY = "+15550100000", "+15550100002", "+15550100003"


@dataclass(slots=True)
class TwilioAccount:
    """What is asked; `asks_every_s` is how often it is asked about a call that changes by itself."""

    client: Client
    stranger: Client
    """Knows the account's sid and a wrong password."""
    from_number: str
    to_number: str
    asks_every_s: float
    ringing_number: str
    """Rings before it is answered: in the sandbox for as long as it may, so that a slow machine is not too late."""
    calls_left: int = 0
    begun: list[str] = field(default_factory=list)

    async def create(self, *, to: str = "", twiml: str = HOLD, **parameters: str | int) -> str:
        """Ring `to_number`, or another one, for a bounded time, and return the CallSid."""
        assert self.calls_left > 0, "the test's marker `costs` names fewer calls"
        self.calls_left -= 1
        bounds = {"time_limit": CALL_SECONDS, "timeout": 30} | parameters

        def create() -> CallInstance:
            return self.client.calls.create(to=to or self.to_number, from_=self.from_number, twiml=twiml, **bounds)

        sid = str((await asyncio.to_thread(create)).sid)
        self.begun.append(sid)
        return sid

    async def create_answered(self) -> str:
        """The CallSid of a call that was answered and holds the line."""
        sid = await self.create()
        await self.wait_for_status(sid, ("in-progress",))
        return sid

    async def create_ended(self) -> str:
        """The CallSid of a call that was answered and has ended."""
        sid = await self.create_answered()
        await self.update(sid, status="completed")
        await self.wait_for_status(sid, ENDED)
        return sid

    async def fetch(self, sid: str) -> CallInstance:
        return await asyncio.to_thread(self.client.calls(sid).fetch)

    async def update(self, sid: str, **change: str | int) -> CallInstance:
        return await asyncio.to_thread(lambda: self.client.calls(sid).update(**change))

    async def wait_for_status(self, sid: str, statuses: Collection[str]) -> CallInstance:
        """Wait until the call has one of these statuses; another final one is an AssertionError."""

        def ask() -> CallInstance | None:
            call = self.client.calls(sid).fetch()
            assert call.status in statuses or call.status not in ENDED, f"the call is {call.status}, not {statuses}"
            return call if call.status in statuses else None

        return await self._ask_again(ask)

    async def wait_for_leg(self, sid: str) -> CallInstance:
        """Wait until the call has dialled a leg."""
        return await self._ask_again(lambda: next(iter(self.client.calls.list(parent_call_sid=sid, limit=1)), None))

    async def try_request(self, act: Callable[[], object]) -> tuple[int, int] | None:
        """Status and code with which Twilio refuses; None if it does not."""
        try:
            await asyncio.to_thread(act)
        except TwilioRestException as error:
            return error.status, error.code
        except TwilioException as error:  # of a list, whose refusal the client does not read
            answer = error.args[1]
            return answer.status_code, json.loads(answer.text)["code"]
        return None

    async def try_update(self, sid: str, **change: str | int) -> tuple[int, int] | None:
        return await self.try_request(lambda: self.client.calls(sid).update(**change))

    async def _ask_again(self, ask: Callable[[], CallInstance | None]) -> CallInstance:
        async with asyncio.timeout(_CHANGE_S):
            while (call := await asyncio.to_thread(ask)) is None:  # noqa: ASYNC110 - REST tells nothing by itself
                await asyncio.sleep(self.asks_every_s)
        return call

    async def hang_up_all(self) -> None:
        """End what still costs something."""
        for sid in self.begun:
            with contextlib.suppress(TwilioRestException):  # it has ended
                await self.update(sid, status="completed")


@contextlib.asynccontextmanager
async def open_account(
    access: TwilioAccess, asks_every_s: float = 1.0, ringing_number: str = ""
) -> AsyncIterator[TwilioAccount]:
    """At its end every call that was begun is hung up. `ringing_number`: "" stands for the one that is rung anyway."""
    with (
        _make_client(access, access.user, access.password) as client,
        _make_client(access, access.account_sid, "wrong") as stranger,
    ):
        account = TwilioAccount(
            client,
            stranger,
            access.from_number,
            access.to_number,
            asks_every_s,
            ringing_number or access.to_number,
        )
        try:
            yield account
        finally:
            await account.hang_up_all()


@contextlib.asynccontextmanager
async def sandbox_account() -> AsyncIterator[TwilioAccount]:
    """One whose person picks up and stays."""
    async with Carrier(account_sid=_SID, auth_token=_TOKEN, routes={}, numbers=(_FROM,)) as carrier:
        carrier.people |= {_TO: answers(_hold_the_line, after_ms=200), _NOBODY: never_answers()}
        carrier.account.numbers.append(IncomingNumber(_FROM))
        access = TwilioAccess(_SID, _SID, _TOKEN, _FROM, _TO, carrier.api_url)
        async with open_account(access, asks_every_s=0.05, ringing_number=_NOBODY) as account:
            yield account


async def _hold_the_line(phone: Phone) -> None:
    await phone.stay()


@contextlib.contextmanager
def _make_client(access: TwilioAccess, user: str, password: str) -> Iterator[Client]:
    http_client = TwilioHttpClient(timeout=_REQUEST_S)
    client = Client(user, password, account_sid=access.account_sid, http_client=http_client)
    client.api.base_url = access.api_url
    try:
        yield client
    finally:
        http_client.session.close()  # the library leaves its connections to the garbage collector
