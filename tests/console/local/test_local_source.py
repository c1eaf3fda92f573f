"""A whole call of this machine, as the pages see it: carrier, functions, table and container, and a model that the test
plays.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from console.call_source import CallQuery
from console.call_view import CallView, Entry
from console.local.local_run import LocalRun, run_local
from sandbox.aws.faults import Fails
from sandbox.installation import InstallationOptions
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from sandbox.openai.session import Session
from sandbox.speech import mulaw
from sandbox.twilio import errors, events
from sandbox.twilio.calls import Call
from sandbox.twilio.event_log import EventLog
from sandbox.twilio.phones import Phone, answers

pytestmark = pytest.mark.asyncio(loop_scope="module")

AGENT = Path(__file__).parents[2] / "agent.toml"
MARIA = "+15550100002"
DIRECTORY = f"""
time_zone = "America/New_York"
business_number = "+15550100000"

[[destination]]
name = "front_desk"
description = "Maria at the front desk"
spoken = "Maria"
targets = ["{MARIA}"]
ring_seconds = 5
"""
WISH = json.dumps({"destination": "front_desk", "reason": "wants a person", "summary": "asks for his bicycle"})
WAIT_S = 45.0
LOGGED = "Warmline logs: "  # on a machine that is slow for a moment it is late, and says so
PAUSE_MS = 700  # a shorter one is one between words


class Line:
    """A run of this machine, and the model that the test plays."""

    def __init__(self, run: LocalRun, model: ModelServer) -> None:
        self.run = run
        self.model = model

    async def talk(self) -> tuple[Call, Session]:
        """A call whose caller has heard the greeting."""
        call = await self.run.environment.call(Phone.stay)
        session = await self.model.wait_for_session()
        await session.wait_for("response.create")
        greeting = mulaw.tone(400, 500)
        await session.speak(greeting, "Hello, how can I help?")
        await wait_until_heard(call.phone, greeting)
        await call.phone.wait(PAUSE_MS)
        return call, session

    async def read(self, call: Call) -> CallView:
        view = await self.run.source.read_call(call.sid)
        assert view is not None
        return view

    async def watch(self, call: Call) -> CallView:
        """The last view of the call."""
        async with asyncio.timeout(WAIT_S):
            view = await self.run.source.wait_for_end(call.sid)
        assert view is not None
        return view

    async def wait_for(self, call: Call, title: str) -> Entry:
        """The first entry whose title has this in it."""
        async with asyncio.timeout(WAIT_S):
            async for view in self.run.source.watch_call(call.sid):
                found = [entry for entry in view.entries if title in entry.title]
                if found:
                    return found[0]
        raise AssertionError(f"nothing was told of {title!r}")


async def wait_until_heard(phone: Phone, sound: bytes) -> None:
    async with asyncio.timeout(WAIT_S):
        while sound not in phone.heard:
            await phone.wait(20)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line() -> AsyncIterator[Line]:
    async with ModelServer(Scripted()) as model:
        options = InstallationOptions(realtime_url=model.url, settings={"AGENT_FILE": str(AGENT)}, directory=DIRECTORY)
        async with run_local(options) as run:
            yield Line(run, model)


async def interrupt(call: Call, session: Session) -> None:
    """The caller speaks in the midst of a long answer, which breaks off."""
    answer = mulaw.tone(3000, 700)
    response = await session.respond()
    await response.speak(answer, "one two three four five six seven eight nine ten")
    await wait_until_heard(call.phone, answer[: 800 * 8])
    speaking = asyncio.create_task(call.phone.say(mulaw.tone(600, 300)))
    await call.phone.wait(100)
    await session.start_speech()
    await speaking
    await session.stop_speech("Stop, please.")


async def put_through(session: Session) -> None:
    """The model says its sentence, and the caller is put through."""
    response = await session.respond()
    await response.speak(mulaw.tone(400, 900), "I am putting you through to Maria.")
    await response.call_tool("transfer_to_human", WISH)
    await response.finish()


async def test_a_call_is_seen_as_a_whole(line: Line) -> None:
    hello = mulaw.tone(600, 1100)
    line.run.environment.carrier.people[MARIA] = answers(lambda phone: phone.say(hello), after_ms=300, key="1")
    call, session = await line.talk()
    await interrupt(call, session)
    await call.phone.wait(PAUSE_MS)
    await put_through(session)
    view = await line.watch(call)

    [leg] = call.children
    check_summary(view, call)
    check_faults(view, [call, leg], line.run.environment.carrier.events)
    assert [(lane.id, lane.kind, lane.name) for lane in view.lanes] == [
        ("caller", "caller", "Caller"),
        ("assistant", "assistant", "Assistant"),
        (leg.sid, "person", "Maria"),
        ("twilio", "twilio", "Twilio"),
        ("warmline", "warmline", "Warmline"),
    ]
    assert {entry.lane for entry in view.entries} == {lane.id for lane in view.lanes}
    assert [entry for entry in view.entries if entry.open] == []
    check_speech(view, leg.sid)
    check_transfer(view, leg.sid)
    check_figures(view)
    assert [(each.lane, each.audio) for each in view.recordings] == [
        ("caller", call.phone.heard),
        (leg.sid, leg.phone.heard),
    ]
    assert "Authorization" not in repr(view.entries)


def check_summary(view: CallView, call: Call) -> None:
    summary = view.summary
    assert (summary.sid, summary.caller, summary.called) == (call.sid, call.from_, call.to)
    assert (summary.outcome, summary.destination, summary.attempts) == ("talked", "front_desk", 1)
    assert summary.ended_at_ms == summary.began_at_ms + view.now_ms
    assert abs(summary.began_at_ms - call.times.created_at.timestamp() * 1000) < 5000


def check_faults(view: CallView, calls: list[Call], happened: EventLog) -> None:
    """None is made up: a webhook may fail on a machine that is slow for a moment, and then the carrier knows it too."""
    sids = {each.sid for each in calls}
    failed = [each.what for each in happened if each.call_sid in sids and has_failed(each.what)]
    faults = [entry for entry in view.entries if entry.tone == "fault"]
    assert view.summary.errors == len([entry for entry in faults if entry.kind == "fault"])
    assert bool(failed) is any(not entry.title.startswith(LOGGED) for entry in faults)


def has_failed(event: events.Event) -> bool:
    match event:
        case events.WebhookAnswered(status=status):
            return status >= 300
        case events.ErrorLogged(code=code):
            return code != errors.STREAM_CLOSED_BY_SERVER  # the usual end of a stream
    return False


def check_speech(view: CallView, leg_sid: str) -> None:
    """Who spoke, and which words were cut."""
    spans = [(entry.lane, entry.title) for entry in view.entries if entry.kind == "speech"]
    assert spans == [
        ("assistant", "The assistant speaks"),
        ("assistant", "The assistant speaks, and breaks off"),
        ("caller", "The caller speaks"),
        ("assistant", "The assistant speaks"),
        (leg_sid, "Maria speaks"),
    ]
    cut, caller = view.turns[1], view.turns[2]
    assert cut.heard.startswith("one two")
    assert cut.cut.endswith("ten")
    assert (caller.speaker, caller.heard) == ("caller", "Stop, please.")


def check_transfer(view: CallView, leg_sid: str) -> None:
    """Asked, rung, accepted, bridged, in this order; the model's words and tools beside it."""
    titles = [entry.title for entry in view.entries]
    steps = [
        "The model uses the tool transfer_to_human",
        "The caller is to be put through to front desk: wants a person",
        "Warmline asks Twilio to change the call of the caller",
        "The telephone of Maria rings",
        "Maria picks up",
        "Maria presses 1",
        "The caller and Maria hear each other",
        "Maria hangs up",
    ]
    assert [title for title in titles if title in steps] == steps
    [attempt] = view.attempts
    assert (attempt.status, attempt.destination, [each.sid for each in attempt.legs]) == (
        "bridged",
        "front_desk",
        [leg_sid],
    )
    asked = next(entry for entry in view.entries if entry.title.startswith("Twilio asks Warmline what to do"))
    assert [message.syntax for message in asked.messages] == ["form", "xml"]
    assert any("only" in title and "were heard" in title for title in titles)


def check_figures(view: CallView) -> None:
    figures = view.figures
    assert figures.first_word_ms is not None
    assert figures.first_word_ms > 0
    assert figures.interruptions == 1
    assert figures.interruption_ms is not None
    assert figures.interruption_ms > 0
    assert figures.longest_silence_ms is not None
    assert figures.tokens is not None
    assert figures.cost_usd is None  # nobody asks money for this model
    assert [note for note in view.notes if "costs" in note] != []


async def test_a_call_is_seen_while_it_runs(line: Line) -> None:
    call, session = await line.talk()
    early = await line.read(call)
    listed = await line.run.source.list_calls(CallQuery())
    await session.wait_for_audio(mulaw.SILENT_FRAME)
    call.hang_up("party")
    late = await line.watch(call)

    assert (early.summary.outcome, early.summary.ended_at_ms, early.recordings) == ("running", None, ())
    assert listed.calls[0].sid == call.sid
    assert late.summary.outcome == "answered"
    numbers = {entry.number: entry.title for entry in late.entries}
    assert all(numbers[entry.number].startswith(entry.title) for entry in early.entries)


async def test_a_model_whose_socket_dies_is_a_fault_of_the_call_and_the_next_session_is_its_own(line: Line) -> None:
    call, _ = await line.talk()
    [first] = line.run.source.list_sessions(call.sid)
    line.run.wire.drop(first)
    again = await line.model.wait_for_session()
    await again.wait_for("conversation.item.create")
    lost = await line.wait_for(call, "The connection to the model is over")
    logged = await line.wait_for(call, "Warmline logs: model lost")
    call.hang_up("party")
    view = await line.watch(call)

    assert (lost.kind, lost.tone, lost.lane) == ("fault", "fault", "assistant")
    assert json.loads(logged.messages[0].text)["call_sid"] == call.sid
    assert len(line.run.source.list_sessions(call.sid)) == 2
    assert view.summary.errors >= 2


async def test_a_container_that_is_killed_is_a_fault_of_the_call_which_goes_on_in_another(line: Line) -> None:
    call, _ = await line.talk()
    installation = line.run.environment.installation
    before = installation.container
    await installation.start_container()
    before.kill()
    killed = await line.wait_for(call, "The container was killed")
    again = await line.model.wait_for_session()
    await again.wait_for("response.create")
    call.hang_up("party")
    view = await line.watch(call)

    assert (killed.lane, killed.kind, killed.tone) == ("warmline", "fault", "fault")
    assert len(line.run.source.list_sessions(call.sid)) == 2
    assert [entry.title for entry in view.entries if entry.kind == "stream"].count("The media stream is open") == 2


async def test_a_function_that_fails_is_a_fault_of_the_call(line: Line) -> None:
    function = line.run.environment.installation.cloud.functions["transfer"]
    call, session = await line.talk()
    function.fault = Fails()
    try:
        await put_through(session)
        logged = await line.wait_for(call, "Warmline logs: transfer function")
    finally:
        function.fault = None
    call.hang_up("party")
    await line.watch(call)

    assert (logged.lane, logged.kind) == ("warmline", "fault")
    assert json.loads(logged.messages[0].text)["call_sid"] == call.sid


async def test_sessions_of_calls_at_the_same_time_are_told_apart(line: Line) -> None:
    calls = [await line.run.environment.call(Phone.stay) for _ in range(2)]
    sessions = [await line.model.wait_for_session() for _ in calls]
    for number, session in enumerate(sessions):
        await session.wait_for("response.create")
        await session.speak(mulaw.tone(400, 500 + 200 * number), f"I am number {number}.")
    for number in range(2):
        heard = await find_listener(mulaw.tone(400, 500 + 200 * number), calls)
        answer = await line.wait_for(heard, "The model answers: “I am")
        assert answer.title == f"The model answers: “I am number {number}.”"
    for call in calls:
        call.hang_up("party")
        await line.watch(call)


async def find_listener(sound: bytes, calls: list[Call]) -> Call:
    """The call whose caller hears the sound, as soon as one does."""
    async with asyncio.timeout(WAIT_S):
        while not (hearing := [call for call in calls if sound in call.phone.heard]):
            await calls[0].phone.wait(20)
    return hearing[0]


async def test_a_query_finds_calls_by_what_they_have(line: Line) -> None:
    call, _ = await line.talk()
    call.hang_up("party")
    await line.watch(call)
    source, today = line.run.source, datetime.now(UTC).date()

    async def find(query: CallQuery) -> list[str]:
        return [each.sid for each in (await source.list_calls(query)).calls]

    assert (await find(CallQuery()))[0] == call.sid
    assert call.sid in await find(CallQuery(outcome="answered", number_ends_with="0001", words="HOW can  i"))
    assert call.sid in await find(CallQuery(day=today))
    for query in (
        CallQuery(outcome="message"),
        CallQuery(destination="front_desk", outcome="answered"),
        CallQuery(number_ends_with="9"),
        CallQuery(words="can how"),
        CallQuery(day=today.replace(year=2020)),
    ):
        assert call.sid not in await find(query)
    one = await source.list_calls(CallQuery(limit=1))
    assert (len(one.calls), one.more) == (1, True)


async def test_a_new_call_is_listed_at_once(line: Line) -> None:
    lists = line.run.source.watch_list(CallQuery())
    async with contextlib.aclosing(lists), asyncio.timeout(WAIT_S):
        before = await anext(lists)
        call, _ = await line.talk()
        async for listed in lists:
            if listed.calls[0].sid == call.sid:
                break
        call.hang_up("party")
        await line.watch(call)

    assert call.sid not in [each.sid for each in before.calls]


async def test_of_a_call_that_there_is_not_nothing_is_shown(line: Line) -> None:
    assert await line.run.source.read_call("CA1") is None
    assert await line.run.source.wait_for_end("CA1") is None
    assert list(line.run.source.list_sessions("CA1")) == []


async def test_nothing_was_left_behind_by_those_who_watched(line: Line) -> None:
    call, _ = await line.talk()
    before = asyncio.all_tasks()
    views = line.run.source.watch_call(call.sid)
    await anext(views)
    await views.aclose()

    assert asyncio.all_tasks() <= before
    call.hang_up("party")
    await line.run.environment.carrier.events.wait_for(events.CallEnded)
    await line.watch(call)
