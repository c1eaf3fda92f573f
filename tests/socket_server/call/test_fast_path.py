"""The short way against the plain one: whatever comes in whatever order, both must do the same."""

import asyncio
import json
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.socket_server.call.test_bridge import CREATED, KEY, STOP, UPDATED, Parts, delta

AUDIO = {160: "/" * 212 + "//8=", 1600: "/" * 2132 + "//8="}
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

CLOCKS = ("socket_server.call.bridge", "tests.socket_server.call.test_bridge")

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


def short(frame: Callable[[bytes], bool], text: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """What a socket does with a message."""
    return lambda message: None if frame(message) else text(message)


async def told(steps: list[Step], clock: Clock, *, plain: bool) -> tuple[object, ...]:
    """All that both peers and the call were told."""
    parts = Parts()
    bridge = parts.bridge
    from_phone = bridge.phone_text if plain else short(bridge.phone_frame, bridge.phone_text)
    from_model = bridge.model_text if plain else short(bridge.model_frame, bridge.model_text)
    bridge.model_opened(parts.model)
    parts.begin()
    for by_phone, message, later_ms in steps:
        clock.now += later_ms
        (from_phone if by_phone else from_model)(json.dumps(message).encode())
    ended = bridge.ended.result() if bridge.ended.done() else None
    return parts.phone.sent, parts.model.sent, parts.model.over, parts.measured, ended


@given(st.booleans().flatmap(lambda talks: STEPS.map(lambda steps: [*(TALK if talks else []), *steps])))
@example(TALK + INTERRUPTED)
@example(TALK + TWO_ITEMS)
@settings(max_examples=300, deadline=None)
def test_the_short_way_does_what_the_plain_one_does(steps: list[Step]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        found = []
        for plain in (False, True):
            clock = Clock()
            for module in CLOCKS:
                patch.setattr(f"{module}.now_ms", clock)
            found.append(asyncio.run(told(steps, clock, plain=plain)))
    assert found[0] == found[1]


def test_what_is_compared_is_a_talk() -> None:
    """Else the two could agree on nothing."""
    with pytest.MonkeyPatch.context() as patch:
        clock = Clock()
        for module in CLOCKS:
            patch.setattr(f"{module}.now_ms", clock)
        phone, model, *_ = asyncio.run(told(TALK + INTERRUPTED, clock, plain=False))
    assert isinstance(phone, list)
    assert isinstance(model, list)
    assert [message["event"] for message in phone] == ["media", "mark"] * 3 + ["clear"]
    assert [message["audio_end_ms"] for message in model if "audio_end_ms" in message] == [290]


async def test_what_is_to_be_logged_does_not_take_the_short_way() -> None:
    parts = Parts(log_event_types=frozenset({"response.output_audio.delta"}))
    parts.ready()
    parts.says(CREATED)
    assert not parts.bridge.model_frame(json.dumps(delta(AUDIO[160])).encode())


async def test_a_talk_takes_the_short_way() -> None:
    """Else what is compared were one way."""
    parts = Parts()
    parts.ready()
    parts.says(CREATED, delta(AUDIO[1600]), delta(AUDIO[1600]))
    parts.phones({"event": "mark", "mark": {"name": "1"}})  # tells the core that the caller hears their answer
    bridge, heard, said = parts.bridge, len(parts.phone.sent), len(parts.model.sent)
    frames = (
        (bridge.model_frame, delta(AUDIO[1600])),
        (bridge.phone_frame, {"event": "mark", "mark": {"name": "2"}}),
        (bridge.phone_frame, FROM_PHONE[0]),
    )
    assert [frame(json.dumps(message).encode()) for frame, message in frames] == [True] * len(frames)
    assert parts.phone.events[heard:] == ["media", "mark"]
    assert [message["type"] for message in parts.model.sent[said:]] == ["input_audio_buffer.append"]
