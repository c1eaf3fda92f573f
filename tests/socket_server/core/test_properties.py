"""What is true of a call in whatever order things happen."""

from collections.abc import Callable
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from socket_server.core import events
from socket_server.core.attempt_events import AttemptChanged, AttemptState
from socket_server.core.opening import Opening
from socket_server.core.recorded_greeting import Recorded
from socket_server.core.transfer_messages import Ringing
from tests.socket_server.invariants import CheckedCall
from tests.socket_server.scripts import OPENING, READY

type Step = Callable[[CheckedCall], None]

LEFT_ALONE_STEPS = 400  # deadlines: a call of a minute, which is granted two more to find a pause, has some a second

NAMES = ("sales", "workshop")
calls = st.sampled_from(
    [
        OPENING,
        Opening("Greet.", destinations=NAMES, attended=frozenset({"sales"})),
        Opening("Greet.", destinations=("sales",), attended=frozenset({"sales"})),
        Opening("Go on.", (), NAMES, attended=frozenset(NAMES), ringing=Ringing("z0", "sales", answered=True)),
        Opening("Greet.", recorded=Recorded("One two three four.", bytes(8 * 700))),
    ]
)
beginnings = st.sampled_from(
    [
        (events.CallAdmitted(), events.ModelOpened(), READY),
        (events.ModelOpened(), READY),
        (events.ModelOpened(),),
        (events.CallAdmitted(),),
        (),
    ]
)
responses = st.sampled_from(["r1", "r2", "r3"])
milliseconds = st.integers(0, 3000) | st.sampled_from([0, 1, 20, 1500, 8000, 20_000, 30_000])
tool_names = st.sampled_from(
    ["transfer_to_human", "transfer_to_human", "cancel_transfer", "end_call", "opening_hours", "no such tool"]
)
arguments = st.sampled_from(["{}", '{"destination":"sales"}', '{"destination":"boss"}', "{"])
statuses = st.sampled_from(["completed", "completed", "completed", "cancelled", "failed", "incomplete"])
kinds = st.sampled_from(
    [events.ErrorKind.RESPONSE_ACTIVE, events.ErrorKind.RATE_LIMIT, events.ErrorKind.SESSION_EXPIRED]
)


def told(event: events.Event) -> Step:
    return lambda checked: checked.tell(event)


def own(checked: CheckedCall, response_id: str) -> str:
    """The name that the present session has for it: no two sessions give the same."""
    return f"{response_id}@{checked.session}"


# --- single events, in any order


@st.composite
def audio(draw: st.DrawFn) -> Step:
    response_id, number, ms = draw(responses), draw(st.integers(0, 1)), draw(st.integers(1, 600))
    return lambda checked: checked.audio(own(checked, response_id), f"{own(checked, response_id)}/{number}", ms)


@st.composite
def response_done(draw: st.DrawFn) -> Step:
    """With function calls that no other response has had."""
    response_id, status = draw(responses), draw(statuses)
    calls = draw(st.lists(st.tuples(tool_names, arguments), max_size=2))
    items = draw(st.lists(st.integers(0, 1), unique=True, max_size=2))

    def step(checked: CheckedCall) -> None:
        made = (events.FunctionCall(f"c{len(checked.calls.taken) + n}", *call) for n, call in enumerate(calls))
        name = own(checked, response_id)
        checked.tell(events.ResponseDone(name, status, tuple(made), tuple(f"{name}/{n}" for n in items)))

    return step


@st.composite
def model_event(draw: st.DrawFn) -> Step:
    response_id, number, text = draw(responses), draw(st.integers(0, 1)), draw(st.sampled_from(["One two ", "", " "]))
    signed, tool, kind, which = draw(st.booleans()), draw(tool_names), draw(kinds), draw(st.integers(0, 7))

    def step(checked: CheckedCall) -> None:
        name = own(checked, response_id)
        choices: tuple[events.Event, ...] = (
            events.ResponseCreated(name, signed),
            events.CallStarted(name, tool),
            events.TranscriptGrew(name, f"{name}/{number}", text),
            events.AudioFinished(name, f"{name}/{number}"),
            events.SpeechStarted("u1"),
            events.SpeechStopped("u1"),
            events.CallerTranscribed("u1", text),
            events.ModelError(kind),
        )
        checked.tell(choices[which])

    return step


@st.composite
def ending(draw: st.DrawFn) -> Step:
    choices: tuple[events.Event, ...] = (
        events.PhoneStopped(),
        events.PhoneLost(),
        events.ModelLost("1006"),
        events.ModelLost("1006", spare=True),
        events.ModelLost("HTTP 401", hopeless=True),
        events.ModelLost("no audio", hopeless=True, noise=True),
        events.SessionReady("another audio format"),
    )
    return told(draw(st.sampled_from(choices)))


@st.composite
def answer_of_our_own(draw: st.DrawFn) -> Step:
    """A tool or a transfer comes back: the one that was asked for, or one that nobody asked for."""
    status = draw(st.sampled_from(get_args(events.TransferStatus)))
    strange = draw(st.sampled_from([False, False, False, True]))

    def step(checked: CheckedCall) -> None:
        if strange:
            checked.tell(events.ToolFinished("c0", "{}"))
            checked.tell(events.TransferFinished("c0", status))
        elif tools := checked.calls.running - {checked.attempts.rings}:
            checked.tell(events.ToolFinished(min(tools), "{}"))
        elif checked.attempts.rings is not None and not checked.attempts.answered:
            checked.tell(events.TransferFinished(checked.attempts.rings, status))
        elif checked.transfer is not None and not checked.moved:
            checked.tell(events.TransferFinished(checked.transfer.request_id, status))

    return step


@st.composite
def ringing(draw: st.DrawFn) -> Step:
    """Something happens to people who are rung, or to an attempt that nobody knows."""
    state = draw(st.sampled_from(["accepted", *get_args(AttemptState)]))
    strange = draw(st.sampled_from([False, False, False, True]))

    def step(checked: CheckedCall) -> None:
        attempts = checked.attempts
        if strange:
            checked.tell(AttemptChanged("c77", state, "Anna"))
        elif attempts.rings is not None and attempts.answered:
            checked.tell(AttemptChanged(attempts.rings, state, "Anna", "On Monday."))

    return step


def rings_beside(checked: CheckedCall) -> None:
    """The model lets people ring beside the talk, and they do."""
    if checked.active is None and checked.ready:
        response_id = own(checked, f"b{checked.now_ms}-{len(checked.calls.taken)}")
        wish = events.FunctionCall(f"c{len(checked.calls.taken)}", "transfer_to_human", '{"destination":"sales"}')
        checked.tell(events.ResponseCreated(response_id))
        checked.tell(events.ResponseDone(response_id, "completed", (wish,)))
        if checked.attempts.rings == wish.call_id:
            checked.tell(events.TransferFinished(wish.call_id, "ringing", people=2))


def plays(checked: CheckedCall) -> None:
    """The phone returns its next mark."""
    for mark in checked.phone.marks[:1]:
        checked.tell(events.MarkPlayed(mark))


def returns_cleared(checked: CheckedCall) -> None:
    for mark in checked.phone.cleared_marks[:1]:
        checked.tell(events.MarkPlayed(mark))


# --- what belongs together, so that the deeper states are reached too


@st.composite
def whole_response(draw: st.DrawFn) -> Step:
    """A response as the service makes it, in answer to a request or by itself, if there is none yet."""
    pieces = draw(st.lists(st.integers(20, 400), max_size=4))
    calls, status = draw(st.lists(st.tuples(tool_names, arguments), max_size=2)), draw(statuses)
    pause_ms, played, signed = draw(st.integers(0, 300)), draw(st.booleans()), draw(st.booleans())

    def step(checked: CheckedCall) -> None:
        if checked.active is not None:
            return
        response_id = own(checked, f"r{len(checked.calls.taken)}-{checked.now_ms}-{len(checked.phone.sent)}")
        checked.tell(events.ResponseCreated(response_id, signed and checked.asked))
        for ms in pieces:
            checked.wait(pause_ms)
            checked.audio(response_id, f"{response_id}/0", ms)
        for name, _ in calls:
            checked.tell(events.CallStarted(response_id, name))
        made = (events.FunctionCall(f"c{len(checked.calls.taken) + n}", *call) for n, call in enumerate(calls))
        checked.tell(events.ResponseDone(response_id, status, tuple(made), (f"{response_id}/0",) if pieces else ()))
        while played and checked.phone.marks:
            plays(checked)

    return step


@st.composite
def wish(draw: st.DrawFn) -> Step:
    """The model puts the caller through, or says goodbye, with a sentence or without one, which is heard or not yet."""
    name, ms, heard = draw(st.sampled_from(["transfer_to_human", "end_call"])), draw(milliseconds), draw(st.booleans())

    def step(checked: CheckedCall) -> None:
        if checked.active is not None:
            return
        response_id, call_id = (
            own(checked, f"w{len(checked.calls.taken)}-{checked.now_ms}"),
            f"c{len(checked.calls.taken)}",
        )
        checked.tell(events.ResponseCreated(response_id))
        if ms:
            checked.audio(response_id, f"{response_id}/0", ms)
        checked.tell(events.CallStarted(response_id, name))
        call = events.FunctionCall(call_id, name, "{}")
        checked.tell(events.ResponseDone(response_id, "completed", (call,), (f"{response_id}/0",)))
        while heard and checked.phone.marks:
            plays(checked)

    return step


@st.composite
def long_speech(draw: st.DrawFn) -> Step:
    """Two items, said in pieces with a mark each while the phone plays; the first one may be finished in between."""
    pieces = draw(st.lists(st.sampled_from(["0", "0", "1", "plays", "plays", "ends 0", "wait"]), max_size=12))

    def step(checked: CheckedCall) -> None:
        if checked.active is not None:
            return
        response_id = own(checked, f"s{checked.now_ms}")
        checked.tell(events.ResponseCreated(response_id))
        for piece in pieces:
            match piece:
                case "plays":
                    plays(checked)
                case "ends 0":
                    checked.tell(events.AudioFinished(response_id, f"{response_id}/0"))
                case "wait":
                    checked.wait(100)
                case number:
                    checked.audio(response_id, f"{response_id}/{number}", 250)
        checked.tell(events.ResponseDone(response_id, "completed", (), (f"{response_id}/0", f"{response_id}/1")))

    return step


def opens_again(checked: CheckedCall) -> None:
    """Another session takes the place of a lost one."""
    if not checked.ready:
        checked.tell(events.ModelOpened())
        checked.tell(READY)


def asks_with_a_key(checked: CheckedCall) -> None:
    checked.tell(events.KeyPressed("0"))
    checked.wait(1500)


@st.composite
def turn(draw: st.DrawFn) -> Step:
    ms = draw(st.integers(0, 2000))

    def step(checked: CheckedCall) -> None:
        checked.tell(events.SpeechStarted("u1"))
        checked.wait(ms)
        checked.tell(events.SpeechStopped("u1"))

    return step


@st.composite
def time(draw: st.DrawFn) -> Step:
    ms, stalled = draw(milliseconds), draw(st.sampled_from([False, False, True]))

    def step(checked: CheckedCall) -> None:
        checked.frame()
        checked.wait(ms, stalled=stalled)

    return step


@st.composite
def draining(draw: st.DrawFn) -> Step:
    pause_after_ms, patience_ms = draw(milliseconds), draw(milliseconds)
    return lambda checked: checked.drain(pause_after_ms, pause_after_ms + patience_ms)


steps = st.lists(
    st.one_of(
        audio(),
        audio(),
        response_done(),
        model_event(),
        model_event(),
        answer_of_our_own(),
        whole_response(),
        long_speech(),
        wish(),
        ringing(),
        ringing(),
        st.just(rings_beside),
        turn(),
        time(),
        time(),
        st.sampled_from([plays, returns_cleared]),
        st.just(CheckedCall.frame),
        st.just(asks_with_a_key),
        st.sampled_from([told(events.ModelOpened()), told(READY)]),
        st.just(opens_again),
        st.just(told(events.ModelLost("1006"))),
        st.sampled_from("0#5").map(lambda key: told(events.KeyPressed(key))),
        st.sampled_from("123").map(lambda mark: told(events.MarkPlayed(mark))),
    ),
    max_size=40,
)


@given(calls, beginnings, steps, st.none() | ending() | draining(), steps)
@settings(max_examples=4 * settings().max_examples)
def test_no_order_of_events_breaks_a_promise(
    opening: Opening, beginning: tuple[events.Event, ...], first: list[Step], end: Step | None, then: list[Step]
) -> None:
    checked = CheckedCall(opening)
    for event in beginning:
        checked.tell(event)

    for step in [*first, *([end] if end else []), *then]:
        step(checked)


@given(calls, beginnings, steps, st.none() | draining())
@settings(max_examples=2 * settings().max_examples)
def test_a_call_that_is_left_alone_ends(
    opening: Opening, beginning: tuple[events.Event, ...], happened: list[Step], end: Step | None
) -> None:
    checked = CheckedCall(opening)
    for event in beginning:
        checked.tell(event)
    for step in [*happened, *([end] if end else [])]:
        step(checked)

    for _ in range(LEFT_ALONE_STEPS):
        checked.wait((checked.call.deadline_ms or checked.now_ms) - checked.now_ms)

    assert checked.over
