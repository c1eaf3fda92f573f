"""`<Enqueue>`: callers who wait in a queue. Who takes them is `<Dial><Queue>`, in `dial_verb.py`.

Who waits hears music, silence (`waitUrl` is "") or the documents at `waitUrl`, over and over, until somebody takes
the call or a document says `<Leave/>`. Simpler than Twilio: such a document may not hang up, the member's
`<Queue url>` is not run, and there is no TaskRouter.
"""

import asyncio
from collections.abc import Callable, Coroutine

from sandbox.twilio import errors
from sandbox.twilio.audio_sources import Loop, Silence
from sandbox.twilio.call_queue import QueueMember
from sandbox.twilio.calls import Call
from sandbox.twilio.errors import TwimlError
from sandbox.twilio.events import Enqueued
from sandbox.twilio.parameters import count_seconds
from sandbox.twilio.twiml import Document
from sandbox.twilio.verbs import Enqueue

# Runs the documents at a `waitUrl` until one raises `LeftError`.
RunWaitDocuments = Callable[[Call, str, str], Coroutine[None, None, None]]


class LeftError(TwimlError):
    """`<Leave/>` was executed: the way out of a queue, and an error anywhere else."""

    def __init__(self) -> None:
        super().__init__(errors.AGAINST_SCHEMA, "<Leave> belongs into the document of a waitUrl")


async def enqueue(call: Call, verb: Enqueue, document: Document, run_wait: RunWaitDocuments) -> Document | None:
    """Wait to be taken, talk, and then the action's document or the next verb."""
    queue = call.network.queue(verb.text)
    began_ms = call.network.clock.now_ms
    result = "queue-full"
    if len(queue.members) < verb.max_queue_size:
        url = document.to_absolute(verb.wait_url) if verb.wait_url else verb.wait_url
        hearing = run_wait(call, url, verb.wait_url_method) if url else _play_music(call, silent=url == "")
        result = await _wait(call, verb.text, hearing)
    if verb.action is None:
        return None
    waited = {
        "QueueResult": result,
        "QueueSid": queue.sid,
        "QueueTime": str(count_seconds(call.network.clock.now_ms - began_ms)),
    }
    return await call.fetch(document.to_absolute(verb.action), verb.method, call.make_parameters() | waited)


async def _play_music(call: Call, *, silent: bool) -> None:
    with call.line.hearing(Silence() if silent else Loop(call.network.sounds.waiting)):
        await asyncio.get_running_loop().create_future()


async def _wait(call: Call, name: str, hearing: Coroutine[None, None, None]) -> str:
    queue = call.network.queue(name)
    member = QueueMember(call.sid, call.from_, call.line)
    queue.add(member)
    call.note(Enqueued(name))
    try:
        if not await _is_taken(member, hearing):
            return "leave"
        await member.released.wait()
        return "bridged"
    finally:
        member.left.set()
        queue.remove(member)


async def _is_taken(member: QueueMember, hearing: Coroutine[None, None, None]) -> bool:
    """Hear what there is to hear until somebody takes the call; False: `<Leave/>` came first."""
    tasks = asyncio.ensure_future(hearing), asyncio.ensure_future(member.taken.wait())
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if not member.taken.is_set():
            tasks[0].result()  # raises
    except LeftError:
        return False
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    return True
