"""`<Enqueue>` and the other end of it, `<Dial><Queue>`.

Who waits hears music, silence (`waitUrl` is "") or the documents at `waitUrl`, over and over, until somebody takes
the call or a document says `<Leave/>`. Simpler than Twilio: such a document may not hang up, the member's
`<Queue url>` is not run, and there is no TaskRouter.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.twilio import errors
from sandbox.twilio.audio_sources import Loop, Silence
from sandbox.twilio.errors import TwimlError
from sandbox.twilio.events import Enqueued
from sandbox.twilio.network import Network, new_sid
from sandbox.twilio.parameters import call_parameters, seconds_of
from sandbox.twilio.twiml import Document
from sandbox.twilio.verbs import Enqueue

if TYPE_CHECKING:
    from sandbox.twilio.calls import Call


# Runs the documents at a `waitUrl` until one raises `LeftError`.
Entertain = Callable[["Call", str, str], Coroutine[None, None, None]]


class LeftError(TwimlError):
    """`<Leave/>` was executed: the way out of a queue, and an error anywhere else."""

    def __init__(self) -> None:
        super().__init__(errors.AGAINST_SCHEMA, "<Leave> belongs into the document of a waitUrl")


@dataclass(slots=True)
class Waiting:
    """One caller in a queue. Who takes it sets `taken`, connects the lines, and sets `released` when done."""

    call: "Call"
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)  # hung up, or was given another program


@dataclass(slots=True)
class WaitingLine:
    sid: str = field(default_factory=lambda: new_sid("QU"))
    members: deque[Waiting] = field(default_factory=deque)
    more: asyncio.Event = field(default_factory=asyncio.Event)


def queue_named(network: Network, name: str) -> WaitingLine:
    """Queues come into being by being named."""
    return network.queues.setdefault(name, WaitingLine())


async def take_first(network: Network, name: str) -> Waiting:
    """Whoever has waited longest, now or when somebody comes."""
    line = queue_named(network, name)
    while not line.members:
        line.more.clear()
        await line.more.wait()
    first = line.members.popleft()
    first.taken.set()
    return first


async def enqueue(call: "Call", verb: Enqueue, document: Document, entertain: Entertain) -> Document | None:
    """Wait to be taken, talk, and then the action's document or the next verb."""
    line = queue_named(call.network, verb.text)
    began_ms = call.network.clock.now_ms
    result = "queue-full"
    if len(line.members) < verb.max_queue_size:
        url = document.absolute(verb.wait_url) if verb.wait_url else verb.wait_url
        hearing = entertain(call, url, verb.wait_url_method) if url else _music(call, silent=url == "")
        result = await _wait(call, verb.text, line, hearing)
    if verb.action is None:
        return None
    waited = {
        "QueueResult": result,
        "QueueSid": line.sid,
        "QueueTime": str(seconds_of(call.network.clock.now_ms - began_ms)),
    }
    return await call.fetch(document.absolute(verb.action), verb.method, call_parameters(call) | waited)


async def _music(call: "Call", *, silent: bool) -> None:
    with call.line.hearing(Silence() if silent else Loop(call.network.sounds.waiting)):
        await asyncio.get_running_loop().create_future()


async def _wait(call: "Call", name: str, line: WaitingLine, hearing: Coroutine[None, None, None]) -> str:
    waiting = Waiting(call)
    line.members.append(waiting)
    line.more.set()
    call.note(Enqueued(name))
    try:
        if not await _taken(waiting, hearing):
            return "leave"
        await waiting.released.wait()
        return "bridged"
    finally:
        waiting.left.set()
        if waiting in line.members:
            line.members.remove(waiting)


async def _taken(waiting: Waiting, hearing: Coroutine[None, None, None]) -> bool:
    """Hear what there is to hear until somebody takes the call; False: `<Leave/>` came first."""
    tasks = asyncio.ensure_future(hearing), asyncio.ensure_future(waiting.taken.wait())
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if not waiting.taken.is_set():
            tasks[0].result()  # raises
    except LeftError:
        return False
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    return True
