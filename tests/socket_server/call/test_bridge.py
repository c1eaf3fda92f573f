"""Two sockets and the core: what is kept, what is carried out, what a defect does."""

import asyncio
import json
import logging
from typing import Any

import pytest

from socket_server.call.bridge import EARLY_EVENTS, Bridge, SlowWork
from socket_server.call.timer import now_ms
from socket_server.core.actions import Action, EndStream, OpenModel, RecordTurn
from socket_server.core.conversation import Conversation
from socket_server.core.errors import ProtocolError
from socket_server.core.events import DeadlinePassed, Draining, Event, PhoneStopped, ResponseCreated
from socket_server.core.measures import Measured, Measures
from socket_server.twilio.media_stream import MediaStreamWriter
from tests.socket_server.fakes import OPENAI, TARIFF, FakeModel, FakePhone
from tests.socket_server.scripts import AGENT, OPENING

UPDATE = b'{"type":"session.update"}'
UPDATED = {
    "type": "session.updated",
    "session": {"audio": {"input": {"format": {"type": "audio/pcmu"}}, "output": {"format": {"type": "audio/pcmu"}}}},
}
START = {
    "event": "start",
    "start": {
        "streamSid": "MZ1",
        "callSid": "CA1",
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {"token": "t"},
    },
}
CREATED = {"type": "response.created", "response": {"id": "r0"}}
STOP = {"event": "stop", "stop": {}}
KEY = {"event": "dtmf", "dtmf": {"digit": "5"}}


def delta(payload: str) -> object:
    return {"type": "response.output_audio.delta", "response_id": "r0", "item_id": "i0", "delta": payload}


GREETING = (
    delta("AAAA"),
    delta("BBBB"),
    {"type": "response.output_audio.done", "response_id": "r0", "item_id": "i0"},
    {"type": "response.done", "response": {"id": "r0", "status": "completed", "output": []}},
)


class Broken(Conversation):
    """A core with a defect."""

    def receive(self, event: Event, now_ms: int) -> list[Action]:
        raise RuntimeError(f"{event} at {now_ms}")


class Impatient(Conversation):
    """A core whose time for an answer is over."""

    def receive(self, event: Event, now_ms: int) -> list[Action]:
        return super().receive(event, now_ms + AGENT.limits.answer_seconds * 1000)


class Parts:
    """A bridge and what it connects."""

    def __init__(self, phone: FakePhone | None = None, **options: Any) -> None:
        self.phone, self.model = phone or FakePhone(), FakeModel()
        self.work: list[SlowWork] = []
        self.measured: list[Measured] = []
        self.told: list[tuple[Event, list[Action]]] = []
        self.bridge = Bridge(self.phone, OPENAI, self.work.append, self.measured.append, **options)

    def begin(self, kind: type[Conversation] = Conversation) -> None:
        self.phones(START)
        self.conversation = conversation = kind(AGENT, OPENING, "MZ1", now_ms())
        measures = Measures(conversation, TARIFF, now_ms())

        def measure(event: Event, actions: list[Action], at_ms: int) -> None:
            self.told.append((event, actions))
            self.measured.extend(measures.observe(event, actions, at_ms))

        self.bridge.begin(conversation, measure, MediaStreamWriter("MZ1"), UPDATE)

    def ready(self) -> None:
        """The talk has begun."""
        self.opens(self.model)
        self.begin()
        self.says(UPDATED)

    def opens(self, model: FakeModel, *, spare: bool = False) -> None:
        """The socket of the current line is there."""
        self.bridge.model_opened(self.bridge.line, model, spare=spare)

    def phones(self, *messages: object) -> None:
        for message in messages:
            self.bridge.phone_text(json.dumps(message).encode())

    def says(self, *messages: object) -> None:
        for message in messages:
            self.bridge.line.model_text(json.dumps(message).encode())


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


async def test_a_model_that_opens_after_the_end_is_closed() -> None:
    parts = Parts()
    parts.begin()
    parts.phones(STOP)
    parts.opens(parts.model)
    assert (parts.model.over, parts.model.sent) == (True, [])


async def test_a_model_that_was_given_up_while_it_opened_is_closed() -> None:
    parts = Parts()
    parts.begin(Impatient)
    parts.bridge.deliver(DeadlinePassed())
    parts.opens(parts.model)
    assert (parts.model.over, parts.model.sent) == (True, [])
    assert [measured.metric for measured in parts.measured] == ["Streams", "ModelLosses"]


async def test_a_model_that_was_given_up_while_it_opened_is_not_lost_once_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    parts = Parts()
    parts.begin(Impatient)
    parts.bridge.deliver(DeadlinePassed())
    parts.bridge.line.lose("no handshake within 5 s")
    assert [measured.metric for measured in parts.measured] == ["Streams", "ModelLosses"]
    assert [message for message in caplog.messages if "handshake" in message] == []


async def test_a_model_that_is_over_is_not_opened() -> None:
    parts = Parts()
    parts.model.over = True
    parts.bridge.line.lose("closed with 1000")
    parts.opens(parts.model)
    parts.begin()
    assert parts.work == [OpenModel()]
    assert parts.model.sent == []


@pytest.mark.parametrize("early", [True, False])
async def test_a_spare_that_is_lost_before_its_session_is_ready_is_replaced(
    early: bool, caplog: pytest.LogCaptureFixture
) -> None:
    parts, another = Parts(), FakeModel()
    if not early:
        parts.begin()
    parts.opens(parts.model, spare=True)
    parts.says(CREATED, delta("CCCC"))
    parts.bridge.line.lose("closed with 1001")
    if early:
        parts.begin()
    assert parts.work == [OpenModel(fresh=True)]
    parts.opens(another)
    parts.says(UPDATED, *GREETING)
    assert another.kinds == ["session.update", "response.create"]
    assert [message["media"]["payload"] for message in parts.phone.sent[:2]] == ["AAAA", "BBBB"]
    assert [record.levelname for record in caplog.records] == ["WARNING"]


async def test_a_lost_spare_is_replaced_once_even_if_the_service_refuses() -> None:
    parts = Parts()
    parts.begin()
    parts.opens(parts.model, spare=True)
    parts.bridge.line.lose("closed with 1001")
    parts.bridge.line.lose("HTTP 503")
    parts.bridge.line.lose("HTTP 503")
    assert [type(work).__name__ for work in parts.work] == ["OpenModel", "OpenModel", "Transfer"]


async def test_a_model_that_was_refused_for_good_is_not_asked_for_again() -> None:
    parts = Parts()
    parts.begin()
    parts.bridge.line.lose("HTTP 401", hopeless=True)
    assert [type(work).__name__ for work in parts.work] == ["Transfer"]


async def test_a_session_that_expired_is_closed_and_another_one_goes_on() -> None:
    parts, another = Parts(), FakeModel()
    parts.ready()
    parts.says({"type": "error", "error": {"code": "session_expired", "message": "60 minutes"}})
    assert (parts.work, parts.model.over) == ([OpenModel()], True)
    parts.opens(another)
    assert another.sent[0] == parts.model.sent[0]  # the same session is asked for


@pytest.mark.parametrize("early", [True, False])
async def test_a_spare_that_says_an_error_before_its_session_is_ready_is_replaced(early: bool) -> None:
    parts, another = Parts(), FakeModel()
    expired = {"type": "error", "error": {"code": "session_expired", "message": "too old"}}
    if not early:
        parts.begin()
    parts.opens(parts.model, spare=True)
    parts.says(expired)
    if early:
        parts.begin()
    assert (parts.work, parts.model.over) == ([OpenModel(fresh=True)], True)
    parts.opens(another)
    parts.says(expired)
    assert parts.work == [OpenModel(fresh=True), OpenModel()]  # the second attempt


@pytest.mark.parametrize("early", [True, False])
async def test_a_spare_that_sends_bad_messages_before_its_session_is_ready_is_replaced(early: bool) -> None:
    parts, another = Parts(), FakeModel()
    if not early:
        parts.begin()
    parts.opens(parts.model, spare=True)
    parts.says(*[[]] * 20)
    if early:
        parts.begin()
    assert (parts.work, parts.model.over) == ([OpenModel(fresh=True)], True)
    parts.opens(another)
    parts.says(*[[]] * 20)
    assert [type(work).__name__ for work in parts.work] == ["OpenModel", "Transfer"]


async def test_a_spare_in_use_that_is_lost_is_a_lost_model(caplog: pytest.LogCaptureFixture) -> None:
    parts = Parts()
    parts.begin()
    parts.opens(parts.model, spare=True)
    parts.says(UPDATED)
    parts.bridge.line.lose("closed with 1001")
    assert parts.work == [OpenModel()]
    assert [record.levelname for record in caplog.records] == ["ERROR"]


async def test_a_stream_that_ends_early_ends_as_the_call_begins_and_the_model_hears_nothing() -> None:
    parts = Parts()
    parts.opens(parts.model)
    parts.phones(START, STOP)
    parts.bridge.phone_lost()
    parts.begin()
    assert parts.bridge.ended.result() == EndStream("caller_gone", parts.bridge.ended.result().talked_ms)
    assert (parts.model.over, parts.model.sent) == (True, [])


async def test_a_greeting_that_comes_before_the_session_is_heard_whole_once_it_is_ready() -> None:
    parts = Parts()
    parts.begin()
    parts.opens(parts.model)
    parts.says(CREATED, *GREETING)
    assert parts.phone.sent == []
    parts.says(UPDATED)
    assert parts.phone.events == ["media", "media", "mark"]
    assert [message["media"]["payload"] for message in parts.phone.sent[:2]] == ["AAAA", "BBBB"]


async def test_a_greeting_before_a_session_of_another_format_is_never_heard() -> None:
    parts = Parts()
    parts.begin()
    parts.opens(parts.model)
    parts.says(CREATED, *GREETING, {"type": "session.updated", "session": {"audio": None}}, *GREETING)
    assert (parts.phone.sent, parts.model.over) == ([], True)


async def test_what_a_session_said_early_goes_with_it_when_it_failed_meanwhile() -> None:
    parts = Parts()
    parts.begin()
    parts.opens(parts.model)
    failed = {"id": "r0", "status": "failed", "status_details": {"error": {"code": "session_expired"}}}
    parts.says(
        CREATED,
        {"type": "response.done", "response": failed},
        {"type": "response.created", "response": {"id": "r1"}},
        UPDATED,
    )
    assert (parts.work, parts.model.over) == ([OpenModel()], True)
    assert [event for event, _ in parts.told if isinstance(event, ResponseCreated)] == [ResponseCreated("r0")]


async def test_a_model_that_talks_and_never_confirms_its_session_is_left_for_a_person() -> None:
    parts = Parts()
    parts.begin()
    parts.opens(parts.model)
    parts.says(CREATED, *[delta("A" * 65536)] * 40)
    assert (parts.phone.sent, parts.model.over) == ([], True)
    assert [type(work).__name__ for work in parts.work] == ["Transfer"]


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


@pytest.mark.parametrize("begun", [False, True])
async def test_too_many_bad_messages_of_the_model_closes_it_and_asks_for_a_person(*, begun: bool) -> None:
    parts = Parts()
    parts.opens(parts.model)
    if begun:
        parts.begin()
    parts.says(*[[]] * 20)
    if not begun:
        parts.begin()
    assert parts.model.over
    assert [type(work).__name__ for work in parts.work] == ["Transfer"]


@pytest.mark.parametrize("ready", [False, True])
async def test_a_model_whose_audio_comes_between_bad_messages_is_kept(*, ready: bool) -> None:
    parts = Parts()
    parts.begin()
    parts.opens(parts.model)
    if ready:
        parts.says(UPDATED)
    parts.says(CREATED, *[delta("AAAA"), []] * 20)
    assert not parts.model.over


@pytest.mark.parametrize("what", ["no start", "closed"])
async def test_a_stream_that_does_not_begin_with_start_is_refused(what: str) -> None:
    parts = Parts()
    if what == "no start":
        parts.phones([])
    else:
        parts.bridge.phone_lost()
    with pytest.raises(ProtocolError):
        await parts.bridge.started


async def test_what_is_said_of_a_line_that_was_replaced_changes_nothing() -> None:
    parts, another = Parts(), FakeModel()
    parts.ready()
    old = parts.bridge.line
    old.lose("closed with 1001")
    parts.opens(another)
    told = len(parts.told)

    old.model_text(json.dumps(UPDATED).encode())
    old.lose("closed once more")
    parts.bridge.model_opened(old, FakeModel())

    assert (len(parts.told), parts.work, another.over) == (told, [OpenModel()], False)


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


async def test_errors_of_the_model_are_logged_by_their_code_only(caplog: pytest.LogCaptureFixture) -> None:
    parts = Parts()
    parts.ready()
    parts.says({"type": "error", "error": {"code": "insufficient_quota", "message": "confidential"}})
    lines = [record.getMessage() for record in caplog.records]
    assert lines == ["model error: insufficient_quota", "model given up: error insufficient_quota"]


async def test_only_wanted_events_of_the_model_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    parts = Parts(log_event_types=frozenset({"session.updated"}))
    parts.ready()
    parts.says({"type": "response.created", "response": {"id": "r0"}})
    [line] = caplog.records
    assert line.getMessage().startswith("model event session.updated, ")
