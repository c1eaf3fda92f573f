"""TaskRouter, as far as a call meets it: `<Enqueue workflowSid><Task>` makes a task, which workers are offered in turn.

https://www.twilio.com/docs/voice/twiml/enqueue, https://www.twilio.com/docs/taskrouter/twiml-queue-calls and
.../taskrouter/handle-assignment-callbacks. Attributes that are no JSON leave 14221, a workflow that is none 14220. To
the attributes come those of the call, and `worker_call_sid`. A worker who accepts is called, as by the instruction
"dequeue", and is connected when they pick up; whoever rejects, or does not pick up, is followed by the next. A test
writes the workflows into `Carrier.workflows` and reads `Carrier.tasks`.

Believed: attributes must be a JSON object; those of the document come before those of the call of the same name; a task
that nobody has taken within its `timeout` is canceled, and the caller goes on as who has left the queue; a worker's
phone shows the number that was dialled. Simpler than Twilio: there are no assignment callbacks, activities, filters or
REST resources, and priorities order nothing; every call has its own queue.
"""

import asyncio
import re

import msgspec

from sandbox.twilio import errors
from sandbox.twilio.call_queue import QueueMember
from sandbox.twilio.call_state import Parties
from sandbox.twilio.calls import Call
from sandbox.twilio.errors import TwimlError
from sandbox.twilio.events import Bridged, HangUpBy
from sandbox.twilio.line import joining
from sandbox.twilio.sids import make_sid
from sandbox.twilio.tasks import Task, Worker
from sandbox.twilio.verbs import Enqueue

_DAY_S = 86_400  # a task's default timeout


def make_task(call: Call, verb: Enqueue) -> Task:
    """Raises `TwimlError`."""
    sid, network = verb.workflow_sid or "", call.network
    if not re.fullmatch("WW[0-9a-f]{32}", sid) or sid not in network.workflows:
        raise TwimlError(errors.NO_WORKFLOW, f"there is no workflow {sid!r}")
    given = verb.nested[0] if verb.nested else None
    attributes = {_to_snake_case(name): value for name, value in call.make_parameters().items()}
    task = Task(
        sid=make_sid("WT"),
        workflow_sid=sid,
        attributes=attributes | (_read_attributes(given.text) if given else {}),
        priority=given.priority if given else 0,
        timeout_s=given.timeout if given else _DAY_S,
    )
    network.tasks.append(task)
    return task


def _read_attributes(text: str) -> dict[str, object]:
    try:
        return msgspec.json.decode(text, type=dict[str, object])
    except (msgspec.DecodeError, RecursionError) as error:
        raise TwimlError(errors.TASK_NOT_JSON, f"expected a JSON object as the task's attributes: {error}") from error


def _to_snake_case(name: str) -> str:
    return re.sub("(?<!^)(?=[A-Z])", "_", name).lower()


async def assign(call: Call, task: Task, member: QueueMember) -> None:
    """Offer the task to one worker after the other; returns when it is canceled, and never if somebody takes it."""
    workflow = call.network.workflows[task.workflow_sid]
    try:
        async with call.network.clock.timeout(task.timeout_s * 1000):
            for worker in workflow.workers:
                task.status = "reserved"
                await _offer(call, task, member, worker, workflow.ring_s)
            task.status = "pending"
            await asyncio.get_running_loop().create_future()
    except TimeoutError:
        task.status = "canceled"


async def _offer(call: Call, task: Task, member: QueueMember, worker: Worker, ring_s: int) -> None:
    if not worker.accepts(task):
        task.reservations.append((worker.contact_uri, "rejected"))
        return
    leg = Call(call.network, call.calls, Parties(call.to, worker.contact_uri, "outbound-api"))
    task.attributes["worker_call_sid"] = leg.sid
    leg.ring(lambda: _talk(leg, task, member, worker), ring_s * 1000)
    try:
        await leg.signals.gone.wait()
    finally:
        if not member.taken.is_set():
            leg.hang_up("dial")
    if member.taken.is_set():
        await asyncio.get_running_loop().create_future()  # whoever waits for the caller goes on
    task.reservations.append((worker.contact_uri, "timeout"))


async def _talk(leg: Call, task: Task, member: QueueMember, worker: Worker) -> HangUpBy:
    """What the worker's call does when they have picked up."""
    if member.left.is_set():
        return "dial"
    task.status = "assigned"
    task.reservations.append((worker.contact_uri, "accepted"))
    member.taken.set()
    leg.note(Bridged(member.call_sid, member.from_))
    leg.phone.bridged.set()
    member.line.phone.bridged.set()
    try:
        with joining(leg.line, member.line):
            await member.left.wait()
    finally:
        task.status = "completed"
        member.released.set()
    return "dial"
