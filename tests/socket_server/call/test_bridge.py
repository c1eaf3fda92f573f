"""Two sockets and the core: what is kept, what is carried out, what a defect does."""

import asyncio

import pytest

from socket_server.call.bridge import EARLY_EVENTS
from socket_server.call.timer import now_ms
from socket_server.core.actions import Action, EndStream, OpenModel, RecordTurn
from socket_server.core.conversation import Conversation
from socket_server.core.errors import ProtocolError
from socket_server.core.events import DeadlinePassed, Draining, Event, PhoneStopped
from socket_server.core.measures import Measured
from tests.socket_server.call.parts import CREATED, KEY, START, STOP, UPDATED, Parts, delta
from tests.socket_server.fakes import FakeModel, FakePhone


class Broken(Conversation):
    """A core with a defect."""

    def receive(self, event: Event, now_ms: int) -> list[Action]:
        raise RuntimeError(f"{event} at {now_ms}")


async def test_the_model_is_told_nothing_before_the_call_begins() -> None:
    parts = Parts()
    parts.opens(parts.model)
    assert parts.model.sent == []
    parts.begin()
    assert parts.model.kinds == ["session.update", "response.create"]


async def test_a_model_that_opens_late_is_told_at_once() -> None:
    parts = Parts()
    parts.begin()
    parts.opens(parts.model)
    assert parts.model.kinds == ["session.update", "response.create"]


async def test_a_session_that_expired_is_closed_and_another_one_goes_on() -> None:
    parts, another = Parts(), FakeModel()
    parts.ready()
    parts.says({"type": "error", "error": {"code": "session_expired", "message": "60 minutes"}})
    assert (parts.work, parts.model.over) == ([OpenModel()], True)
    parts.opens(another)
    assert another.sent[0] == parts.model.sent[0]  # the same session is asked for


async def test_a_stream_that_ends_early_ends_as_the_call_begins_and_the_model_hears_nothing() -> None:
    parts = Parts()
    parts.opens(parts.model)
    parts.phones(START, STOP)
    parts.bridge.phone_lost()
    parts.begin()
    assert parts.bridge.ended.result() == EndStream("caller_gone", parts.bridge.ended.result().talked_ms)
    assert (parts.model.over, parts.model.sent) == (True, [])


async def test_of_too_many_early_events_the_last_ones_count() -> None:
    parts = Parts()
    parts.phones(*[KEY] * 10 * EARLY_EVENTS, STOP)
    parts.begin()
    assert parts.bridge.ended.result().reason == "caller_gone"


async def test_what_a_phone_repeats_before_the_call_begins_fills_no_memory() -> None:
    parts = Parts()
    parts.phones(*[{"event": "mark", "mark": {"name": "x"}}, STOP] * 10 * EARLY_EVENTS)
    parts.begin()
    assert [event for event, _ in parts.told] == [PhoneStopped()]


async def test_a_process_that_goes_early_ends_the_call_as_draining() -> None:
    parts = Parts()
    parts.phones(START)
    parts.bridge.deliver(Draining(now_ms(), now_ms()))
    parts.begin()
    assert parts.bridge.ended.result().reason == "draining"


@pytest.mark.parametrize("begun", [False, True])
async def test_too_many_bad_messages_of_the_phone_ends_the_stream(*, begun: bool) -> None:
    parts = Parts()
    if begun:
        parts.begin()
    parts.phones(START, *[[]] * 20)
    if not begun:
        parts.begin()
    assert parts.bridge.ended.result().reason == "stream_lost"


@pytest.mark.parametrize("what", ["no start", "closed"])
async def test_a_stream_that_does_not_begin_with_start_is_refused(what: str) -> None:
    parts = Parts()
    if what == "no start":
        parts.phones([])
    else:
        parts.bridge.phone_lost()
    with pytest.raises(ProtocolError):
        await parts.bridge.started


class UnableToSend(FakePhone):
    """A phone's socket with a defect: it fails at this event."""

    def __init__(self, event: str) -> None:
        super().__init__()
        self._event = event

    def send_text(self, *texts: bytes) -> None:
        super().send_text(*texts)
        if self._event in self.events:
            raise RuntimeError(texts)


class Counting(Conversation):
    """A core that notes what is counted into its ledger."""

    counted: list[int]

    def model_audio(self, response_id: str, item_id: str, audio_bytes: int, now_ms: int) -> str | None:
        mark = super().model_audio(response_id, item_id, audio_bytes, now_ms)
        self.counted = [*getattr(self, "counted", []), audio_bytes]
        return mark


async def test_audio_that_cannot_be_written_is_counted_once_and_ends_the_call() -> None:
    parts = Parts(UnableToSend("media"))
    parts.opens(parts.model)
    parts.begin(Counting)
    parts.says(UPDATED, CREATED, delta("/" * 212 + "/w=="))

    assert isinstance(parts.conversation, Counting)
    assert parts.conversation.counted == [160]
    assert parts.bridge.ended.result().reason == "internal_error"


@pytest.mark.parametrize("defect", ["media", "clear"])  # in audio, and in what the core orders
async def test_what_was_said_until_a_defect_is_recorded_once_and_the_call_is_measured(defect: str) -> None:
    parts = Parts(UnableToSend(defect))
    parts.ready()
    words = {"type": "response.output_audio_transcript.delta", "item_id": "i0", "delta": "Your order is ready."}
    response = {"id": "r0", "status": "completed", "output": [{"type": "message", "id": "i0"}]}
    done = {"type": "response.done", "response": response}
    parts.says(CREATED, words, delta("AAAA"), done, {"type": "input_audio_buffer.speech_started", "item_id": "i1"})

    assert parts.bridge.ended.result().reason == "internal_error"
    [turn] = [work for work in parts.work if isinstance(work, RecordTurn)]
    assert (turn.speaker, turn.said) == ("model", "Your order is ready.")
    assert [measured.metric for measured in parts.measured].count("CallMs") == 1


async def test_a_line_that_sends_nothing_is_filled_with_silence_until_the_call_ends() -> None:
    class Asked(FakeModel):
        def send_text(self, text: bytes) -> None:
            super().send_text(text)
            if self.audio:
                filled.set()

    filled = asyncio.Event()
    parts = Parts()
    parts.model = Asked()
    parts.ready()
    await asyncio.wait_for(filled.wait(), 10)
    parts.phones(STOP)
    told = len(parts.model.sent)
    await asyncio.sleep(0.25)  # timers are in order: a look that is still due comes before
    assert len(parts.model.sent) == told


async def test_a_defect_in_filling_a_silent_line_ends_the_call() -> None:
    class UnableToHear(FakeModel):
        def send_text(self, text: bytes) -> None:
            super().send_text(text)
            if self.audio:
                raise RuntimeError(text)

    parts = Parts()
    parts.model = UnableToHear()
    parts.ready()
    end = await asyncio.wait_for(parts.bridge.ended, 10)
    assert (end.reason, parts.model.over) == ("internal_error", True)


async def test_a_second_start_changes_nothing() -> None:
    parts = Parts()
    parts.phones(START, START | {"start": START["start"] | {"callSid": "CA2"}})  # type: ignore[operator]  # a dict
    assert parts.bridge.started.result().call_sid == "CA1"


async def test_a_defect_of_the_core_ends_the_call_and_closes_the_model(caplog: pytest.LogCaptureFixture) -> None:
    parts = Parts()
    parts.opens(parts.model)
    parts.begin(Broken)
    parts.bridge.deliver(DeadlinePassed())
    assert parts.bridge.ended.result() == EndStream("internal_error", 0)
    assert parts.model.over
    assert "Traceback" in caplog.text
    parts.bridge.deliver(DeadlinePassed())
    parts.phones(STOP)  # nothing more happens


async def test_a_defect_before_the_call_begins_ends_it_as_it_begins() -> None:
    parts = Parts()
    parts.opens(parts.model)
    parts.phones(START, STOP)
    parts.begin(Broken)
    assert parts.bridge.ended.result().reason == "internal_error"
    assert (parts.model.over, parts.model.sent) == (True, [])


@pytest.mark.parametrize("early", [True, False])
async def test_a_stream_and_the_model_it_got_are_counted(early: bool) -> None:
    parts = Parts()
    if early:
        parts.opens(parts.model)
    assert parts.measured == []
    parts.begin()
    if not early:
        parts.opens(parts.model)
    assert parts.measured == [Measured("Streams"), Measured("ModelConnects")]


async def test_what_happens_is_told_to_be_measured() -> None:
    parts = Parts()
    parts.ready()
    parts.told.clear()
    parts.phones(STOP)
    ((event, actions),) = parts.told
    assert (event, [type(action) for action in actions][-1]) == (PhoneStopped(), EndStream)


class Unclosable(FakeModel):
    """A socket with a defect."""

    def close(self) -> None:
        raise RuntimeError("a defect of ours")


async def test_a_call_has_ended_also_if_the_models_socket_cannot_be_closed() -> None:
    parts = Parts()
    parts.model = Unclosable()
    parts.ready()

    parts.phones(STOP)

    assert parts.bridge.ended.done()
