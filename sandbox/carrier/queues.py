"""`<Enqueue>` and the other end of it, `<Dial><Queue>`.

Simpler than Twilio: of `waitUrl` only None (music) and "" (silence) make a difference, the member's
`<Queue url>` is not run, and there is no TaskRouter.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.carrier.events import Enqueued
from sandbox.carrier.network import Network, new_sid
from sandbox.carrier.parameters import call_parameters, seconds_of
from sandbox.carrier.sources import Loop, Silence
from sandbox.carrier.twiml import Document
from sandbox.carrier.verbs import Enqueue

if TYPE_CHECKING:
    from sandbox.carrier.calls import Call


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


async def enqueue(call: "Call", verb: Enqueue, document: Document) -> Document | None:
    """Wait to be taken, talk, and then the action's document or the next verb."""
    line = queue_named(call.network, verb.text)
    began_ms = call.network.clock.now_ms
    result = "queue-full"
    if len(line.members) < verb.max_queue_size:
        result = await _wait(call, verb, line)
    if verb.action is None:
        return None
    waited = {
        "QueueResult": result,
        "QueueSid": line.sid,
        "QueueTime": str(seconds_of(call.network.clock.now_ms - began_ms)),
    }
    return await call.fetch(document.absolute(verb.action), verb.method, call_parameters(call) | waited)


async def _wait(call: "Call", verb: Enqueue, line: WaitingLine) -> str:
    waiting = Waiting(call)
    line.members.append(waiting)
    line.more.set()
    call.note(Enqueued(verb.text))
    try:
        with call.line.hearing(Silence() if verb.wait_url == "" else Loop(call.network.sounds.waiting)):
            await waiting.taken.wait()
        await waiting.released.wait()
        return "bridged"
    finally:
        waiting.left.set()
        if waiting in line.members:
            line.members.remove(waiting)
