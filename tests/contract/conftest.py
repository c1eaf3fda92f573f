"""The two services that the contract's tests ask, and what a live run costs, said before it starts."""

import os
from collections.abc import AsyncIterator, Iterable
from contextlib import nullcontext

import pytest

from tests.contract.live import (
    NotReadyError,
    OpenAIAccess,
    TwilioAccess,
    add_costs,
    describe_openai_cost,
    describe_twilio_cost,
    read_openai_access,
    read_twilio_access,
)
from tests.contract.realtime import Realtime, Session, sandbox_realtime
from tests.contract.twilio_account import TwilioAccount, open_account, sandbox_account

TWILIO, OPENAI = pytest.StashKey[TwilioAccess | None](), pytest.StashKey[OpenAIAccess | None]()
PRICES = pytest.StashKey[list[str]]()


@pytest.hookimpl(trylast=True)  # what -k left out costs nothing
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse a live run without what it needs, or beyond its bound; note what it costs."""
    # A worker of xdist cannot say what it costs before it starts: it asks the sandbox.
    environment = {} if hasattr(config, "workerinput") else os.environ
    account, realtime = _select(items, "account"), _select(items, "realtime")
    try:
        config.stash[TWILIO] = read_twilio_access(environment) if account else None
        config.stash[OPENAI] = read_openai_access(environment) if realtime else None
        of_twilio, of_openai = add_costs(map(_read_cost, account)), add_costs(map(_read_cost, realtime))
    except NotReadyError as error:
        raise pytest.UsageError(str(error)) from None
    prices = config.stash[PRICES] = []
    if (twilio := config.stash[TWILIO]) is not None:
        prices.append(describe_twilio_cost(of_twilio, twilio))
    if (openai := config.stash[OPENAI]) is not None:
        prices.append(describe_openai_cost(of_openai, openai))


def pytest_report_collectionfinish(config: pytest.Config) -> list[str]:
    return config.stash.get(PRICES, [])


@pytest.fixture
async def account(request: pytest.FixtureRequest) -> AsyncIterator[TwilioAccount]:
    """Twilio: the sandbox's carrier, or a real account. No test begins more calls than its marker `costs` says."""
    access = request.config.stash[TWILIO]
    opened = sandbox_account() if access is None else open_account(access)
    async with opened as account:
        account.calls_left = _read_cost(request.node).get("calls", 0)
        yield account


@pytest.fixture
async def realtime(request: pytest.FixtureRequest) -> AsyncIterator[Realtime]:
    """OpenAI: the sandbox's model, or the real one."""
    access = request.config.stash[OPENAI]
    async with sandbox_realtime() if access is None else nullcontext(Realtime(access)) as realtime:
        realtime.responses_left = _read_cost(request.node).get("responses", 0)
        yield realtime


@pytest.fixture
async def session(realtime: Realtime) -> AsyncIterator[Session]:
    """An open session, configured for a telephone; the model waits until it is asked for a response."""
    async with realtime.open_session() as session:
        await session.configure()
        yield session


def _select(items: Iterable[pytest.Item], fixture: str) -> list[pytest.Item]:
    return [item for item in items if isinstance(item, pytest.Function) and fixture in item.fixturenames]


def _read_cost(item: pytest.Item) -> dict[str, int]:
    """Of one test: a session for each test that asks the model, and what its marker says beside it."""
    cost = {"sessions": 1} if "realtime" in getattr(item, "fixturenames", ()) else {}
    for marker in item.iter_markers("costs"):
        cost |= marker.kwargs
    return cost
