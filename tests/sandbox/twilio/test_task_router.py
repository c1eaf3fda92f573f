"""sandbox.twilio.task_router: a caller becomes a task, which workers are offered in turn."""

import pytest

from sandbox.twilio import Carrier, Phone, Worker, Workflow, answers, never_answers
from sandbox.twilio.audio_sources import render_waiting_music
from sandbox.twilio.call_report import CallReport
from sandbox.twilio.errors import TwimlError
from sandbox.twilio.events import Bridged, Enqueued, ErrorLogged, Ringing
from sandbox.twilio.phones import Script
from sandbox.twilio.twiml import parse
from tests.sandbox.twilio.application import CALLER, NUMBER, PERSON, Application
from tests.sandbox.twilio.scripts import HANG_UP, VOICES, dial_in, leaves_after, once, says, stays

WORKFLOW = "WW" + "0" * 32
OTHER = "+15550100003"
TASK = '{"brief": {"about": "an \\"urgent\\" job"}, "language": "de"}'


@pytest.fixture(autouse=True)
def answering(carrier: Carrier, application: Application) -> None:
    application.answers |= {"/incoming": enqueue(f"<Task>{TASK}</Task>"), "/left": HANG_UP}
    carrier.workflows[WORKFLOW] = Workflow((Worker(PERSON), Worker(OTHER)), ring_s=5)


def enqueue(task: str = "", sid: str = WORKFLOW) -> str:
    return f'<Response><Enqueue action="/left" workflowSid="{sid}">{task}</Enqueue></Response>'


async def replies(phone: Phone) -> None:
    await phone.wait_for_speech()
    await phone.wait_for_silence(100)
    await phone.say(VOICES["person"])


async def run(carrier: Carrier, caller: Script = stays) -> CallReport:
    return await (await dial_in(carrier, caller)).wait_for_end()


async def test_a_worker_who_accepts_is_called_and_talks(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = answers(replies, after_ms=100)
    report = await run(carrier, once(carrier, Bridged, says(VOICES["caller"])))

    (task,), (form,) = carrier.tasks, application.list_forms("/left")
    assert VOICES["person"] in report.heard
    assert VOICES["caller"] in carrier.people[PERSON].phones[0].heard
    assert (form["QueueResult"], form["TaskSid"]) == ("bridged", task.sid)
    assert (task.status, task.reservations) == ("completed", [(PERSON, "accepted")])


async def test_the_attributes_are_those_of_the_document_and_of_the_call(carrier: Carrier) -> None:
    carrier.people[PERSON] = answers(leaves_after(100), after_ms=100)
    report = await run(carrier)

    (task,) = carrier.tasks
    assert task.attributes["brief"] == {"about": 'an "urgent" job'}
    assert (task.attributes["call_sid"], task.attributes["from"], task.attributes["to"]) == (report.sid, CALLER, NUMBER)
    worker_call = next(call for call in carrier.calls.values() if call.direction == "outbound-api")
    assert task.attributes["worker_call_sid"] == worker_call.sid
    assert task.sid.startswith("WT")


async def test_who_rejects_is_not_called(carrier: Carrier) -> None:
    carrier.workflows[WORKFLOW] = Workflow((Worker(PERSON, lambda task: "urgent" in task.attributes), Worker(OTHER)))
    carrier.people |= {PERSON: answers(stays), OTHER: answers(leaves_after(100), after_ms=100)}
    await run(carrier)

    assert carrier.tasks[0].reservations == [(PERSON, "rejected"), (OTHER, "accepted")]
    assert [event.to for event in carrier.events.of(Ringing)] == [NUMBER, OTHER]


async def test_who_does_not_pick_up_is_followed_by_the_next(carrier: Carrier) -> None:
    carrier.people |= {PERSON: never_answers(), OTHER: answers(leaves_after(100), after_ms=100)}
    report = await run(carrier)

    assert carrier.tasks[0].reservations == [(PERSON, "timeout"), (OTHER, "accepted")]
    assert render_waiting_music() in report.heard


async def test_a_task_that_nobody_takes_is_canceled_after_its_time(carrier: Carrier, application: Application) -> None:
    application.answers["/incoming"] = enqueue('<Task timeout="3" priority="7">{}</Task>')
    carrier.people |= {PERSON: never_answers(), OTHER: never_answers()}
    await run(carrier)

    (task,), (form,) = carrier.tasks, application.list_forms("/left")
    assert (task.status, task.priority, form["QueueResult"]) == ("canceled", 7, "leave")
    assert len(carrier.calls) == 2


async def test_a_caller_who_hangs_up_cancels_the_task_and_the_ringing(carrier: Carrier) -> None:
    carrier.people[PERSON] = never_answers()
    await run(carrier, once(carrier, Ringing, leaves_after(200), lambda ringing: ringing.to == PERSON))
    worker_call = next(call for call in carrier.calls.values() if call.direction == "outbound-api")

    assert (await worker_call.wait_for_end()).status == "canceled"
    assert carrier.tasks[0].status == "canceled"


async def test_a_caller_who_hangs_up_ends_the_workers_call(carrier: Carrier) -> None:
    carrier.people[PERSON] = answers(stays, after_ms=100)
    await run(carrier, once(carrier, Bridged, leaves_after(200)))
    worker_call = next(call for call in carrier.calls.values() if call.direction == "outbound-api")

    assert (await worker_call.wait_for_end()).ended_by == "dial"
    assert carrier.tasks[0].status == "completed"


async def test_a_workflow_without_a_task_has_the_calls_attributes(carrier: Carrier, application: Application) -> None:
    application.answers["/incoming"] = enqueue()
    report = await run(carrier, once(carrier, Enqueued, leaves_after(100)))

    assert carrier.tasks[0].attributes["call_sid"] == report.sid


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (enqueue("<Task>{'brief': 1}</Task>"), 14221),
        (enqueue('<Task>["brief"]</Task>'), 14221),
        (enqueue('<Task>{"brief": NaN}</Task>'), 14221),
        (enqueue(f"<Task>{'[' * 5000}</Task>"), 14221),
        (enqueue(sid="WW1"), 14220),
        (enqueue(sid="WW" + "f" * 32), 14220),
        (enqueue(sid=""), 14220),
    ],
)
async def test_a_task_that_twilio_refuses_fails_the_document(
    carrier: Carrier, application: Application, document: str, code: int
) -> None:
    application.answers["/incoming"] = document
    report = await run(carrier)

    assert [error.code for error in carrier.events.of(ErrorLogged)] == [code]
    assert (report.ended_by, list(carrier.tasks)) == ("failure", [])


@pytest.mark.parametrize(
    "inside",
    [
        "<Enqueue/>",
        "<Enqueue><Task>{}</Task></Enqueue>",
        "<Enqueue>support<Task>{}</Task></Enqueue>",
        '<Enqueue workflowSid="WW0">support</Enqueue>',
        '<Enqueue workflowSid="WW0"><Task timeout="soon">{}</Task></Enqueue>',
        '<Enqueue workflowSid="WW0"><Task>{}</Task><Task>{}</Task></Enqueue>',
    ],
)
def test_an_enqueue_of_the_wrong_shape_is_against_the_schema(inside: str) -> None:
    with pytest.raises(TwimlError) as refused:
        parse(f"<Response>{inside}</Response>")

    assert refused.value.code == 12200
