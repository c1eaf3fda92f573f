"""`<Enqueue>`: callers who wait in a queue. Who takes them is `<Dial><Queue>`, in `dial_verb.py`.

Who waits hears music, silence (`waitUrl` is "") or the documents at `waitUrl`, over and over, until somebody takes
the call or a document says `<Leave/>`. Of a task, `task_router.py` looks for somebody. Simpler than Twilio: such a
document may not hang up, and the member's `<Queue url>` is not run.
"""

import asyncio
from collections.abc import Callable, Coroutine

from sandbox.twilio import errors
from sandbox.twilio.audio_sources import Loop, Silence
from sandbox.twilio.call_queue import CallQueue, QueueMember
from sandbox.twilio.calls import Call
from sandbox.twilio.errors import TwimlError
from sandbox.twilio.events import Enqueued
from sandbox.twilio.parameters import count_seconds
from sandbox.twilio.task_router import assign, make_task
from sandbox.twilio.tasks import Task
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
    task = None if verb.workflow_sid is None else make_task(call, verb)
    queue = call.network.queue(verb.text) if task is None else CallQueue()
    began_ms = call.network.clock.now_ms
    result = "queue-full"
    if len(queue.members) < verb.max_queue_size:
        url = document.to_absolute(verb.wait_url) if verb.wait_url else verb.wait_url
        hearing = run_wait(call, url, verb.wait_url_method) if url else _play_music(call, silent=url == "")
        call.note(Enqueued(verb.text or verb.workflow_sid or ""))
        result = await _wait(call, queue, hearing, task)
    if verb.action is None:
        return None
    waited = {
        "QueueResult": result,
        "QueueSid": queue.sid,
        "QueueTime": str(count_seconds(call.network.clock.now_ms - began_ms)),
    }
    if task is not None:
        waited["TaskSid"] = task.sid
    return await call.fetch(document.to_absolute(verb.action), verb.method, call.make_parameters() | waited)


async def _play_music(call: Call, *, silent: bool) -> None:
    with call.line.hearing(Silence() if silent else Loop(call.network.sounds.waiting)):
        await asyncio.get_running_loop().create_future()


async def _wait(call: Call, queue: CallQueue, hearing: Coroutine[None, None, None], task: Task | None) -> str:
    member = QueueMember(call.sid, call.from_, call.line)
    queue.add(member)
    try:
        if not await _is_taken(member, hearing, _stay() if task is None else assign(call, task, member)):
            return "leave"
        await member.released.wait()
        return "bridged"
    finally:
        member.left.set()
        queue.remove(member)
        if task is not None and not member.taken.is_set():
            task.status = "canceled"


async def _stay() -> None:
    """Nobody is looked for: somebody dials the queue."""
    await asyncio.get_running_loop().create_future()


async def _is_taken(
    member: QueueMember, hearing: Coroutine[None, None, None], assigning: Coroutine[None, None, None]
) -> bool:
    """Hear what there is to hear until somebody takes the call; False: `<Leave/>` came first, or nobody will."""
    taken = asyncio.ensure_future(member.taken.wait())
    tasks = taken, asyncio.ensure_future(hearing), asyncio.ensure_future(assigning)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if not member.taken.is_set():
            for done in (task for task in tasks if task.done()):
                done.result()  # raises
            return False
    except LeftError:
        return False
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    return True
