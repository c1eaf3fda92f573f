"""The phases of a call and the stages of a transfer: their tables, the pictures, and every event in every state."""

from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path

import pytest

from socket_server.core import events
from socket_server.core.actions import EndStream
from socket_server.core.attempt_events import AttemptChanged
from socket_server.core.conversation import Conversation
from socket_server.core.opening import Opening
from socket_server.core.phases import PHASE_CHANGES, STAGE_CHANGES, CallPhase, Phase, TransferStage
from socket_server.core.recorded_greeting import Recorded
from tests.socket_server.scripts import READY, done, new_call

ARCHITECTURE = Path(__file__).parents[3] / "docs" / "architecture.md"


def talking() -> Conversation:
    call = new_call()
    call.receive(READY, 100)
    return call


def calling(name: str) -> Conversation:
    """The model has called this function, in a response with a sentence that the caller has not heard yet."""
    call = talking()
    call.receive(events.ResponseCreated("r1"), 200)
    call.model_audio("r1", "i1", 8000, 300)
    call.receive(done("r1", events.FunctionCall("c1", name, "{}"), says=("i1",)), 400)
    return call


def asked(call: Conversation) -> Conversation:
    """The caller has pressed 0, and nothing is left to be heard."""
    call.receive(events.KeyPressed("0"), 500)
    deadline_ms = call.deadline_ms
    assert deadline_ms is not None
    call.receive(events.DeadlinePassed(), deadline_ms)
    return call


def greeting_without_a_model() -> Conversation:
    """A recorded greeting is being played, and no model can be had."""
    call = new_call(Opening("Greet.", recorded=Recorded("Good morning.", b"\xff" * 16_000)))
    call.receive(events.CallAdmitted(), 50)
    call.receive(events.ModelLost("HTTP 401", hopeless=True), 100)
    return call


def moved(call: Conversation) -> Conversation:
    call.receive(events.TransferFinished("MZ1-1", "moved"), 3000)
    return call


def ended() -> Conversation:
    call = new_call()
    call.receive(events.PhoneStopped(), 100)
    return call


type State = tuple[Phase, TransferStage]

STATES: dict[State, Callable[[], Conversation]] = {
    (Phase.OPENING, TransferStage.NONE): new_call,
    (Phase.OPENING, TransferStage.LAST_WORDS): greeting_without_a_model,
    (Phase.OPENING, TransferStage.ASKED): lambda: asked(new_call()),
    (Phase.OPENING, TransferStage.MOVED): lambda: moved(asked(new_call())),
    (Phase.TALKING, TransferStage.NONE): talking,
    (Phase.TALKING, TransferStage.LAST_WORDS): lambda: calling("transfer_to_human"),
    (Phase.TALKING, TransferStage.ASKED): lambda: asked(talking()),
    (Phase.TALKING, TransferStage.MOVED): lambda: moved(asked(talking())),
    (Phase.LEAVING, TransferStage.NONE): lambda: calling("end_call"),
    (Phase.ENDED, TransferStage.NONE): ended,
}
TRANSFER = done("r1", events.FunctionCall("c2", "transfer_to_human", "{}"))
GOODBYE = done("r1", events.FunctionCall("c2", "end_call", "{}"))
EVENTS: tuple[events.Event, ...] = (
    events.CallAdmitted(),
    events.DeadlinePassed(),
    events.Draining(5000, 6000),
    events.MarkPlayed("1"),
    events.KeyPressed("0"),
    events.KeyPressed("7"),
    events.PhoneStopped(),
    events.PhoneLost(),
    events.ModelOpened(),
    READY,
    events.SessionReady("another audio format"),
    events.SpeechStarted("u1"),
    events.SpeechStopped("u1"),
    events.CallerTranscribed("u1", "Hello"),
    events.ResponseCreated("r2"),
    events.CallStarted("r1", "transfer_to_human"),
    events.TranscriptGrew("r1", "i1", "Yes"),
    events.AudioFinished("r1", "i1"),
    events.ResponseDone("r1", "completed"),
    events.ResponseDone("r1", "failed", error=events.ModelError(events.ErrorKind.SERVER)),
    TRANSFER,
    GOODBYE,
    done("r1", events.FunctionCall("c2", "opening_hours", "{}")),
    events.ModelError(events.ErrorKind.SERVER),
    events.ModelLost("closed"),
    events.ModelLost("HTTP 401", hopeless=True),
    events.ToolFinished("c1", "{}"),
    events.TransferFinished("MZ1-1", "moved"),
    events.TransferFinished("MZ1-1", "failed"),
    AttemptChanged("MZ1-1", "accepted", "Anna"),
    AttemptChanged("c1", "accepted", "Anna"),
    AttemptChanged("c1", "nobody"),
)


ENDS: dict[State, State] = {state: (Phase.ENDED, state[1]) for state in STATES if state[0] is not Phase.ENDED}
NO_MODEL: dict[State, State] = {  # nobody speaks in these calls: people are asked for at once
    (Phase.OPENING, TransferStage.NONE): (Phase.OPENING, TransferStage.ASKED),
    (Phase.TALKING, TransferStage.NONE): (Phase.TALKING, TransferStage.ASKED),
}
# Where each event leads to, from which state; from every other one, and by every other event, nowhere.
LEADS: dict[events.Event, dict[State, State]] = {
    events.PhoneStopped(): ENDS,
    events.PhoneLost(): ENDS,
    READY: {
        (Phase.OPENING, TransferStage.NONE): (Phase.TALKING, TransferStage.NONE),
        (Phase.OPENING, TransferStage.ASKED): (Phase.TALKING, TransferStage.ASKED),
    },
    events.SessionReady("another audio format"): {
        (Phase.OPENING, TransferStage.NONE): (Phase.OPENING, TransferStage.ASKED),
    },
    events.SpeechStarted("u1"): {(Phase.LEAVING, TransferStage.NONE): (Phase.TALKING, TransferStage.NONE)},
    TRANSFER: {(Phase.TALKING, TransferStage.NONE): (Phase.TALKING, TransferStage.LAST_WORDS)},
    GOODBYE: {(Phase.TALKING, TransferStage.NONE): (Phase.LEAVING, TransferStage.NONE)},
    events.ModelLost("closed"): {(Phase.TALKING, TransferStage.NONE): (Phase.OPENING, TransferStage.NONE)},
    events.ModelLost("HTTP 401", hopeless=True): NO_MODEL,
    events.TransferFinished("MZ1-1", "moved"): {
        (Phase.OPENING, TransferStage.ASKED): (Phase.OPENING, TransferStage.MOVED),
        (Phase.TALKING, TransferStage.ASKED): (Phase.TALKING, TransferStage.MOVED),
    },
    events.TransferFinished("MZ1-1", "failed"): {
        (Phase.OPENING, TransferStage.ASKED): (Phase.OPENING, TransferStage.NONE),
        (Phase.TALKING, TransferStage.ASKED): (Phase.TALKING, TransferStage.NONE),
    },
}


@pytest.mark.parametrize("state", STATES, ids=lambda state: "-".join(part.name for part in state))
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_every_event_leads_from_every_state_to_the_expected_one(state: State, event: events.Event) -> None:
    call = STATES[state]()
    assert (call.phase, call.stage) == state
    call.take_phase_changes()

    ordered = call.receive(event, 4000)

    assert (call.phase, call.stage) == LEADS.get(event, {}).get(state, state)
    changes = call.take_phase_changes()
    assert set(changes) <= PHASE_CHANGES.keys() | STAGE_CHANGES.keys()
    assert bool(changes) == ((call.phase, call.stage) != state)
    assert (call.deadline_ms is None) == (call.phase is Phase.ENDED)
    ends = [isinstance(action, EndStream) for action in ordered]
    assert not any(ends[:-1]), "acted after the end"


def test_every_row_of_the_table_is_tried() -> None:
    assert LEADS.keys() <= set(EVENTS)
    assert {state for leads in LEADS.values() for state in leads} <= STATES.keys()


def test_all_kinds_of_events_are_tried() -> None:
    assert {type(event) for event in EVENTS} == set(kinds_of_events())


def kinds_of_events() -> list[type]:
    """Of the closed union, whatever unions it is made of."""
    found: list[type] = []
    to_open: list[object] = [events.Event]
    while to_open:
        kind = to_open.pop()
        kind = getattr(kind, "__value__", kind)
        parts = getattr(kind, "__args__", ())
        to_open += parts
        if not parts:
            assert isinstance(kind, type)
            found.append(kind)
    return found


def test_a_change_that_is_in_no_table_is_a_defect() -> None:
    progress = CallPhase()
    with pytest.raises(AssertionError, match=r"OPENING -> .*LEAVING"):
        progress.enter(Phase.LEAVING)
    with pytest.raises(AssertionError, match=r"NONE -> .*ASKED"):
        progress.advance(TransferStage.ASKED)


def test_changes_are_told_once_and_none_is_made_by_staying() -> None:
    progress = CallPhase()
    progress.enter(Phase.OPENING)
    progress.enter(Phase.TALKING)
    progress.advance(TransferStage.LAST_WORDS)
    progress.advance(TransferStage.LAST_WORDS)

    changes = [(Phase.OPENING, Phase.TALKING), (TransferStage.NONE, TransferStage.LAST_WORDS)]
    assert (progress.take_changes(), progress.take_changes()) == (changes, [])


def picture[Stage: Enum](changes: Mapping[tuple[Stage, Stage], str], first: Stage, last: Stage) -> str:
    """A state diagram as GitHub shows it."""
    arrows = [f"    {before.name} --> {after.name}: {why}" for (before, after), why in changes.items()]
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {first.name}", *arrows, f"    {last.name} --> [*]", "```"]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "shown",
    [
        picture(PHASE_CHANGES, Phase.OPENING, Phase.ENDED),
        picture(STAGE_CHANGES, TransferStage.NONE, TransferStage.MOVED),
    ],
    ids=["phases", "stages"],
)
def test_the_architecture_shows_the_tables(shown: str) -> None:
    assert shown in ARCHITECTURE.read_text(), f"docs/architecture.md is to show\n{shown}"
