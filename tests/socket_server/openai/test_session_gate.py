"""What the model says before its session is ready, and after."""

import json

import pytest

from socket_server.core.errors import ProtocolError
from socket_server.core.events import ErrorKind, ModelError, ResponseCreated, SessionUpdated
from socket_server.openai.session_gate import SessionGate

CREATED = json.dumps({"type": "response.created", "response": {"id": "r0"}}).encode()
UPDATED = json.dumps({"type": "session.updated", "session": {}}).encode()


def test_a_ready_session_is_read_at_once() -> None:
    assert SessionGate().read(CREATED, session_ready=True) == ResponseCreated("r0")


def test_what_comes_too_early_is_kept_in_order_and_taken_once() -> None:
    words, delta = (
        SessionGate(),
        b'{"type":"response.output_audio.delta","response_id":"r0","item_id":"i","delta":"AA"}',
    )
    assert [words.read(text, session_ready=False) for text in (CREATED, delta)] == [None, None]
    assert words.take_early() == [CREATED, delta]
    assert words.take_early() == []


def test_only_the_session_and_errors_are_read_before_it_is_ready() -> None:
    words = SessionGate()
    assert words.read(UPDATED, session_ready=False) == SessionUpdated(None, None)
    error = b'{"type":"error","error":{"code":"insufficient_quota"}}'
    assert words.read(error, session_ready=False) == ModelError(ErrorKind.ACCOUNT, "insufficient_quota")
    assert words.read(b'{"type":"session.created","session":{}}', session_ready=False) is None
    assert words.take_early() == []


def test_too_much_is_refused_and_what_came_before_stays() -> None:
    words = SessionGate(early_bytes=len(CREATED))
    words.read(CREATED, session_ready=False)
    with pytest.raises(ProtocolError, match=f"more than {len(CREATED)} bytes before `session.updated`"):
        words.read(CREATED, session_ready=False)
    assert words.take_early() == [CREATED]
    words.read(CREATED, session_ready=False)
    assert words.take_early() == [CREATED]


def test_garbage_is_told_at_once() -> None:
    with pytest.raises(ProtocolError):
        SessionGate().read(b"garbage", session_ready=False)


def test_a_wanted_event_is_logged_once_when_it_is_read(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    words = SessionGate(frozenset({"response.created"}))
    words.read(CREATED, session_ready=False)
    words.read(CREATED, session_ready=True)
    words.read(UPDATED, session_ready=True)
    assert caplog.messages == [f"model event response.created, {len(CREATED)} bytes"]
