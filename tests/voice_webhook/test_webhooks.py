"""The first webhook of a call, and the reports about its streams, through the real handler."""

import pytest

from call_record import Call, CallTable
from tests.lambdas import make_count, read_metrics
from tests.voice_webhook.conftest import CALL, ORIGIN, ask, read_log

FAILED = {"StreamEvent": "stream-error", "StreamSid": "MZ1"}


def test_a_call_opens_a_stream_that_leads_back_here_when_it_ends(table: CallTable) -> None:
    answer = ask("/voice/incoming", CallStatus="ringing")

    jti = answer.token["jti"]
    after = f"{ORIGIN}/voice/after-stream?stream={jti}"
    connect, redirect = answer.xml
    (stream,) = connect
    assert (connect.tag, connect.attrib) == ("Connect", {"action": after, "method": "POST"})
    assert stream.attrib == {
        "url": "wss://stream.example.com/media-stream",
        "statusCallback": f"{ORIGIN}/voice/stream-status",
    }
    assert (redirect.tag, redirect.attrib, redirect.text) == ("Redirect", {"method": "POST"}, after)
    call = table.read(CALL).call
    assert call == Call("+15550100001", "+15550100000", answer.body, call.started_at_ms if call else 0)


def test_the_token_is_for_this_call_and_good_for_two_minutes(table: CallTable) -> None:  # noqa: ARG001
    token = ask("/voice/incoming").token

    assert (token["sub"], token["aud"], token["again"]) == (CALL, "media-stream", False)
    assert token["exp"] - token["iat"] == 120


def test_a_repeated_webhook_gets_the_identical_document(table: CallTable) -> None:  # noqa: ARG001
    assert ask("/voice/incoming") == ask("/voice/incoming", CallStatus="in-progress", Caller="+15550100001")


@pytest.mark.usefixtures("no_database")
def test_without_a_database_a_call_still_opens_a_stream() -> None:
    answer = ask("/voice/incoming")

    assert answer.verbs == ["Connect", "Redirect"]
    assert answer.token["sub"] == CALL


@pytest.mark.usefixtures("silent_database")
def test_a_database_that_does_not_answer_is_not_waited_for() -> None:
    assert ask("/voice/incoming").token["sub"] == CALL


@pytest.mark.usefixtures("aws")
def test_a_queue_is_waited_in_for_the_seconds_that_the_url_says() -> None:
    assert ask("/voice/queue-wait?seconds=20").verbs == ["Say", "Pause", "Say", "Pause", "Leave"]
    assert ask("/voice/queue-wait").verbs == ["Leave"]


@pytest.mark.usefixtures("aws")
def test_a_failed_stream_is_logged_with_twilio_s_reason(caplog: pytest.LogCaptureFixture) -> None:
    answer = ask("/voice/stream-status", StreamEvent="stream-error", StreamError="31920", StreamSid="MZ1")

    assert (answer.status, answer.body) == (204, "")
    assert "31920" in read_log(caplog)
    assert "+1555" not in read_log(caplog)


@pytest.mark.usefixtures("aws")
def test_the_end_of_a_stream_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")

    assert ask("/voice/stream-status", StreamEvent="stream-stopped", StreamSid="MZ1").status == 204
    assert "stream-stopped" in read_log(caplog)


def test_a_call_is_counted_once(table: CallTable, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ARG001
    ask("/voice/incoming", CallStatus="ringing")
    ask("/voice/incoming", CallStatus="ringing")

    assert read_metrics(capsys.readouterr().out) == [make_count("Calls")]


@pytest.mark.usefixtures("no_database")
def test_a_call_is_counted_without_a_database(capsys: pytest.CaptureFixture[str]) -> None:
    ask("/voice/incoming")

    assert read_metrics(capsys.readouterr().out) == [make_count("Calls")]


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("code", ["31920", "31903", "31921", "31930"])
def test_a_failed_stream_is_counted_by_its_code(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    ask("/voice/stream-status", FAILED, StreamError=f"{code} - Stream - WebSocket")

    assert read_metrics(capsys.readouterr().out) == [
        make_count("StreamErrors"),
        make_count("StreamErrorsByCode", code=code),
    ]


def test_a_close_that_is_recorded_is_no_error(
    table: CallTable, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    table.claim_stream(CALL, "j1", "MZ1")
    table.end_stream(CALL, "j1", "goodbye", 30_000)

    ask("/voice/stream-status", FAILED, StreamError="31921 - Stream - WebSocket - Close Error")

    assert read_metrics(capsys.readouterr().out) == []
    assert "ERROR" not in caplog.text


def test_another_error_of_a_stream_that_was_closed_is_one(table: CallTable, capsys: pytest.CaptureFixture[str]) -> None:
    table.claim_stream(CALL, "j1", "MZ1")
    table.end_stream(CALL, "j1", "goodbye", 30_000)

    ask("/voice/stream-status", FAILED, StreamError="31924")

    assert make_count("StreamErrors") in read_metrics(capsys.readouterr().out)


@pytest.mark.usefixtures("no_database")
def test_a_close_of_which_nobody_can_tell_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert ask("/voice/stream-status", FAILED, StreamError="31921").status == 204

    assert make_count("StreamErrors") in read_metrics(capsys.readouterr().out)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("event", ["stream-started", "stream-stopped", ""])
def test_a_stream_that_did_not_fail_is_not_counted(event: str, capsys: pytest.CaptureFixture[str]) -> None:
    ask("/voice/stream-status", StreamEvent=event, StreamSid="MZ1")

    assert read_metrics(capsys.readouterr().out) == []
