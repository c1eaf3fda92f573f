"""How many messages that mean nothing a peer may send in a row."""

import pytest

from socket_server.call.bad_message_limit import ALLOWED, WITHIN_MS, BadMessageLimit


def test_a_few_are_forgiven_and_one_too_many_is_not() -> None:
    limit = BadMessageLimit("phone")
    assert [limit.exceeded("x", 0) for _ in range(ALLOWED + 2)] == [False] * ALLOWED + [True, True]


def test_many_over_a_long_call_are_forgiven() -> None:
    limit = BadMessageLimit("phone")
    assert not any(limit.exceeded("x", at_ms) for at_ms in range(0, 100 * WITHIN_MS, WITHIN_MS // ALLOWED))


def test_a_peer_that_makes_sense_in_between_is_kept() -> None:
    told, shown = BadMessageLimit("model"), BadMessageLimit("phone")
    for at_ms in range(1000):
        assert not told.exceeded("x", at_ms)
        if at_ms % ALLOWED == 0:
            told.note_good(at_ms)
        assert not shown.exceeded("x", at_ms, good_ms=at_ms - ALLOWED)


def test_what_made_sense_before_is_no_excuse() -> None:
    limit = BadMessageLimit("model")
    limit.note_good(0)
    assert [limit.exceeded("x", 1, good_ms=0) for _ in range(ALLOWED + 1)] == [False] * ALLOWED + [True]


def test_the_log_of_a_peer_that_is_kept_is_not_filled(caplog: pytest.LogCaptureFixture) -> None:
    limit = BadMessageLimit("model")
    for at_ms in range(0, 2 * WITHIN_MS, 20):
        limit.exceeded("x", at_ms)
        limit.note_good(at_ms)
    assert len(caplog.records) == 2 * ALLOWED


def test_a_peer_that_was_given_up_stays_so() -> None:
    limit = BadMessageLimit("phone")
    for _ in range(ALLOWED + 1):
        limit.exceeded("x", 0)
    assert limit.exceeded("x", 100 * WITHIN_MS)


def test_the_log_has_the_reasons_and_is_not_filled(caplog: pytest.LogCaptureFixture) -> None:
    limit = BadMessageLimit("model")
    for at_ms in range(1000):
        limit.exceeded(f"reason {at_ms}", at_ms)
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == ALLOWED + 1
    assert lines[0] == "bad message of the model: reason 0"
    assert lines[-1] == "bad message of the model: reason 10; more than 10 within 60 s: given up"
