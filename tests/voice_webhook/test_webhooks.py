"""Each of Twilio's requests, through the real handler: the document, and what is recorded."""

import pytest

from call_record import Attempt, Call, CallTable
from tests.voice_webhook.conftest import CALL, ORIGIN, Invoked, ask, logged

PERSON = "<Response><Dial>person</Dial></Response>"


def last_attempt(table: CallTable) -> Attempt:
    return table.read(CALL).attempts[-1]


# --- incoming


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

    assert (token["sub"], token["aud"]) == (CALL, "media-stream")
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


# --- after-stream


@pytest.mark.parametrize("status", ["completed", "busy", "failed", "no-answer", "canceled"])
def test_for_a_caller_who_has_hung_up_nothing_is_done(table: CallTable, transfer: Invoked, status: str) -> None:
    table.end_stream(CALL, "j1", "model_failed", 0)
    before = table.read(CALL)

    assert ask("/voice/after-stream?stream=j1", CallStatus=status).verbs == []
    assert table.read(CALL) == before
    assert transfer.requests == []


def test_after_a_goodbye_the_call_is_over(table: CallTable) -> None:
    table.end_stream(CALL, "j1", "goodbye", 1000)

    assert ask("/voice/after-stream?stream=j1").verbs == ["Hangup"]


def test_a_container_that_died_is_followed_by_a_stream_of_its_own_name(table: CallTable) -> None:
    table.claim_stream(CALL, "j1", "MZ1")

    answer = ask("/voice/after-stream?stream=j1")

    assert answer.verbs == ["Connect", "Redirect"]
    assert answer.token["sub"] == CALL
    assert answer.token["jti"] != "j1"


def test_one_decision_is_made_for_a_stream_and_repeated(table: CallTable) -> None:
    table.claim_stream(CALL, "j1", "MZ1")
    first = ask("/voice/after-stream?stream=j1")
    table.end_stream(CALL, "j1", "goodbye", 0)

    assert ask("/voice/after-stream?stream=j1") == first
    assert table.read(CALL).streams[0].decision == first.body


def test_a_failed_model_is_followed_by_a_person(table: CallTable, transfer: Invoked) -> None:
    table.end_stream(CALL, "j1", "model_failed", 0)

    assert ask("/voice/after-stream?stream=j1").body == PERSON
    assert ask("/voice/after-stream?stream=j1").body == PERSON
    (request,) = transfer.requests
    assert request == {
        "action": "next",
        "call_sid": CALL,
        "cause": "model_failed",
        "request_id": request["request_id"],
    }


def test_two_streams_ask_for_two_attempts(table: CallTable, transfer: Invoked) -> None:
    for jti in ("j1", "j2"):
        table.end_stream(CALL, jti, "model_failed", 0)
        ask(f"/voice/after-stream?stream={jti}")

    assert len({request["request_id"] for request in transfer.requests}) == 2


@pytest.mark.parametrize("answer", [None, {"status": "failed"}, [], {"errorMessage": "x"}, {"status": "twiml"}])
def test_without_a_person_the_caller_hears_an_apology(table: CallTable, transfer: Invoked, answer: object) -> None:
    transfer.answer = answer
    table.end_stream(CALL, "j1", "model_failed", 0)

    assert ask("/voice/after-stream?stream=j1").verbs == ["Say", "Hangup"]


def test_after_three_streams_a_person_is_rung(table: CallTable, transfer: Invoked) -> None:
    jti = ask("/voice/incoming").token["jti"]
    for _ in range(2):
        answer = ask(f"/voice/after-stream?stream={jti}")
        assert answer.verbs == ["Connect", "Redirect"]
        jti = answer.token["jti"]

    assert ask(f"/voice/after-stream?stream={jti}").body == PERSON
    assert [request["cause"] for request in transfer.requests] == ["too_many_streams"]
    assert len(table.read(CALL).streams) == 3


@pytest.mark.usefixtures("no_database")
def test_without_a_database_a_stream_is_followed_by_a_person(transfer: Invoked) -> None:
    assert ask("/voice/after-stream?stream=j1").body == PERSON
    assert transfer.requests[0]["cause"] == "record_unavailable"


def test_a_transfer_under_way_is_waited_for_and_nothing_is_decided(table: CallTable, transfer: Invoked) -> None:
    table.claim_stream(CALL, "j1", "MZ1")
    table.claim_attempt(CALL, Attempt("call_1", "desk"))
    table.end_stream(CALL, "j1", "model_failed", 0)

    first = ask("/voice/after-stream?stream=j1")
    second = ask("/voice/after-stream?stream=j1&waits=1")

    assert first.verbs == ["Pause", "Redirect"]
    assert first.xml[1].text == f"{ORIGIN}/voice/after-stream?stream=j1&waits=1"
    assert second.xml[1].text == f"{ORIGIN}/voice/after-stream?stream=j1&waits=2"
    assert transfer.requests == []
    assert table.read(CALL).streams[0].decision is None


def test_a_transfer_that_never_comes_is_given_up(table: CallTable) -> None:
    table.claim_stream(CALL, "j1", "MZ1")
    table.claim_attempt(CALL, Attempt("call_1", "desk"))
    table.end_stream(CALL, "j1", "transferred", 0)

    answer = ask("/voice/after-stream?stream=j1&waits=10")

    assert answer.verbs == ["Connect", "Redirect"]
    assert last_attempt(table).status == "failed"
    assert ask("/voice/after-stream?stream=j1") == answer


# --- after-dial


def dialled(status: str, bridged: str = "false", **changes: str) -> dict[str, str]:
    return {"DialCallStatus": status, "DialBridged": bridged, "DialCallSid": "CA" + "2" * 32} | changes


def test_after_a_talk_the_call_is_over(table: CallTable) -> None:
    table.claim_attempt(CALL, Attempt("call_1", "desk"))

    answer = ask("/voice/after-dial?attempt=call_1", dialled("completed", "true", DialCallDuration="42"))

    assert answer.verbs == ["Hangup"]
    attempt = last_attempt(table)
    assert (attempt.status, attempt.detail, attempt.talked_s) == ("bridged", "completed", 42)
    assert attempt.dial_call_sid == "CA" + "2" * 32


def test_after_a_talk_the_caller_returns_to_the_model_where_the_directory_says_so(table: CallTable) -> None:
    table.claim_attempt(CALL, Attempt("call_1", "desk", after_talk="return"))

    answer = ask("/voice/after-dial?attempt=call_1", dialled("completed", "true"))

    assert answer.verbs == ["Connect", "Redirect"]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("busy", "busy"),
        ("no-answer", "no_answer"),
        ("failed", "failed"),
        ("completed", "declined"),
        ("canceled", "failed"),
        ("new-word", "failed"),
    ],
)
def test_when_nobody_comes_the_caller_is_back_with_the_model(table: CallTable, status: str, outcome: str) -> None:
    table.claim_attempt(CALL, Attempt("call_1", "desk"))

    answer = ask("/voice/after-dial?attempt=call_1", dialled(status))

    assert answer.verbs == ["Connect", "Redirect"]
    assert answer.token["sub"] == CALL
    assert (last_attempt(table).status, last_attempt(table).detail) == (outcome, status)


def test_a_repeated_after_dial_gets_the_identical_document(table: CallTable) -> None:
    table.claim_attempt(CALL, Attempt("call_1", "desk"))

    first = ask("/voice/after-dial?attempt=call_1", dialled("no-answer"))

    assert ask("/voice/after-dial?attempt=call_1", dialled("no-answer")) == first


def test_when_nobody_comes_the_next_destination_is_rung(table: CallTable, transfer: Invoked) -> None:
    attempt = Attempt("call_1", "desk", if_nobody="destination", if_nobody_destination="workshop")
    table.claim_attempt(CALL, attempt)

    assert ask("/voice/after-dial?attempt=call_1", dialled("busy")).body == PERSON
    (request,) = transfer.requests
    assert (request["destination"], request["cause"]) == ("workshop", "busy")


@pytest.mark.parametrize(
    ("answer", "verbs"),
    [
        ({"status": "closed", "then": "continue"}, ["Connect", "Redirect"]),
        ({"status": "closed", "then": "message"}, ["Say", "Record", "Say", "Hangup"]),
        (None, ["Connect", "Redirect"]),
    ],
)
def test_a_next_destination_that_cannot_be_rung(
    table: CallTable, transfer: Invoked, answer: object, verbs: list[str]
) -> None:
    transfer.answer = answer
    attempt = Attempt("call_1", "desk", if_nobody="destination", if_nobody_destination="workshop")
    table.claim_attempt(CALL, attempt)

    assert ask("/voice/after-dial?attempt=call_1", dialled("busy")).verbs == verbs


def test_a_message_is_taken_and_where_it_is_is_recorded(table: CallTable) -> None:
    table.claim_attempt(CALL, Attempt("call_1", "desk", if_nobody="message"))

    asked = ask("/voice/after-dial?attempt=call_1", dialled("no-answer"))
    action = asked.xml[1].get("action", "").removeprefix(ORIGIN)
    thanked = ask(action, RecordingUrl="https://api.twilio.com/recordings/RE1", RecordingDuration="7")

    assert asked.verbs == ["Say", "Record", "Say", "Hangup"]
    assert thanked.verbs == ["Say", "Hangup"]
    attempt = last_attempt(table)
    assert (attempt.status, attempt.message_url) == ("no_answer", "https://api.twilio.com/recordings/RE1")
    assert attempt.message_s == 7


def test_a_caller_who_hangs_up_after_his_message_is_answered_with_nothing(table: CallTable) -> None:
    url = "/voice/after-dial?attempt=call_1&recorded=yes"

    assert ask(url, CallStatus="completed", RecordingUrl="https://r", Digits="hangup").verbs == []
    assert last_attempt(table).message_url == "https://r"


@pytest.mark.parametrize(
    ("form", "outcome"),
    [(dialled("no-answer"), "caller_gone"), (dialled("completed", "true", DialCallDuration="3"), "bridged")],
)
def test_a_caller_who_hangs_up_is_recorded_and_answered_with_nothing(
    table: CallTable, form: dict[str, str], outcome: str
) -> None:
    table.claim_attempt(CALL, Attempt("call_1", "desk"))

    assert ask("/voice/after-dial?attempt=call_1", form, CallStatus="completed").verbs == []
    assert last_attempt(table).status == outcome


def test_callers_whom_nobody_answers_do_not_go_round_for_ever(table: CallTable, transfer: Invoked) -> None:
    for number in range(3):
        table.claim_stream(CALL, f"j{number}", f"MZ{number}")
    table.claim_attempt(CALL, Attempt("call_1", "desk"))

    assert ask("/voice/after-dial?attempt=call_1", dialled("no-answer")).body == PERSON
    assert transfer.requests[0]["cause"] == "too_many_streams"


def test_an_attempt_that_was_never_written_is_followed_all_the_same(table: CallTable) -> None:
    assert ask("/voice/after-dial?attempt=lost", dialled("no-answer")).verbs == ["Connect", "Redirect"]
    assert last_attempt(table).status == "no_answer"


@pytest.mark.usefixtures("no_database")
def test_without_a_database_dialling_is_followed_by_words_or_a_hang_up() -> None:
    url = "/voice/after-dial?attempt=call_1"

    assert ask(url, dialled("completed", "true")).verbs == ["Hangup"]
    assert ask(url, dialled("no-answer")).verbs == ["Say", "Hangup"]
    assert ask(url + "&recorded=yes", RecordingUrl="https://r").verbs == ["Say", "Hangup"]


# --- stream-status


@pytest.mark.usefixtures("aws")
def test_a_failed_stream_is_logged_with_twilio_s_reason(caplog: pytest.LogCaptureFixture) -> None:
    answer = ask("/voice/stream-status", StreamEvent="stream-error", StreamError="31920", StreamSid="MZ1")

    assert (answer.status, answer.body) == (204, "")
    assert "31920" in logged(caplog)
    assert "+1555" not in logged(caplog)


@pytest.mark.usefixtures("aws")
def test_the_end_of_a_stream_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")

    assert ask("/voice/stream-status", StreamEvent="stream-stopped", StreamSid="MZ1").status == 204
    assert "stream-stopped" in logged(caplog)
