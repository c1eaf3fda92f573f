"""Audio and most marks are no event; to make one of every mark must come to the same, in whatever order they come."""

import asyncio
from base64 import b64encode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from socket_server.core.conversation import Conversation
from socket_server.core.events import MarkPlayed
from tests.socket_server.call.parts import CREATED, KEY, STOP, UPDATED, Parts, delta

AUDIO = {size: b64encode(b"\xff" * size).decode() for size in (160, 1600)}
"""Base64 text of so many bytes."""
ENDS = {"type": "response.done", "response": {"id": "r0", "status": "completed", "output": []}}
WRONG = {"type": "response.output_audio.delta", "response_id": "r0", "item_id": "i0"}

FROM_PHONE: tuple[object, ...] = (
    {"event": "media", "media": {"payload": AUDIO[160]}},
    {"event": "media", "media": {"payload": ""}},
    {"event": "media", "media": {"payload": 7}},
    {"event": "media"},
    *({"event": "mark", "mark": {"name": str(number)}} for number in range(1, 5)),
    {"event": "mark", "mark": {}},
    {"event": "of tomorrow"},
    KEY,
    STOP,
    [],
)
FROM_MODEL: tuple[object, ...] = (
    UPDATED,
    CREATED,
    {**CREATED, "response": {"id": "r1"}},
    delta(AUDIO[160]),
    delta(AUDIO[1600]),
    {**WRONG, "response_id": "r1", "item_id": "i1", "delta": AUDIO[1600]},
    delta(""),
    {**WRONG, "delta": 7},
    WRONG,
    {"type": "response.output_audio.done", "response_id": "r0", "item_id": "i0"},
    {"type": "input_audio_buffer.speech_started", "item_id": "u0"},
    {"type": "input_audio_buffer.speech_stopped", "item_id": "u0"},
    ENDS,
    {"type": "of.tomorrow"},
    [],
)

CLOCKS = ("socket_server.call.bridge", "tests.socket_server.call.parts")

type Step = tuple[bool, object, int]
"""From the phone, not the model; what; how many milliseconds later."""

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just(True), st.sampled_from(FROM_PHONE), st.integers(0, 400)),
        st.tuples(st.just(False), st.sampled_from(FROM_MODEL), st.integers(0, 400)),
    ),
    max_size=40,
)
TALK: list[Step] = [(False, each, 0) for each in (UPDATED, CREATED)]
INTERRUPTED: list[Step] = [
    *((False, delta(AUDIO[1600]), 0) for _ in range(3)),
    (True, {"event": "mark", "mark": {"name": "1"}}, 210),
    (False, {"type": "input_audio_buffer.speech_started", "item_id": "u0"}, 90),
    (False, delta(AUDIO[1600]), 10),
]

TWO_ITEMS: list[Step] = [
    *((False, delta(AUDIO[1600]), 0) for _ in range(2)),
    (True, {"event": "mark", "mark": {"name": "1"}}, 0),
    (False, {**WRONG, "response_id": "r1", "item_id": "i1", "delta": AUDIO[1600]}, 1),
]


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000

    def __call__(self) -> int:
        return self.now


class EveryMark(Conversation):
    """Each mark is an event, also where it decides nothing."""

    def mark_played(self, mark: str, now_ms: int) -> bool:
        super().mark_played(mark, now_ms)
        return True


async def told(steps: list[Step], clock: Clock, kind: type[Conversation]) -> tuple[object, ...]:
    """All that both peers and the call were told."""
    parts = Parts()
    bridge = parts.bridge
    parts.opens(parts.model)
    parts.begin(kind)
    for by_phone, message, later_ms in steps:
        clock.now += later_ms
        (parts.phones if by_phone else parts.says)(message)
    ended = bridge.ended.result() if bridge.ended.done() else None
    return parts.phone.sent, parts.model.sent, parts.model.over, parts.measured, ended


@given(st.booleans().flatmap(lambda talks: STEPS.map(lambda steps: [*(TALK if talks else []), *steps])))
@example(TALK + INTERRUPTED)
@example(TALK + TWO_ITEMS)
@settings(max_examples=300, deadline=None)
def test_a_mark_that_decides_nothing_needs_no_event(steps: list[Step]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        found = []
        for kind in (Conversation, EveryMark):
            clock = Clock()
            for module in CLOCKS:
                patch.setattr(f"{module}.now_ms", clock)
            found.append(asyncio.run(told(steps, clock, kind)))
    assert found[0] == found[1]


def test_what_is_compared_is_a_talk() -> None:
    """Else the two could agree on nothing."""
    with pytest.MonkeyPatch.context() as patch:
        clock = Clock()
        for module in CLOCKS:
            patch.setattr(f"{module}.now_ms", clock)
        phone, model, *_ = asyncio.run(told(TALK + INTERRUPTED, clock, Conversation))
    assert isinstance(phone, list)
    assert isinstance(model, list)
    assert [message["event"] for message in phone] == ["media", "mark"] * 3 + ["clear"]
    assert [message["audio_end_ms"] for message in model if "audio_end_ms" in message] == [290]


async def test_most_marks_and_all_audio_are_no_event() -> None:
    """Else what is compared were the same."""
    parts = Parts()
    parts.ready()
    parts.says(CREATED, delta(AUDIO[1600]), delta(AUDIO[1600]))
    parts.told.clear()
    parts.phones(FROM_PHONE[0], {"event": "mark", "mark": {"name": "1"}})
    parts.says(delta(AUDIO[1600]))
    assert parts.told == []
    parts.phones(*({"event": "mark", "mark": {"name": name}} for name in ("2", "3")))
    assert [event for event, _ in parts.told] == [MarkPlayed("3")]
