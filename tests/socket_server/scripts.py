"""A notation for the core: a script says what happens at which millisecond, and the whole list of what is ordered."""

from dataclasses import dataclass

from socket_server.core.actions import Action, CreateResponse, ForwardHeldAudio, PlayAudio, RecordTurn, SendMark
from socket_server.core.agent import Agent
from socket_server.core.conversation import Conversation
from socket_server.core.events import (
    AudioFinished,
    DeadlinePassed,
    Event,
    FunctionCall,
    MarkPlayed,
    ModelOpened,
    ResponseCreated,
    ResponseDone,
    SessionReady,
    TranscriptGrew,
)
from socket_server.core.opening import Opening
from socket_server.core.playback import BYTES_PER_MS
from socket_server.core.tone import TONE

AGENT = Agent("Be brief.", "Greet.")
OPENING = Opening("Greet the caller.", destinations=("sales", "workshop"))
READY = SessionReady()
DROPPED = "dropped"
DUE = DeadlinePassed()


@dataclass(frozen=True, slots=True)
class Says:
    """Audio of the model's arrives and asks the gate; the outcome is the mark after it, or DROPPED."""

    response_id: str
    item_id: str
    ms: int


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame of the caller's audio arrives and asks the gate; the outcome is its answer."""


type ScriptEvent = Event | Says | Frame
type Outcome = Action | str
type Step = tuple[int, ScriptEvent, list[Outcome]]


def play(call: Conversation, *script: Step) -> None:
    """Let it happen and compare all that came of it, with an error about a deadline that the script forgets."""
    __tracebackhide__ = True
    for at_ms, what, expected in script:
        due_ms = call.deadline_ms
        late = due_ms is not None and what != DUE and due_ms < at_ms
        assert not late, f"the script says nothing of the deadline at {due_ms}, before {what} at {at_ms}"
        came = _let(call, what, at_ms)
        assert came == expected, f"at {at_ms}, {what}: expected {expected}, came {came}"


def new_call(opening: Opening = OPENING, agent: Agent = AGENT) -> Conversation:
    """A call whose stream began at 0."""
    return Conversation(agent, opening, "MZ1", 0)


def greeted(agent: Agent = AGENT, opening: Opening = OPENING) -> Conversation:
    """A call at 1000: the greeting was heard to its end, its mark was "1"; nobody speaks."""
    call = new_call(opening, agent)
    play(
        call,
        (50, ModelOpened(), [CreateResponse("Greet the caller.")]),
        (100, READY, [ForwardHeldAudio()]),
        (300, ResponseCreated("r0"), []),
        (400, TranscriptGrew("r0", "i0", "Hello."), []),
        (400, Says("r0", "i0", 600), [SendMark("1")]),
        (410, AudioFinished("r0", "i0"), []),
        (420, ResponseDone("r0", "completed", message_ids=("i0",)), []),
        (1000, MarkPlayed("1"), [RecordTurn(400, "model", "Hello.", "Hello.")]),
    )
    return call


def beep(mark: str) -> list[Outcome]:
    """The tone that a caller hears while they wait, and the mark after it."""
    return [PlayAudio(TONE), SendMark(mark)]


def done(response_id: str, *calls: FunctionCall, says: tuple[str, ...] = (), status: str = "completed") -> ResponseDone:
    """The end of a response with these function calls and items of speech."""
    return ResponseDone(response_id, status, calls, says)


def _let(call: Conversation, what: ScriptEvent, at_ms: int) -> list[Outcome]:
    match what:
        case Says(response_id, item_id, ms):
            mark = call.model_audio(response_id, item_id, ms * BYTES_PER_MS, at_ms)
            if mark is None:
                return [DROPPED]
            return [SendMark(mark)] if mark else []
        case Frame():
            return [call.caller_frame()]
        case MarkPlayed(name) if not call.mark_played(name, at_ms):
            return []
        case _:
            return [*call.receive(what, at_ms)]
