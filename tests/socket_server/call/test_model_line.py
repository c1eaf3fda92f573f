"""The line to the model: what is kept until its session is ready, and what comes of one that is lost or given up."""

import base64
import hashlib
import json
import logging

import pytest

from sandbox.openai.audio_formats import OutputAudio
from sandbox.speech.voices.lines import line
from socket_server.call.model_line import NOISE
from socket_server.core.actions import Action, OpenModel, Transfer
from socket_server.core.conversation import Conversation
from socket_server.core.events import DeadlinePassed, Event, ResponseCreated
from tests.socket_server.call.parts import CREATED, GREETING, STOP, UPDATED, Parts, delta
from tests.socket_server.fakes import FakeModel
from tests.socket_server.scripts import AGENT

PCM16 = OutputAudio("audio/pcm").encode(line("greeting").audio)


class Impatient(Conversation):
    """A core whose time for an answer is over."""

    def receive(self, event: Event, now_ms: int) -> list[Action]:
        return super().receive(event, now_ms + AGENT.limits.answer_seconds * 1000)


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
    assert [measured.metric for measured in parts.measured] == ["Streams", "ModelLosses", "ModelFailures"]


async def test_a_model_that_was_given_up_while_it_opened_is_not_lost_once_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    parts = Parts()
    parts.begin(Impatient)
    parts.bridge.deliver(DeadlinePassed())
    parts.bridge.line.lose("no handshake within 5 s")
    assert [measured.metric for measured in parts.measured] == ["Streams", "ModelLosses", "ModelFailures"]
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


async def test_errors_of_the_model_are_logged_by_their_code_only(caplog: pytest.LogCaptureFixture) -> None:
    parts = Parts()
    parts.ready()
    parts.says({"type": "error", "error": {"code": "insufficient_quota", "message": "confidential"}})
    lines = [record.getMessage() for record in caplog.records]
    assert lines == ["model error: insufficient_quota", "model given up: error insufficient_quota"]


async def test_only_wanted_events_of_the_model_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    parts = Parts(log_event_types=frozenset({"response.created"}))
    parts.ready()
    created = json.dumps({"type": "response.created", "response": {"id": "r0"}}).encode()
    parts.bridge.line.model_text(created)
    [line] = caplog.records
    digest = hashlib.blake2b(created, digest_size=8).hexdigest()
    assert line.getMessage() == f"model event response.created, {len(created)} bytes, {digest}"


async def test_pcm16_in_a_session_of_mu_law_is_one_error_and_the_end_of_the_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    parts = Parts()
    parts.ready()
    parts.says(CREATED)
    pieces = [base64.b64encode(PCM16[start : start + 960]).decode() for start in range(0, len(PCM16), 960)]
    parts.says(*(delta(piece) for piece in pieces))

    assert [record.levelname for record in caplog.records if record.message == f"model lost: {NOISE}"] == ["ERROR"]
    assert parts.model.over
    assert parts.phone.events[-1] == "clear"
    assert parts.phone.events.count("media") < 7  # a tenth of a second: the rest never left
    assert {"ModelLosses", "ModelFailures"} <= {measured.metric for measured in parts.measured}
    assert isinstance(parts.work[-1], Transfer)


async def test_speech_in_mu_law_is_passed_on_whole() -> None:
    parts = Parts()
    parts.ready()
    speech = line("greeting").audio
    parts.says(
        CREATED, *(delta(base64.b64encode(speech[start : start + 160]).decode()) for start in range(0, 16_000, 160))
    )
    assert (
        b"".join(base64.b64decode(each["media"]["payload"]) for each in parts.phone.sent if each["event"] == "media")
        == speech[:16_000]
    )
