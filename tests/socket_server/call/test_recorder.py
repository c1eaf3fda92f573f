"""The record of one stream: what is handed to the call log."""

import time

import pytest

from call_record import EndReason, Turn
from socket_server.aws.call_log import CallLog
from socket_server.call.recorder import Recorder
from socket_server.call.timer import now_ms
from socket_server.core.actions import RecordTurn
from socket_server.core.usage import Spent


class Kept(CallLog):
    """A call log that keeps what it is given; nothing is written anywhere."""

    def __init__(self, *, broken: bool = False) -> None:
        self.turns: list[tuple[str, Turn]] = []
        self.ends: list[tuple[str, str, EndReason, int, Spent | None]] = []
        self.waited_for: list[str] = []
        self._broken = broken

    def add_turn(self, call_sid: str, turn: Turn) -> None:
        if self._broken:
            raise RuntimeError
        self.turns.append((call_sid, turn))

    def end_stream(
        self, call_sid: str, jti: str, reason: EndReason, talked_ms: int, spent: Spent | None = None
    ) -> None:
        self.ends.append((call_sid, jti, reason, talked_ms, spent))

    async def written(self, call_sid: str) -> None:
        self.waited_for.append(call_sid)


def make_recorder(call_log: CallLog) -> Recorder:
    recorder = Recorder(call_log)
    recorder.call_sid, recorder.jti = "CA1", "j1"
    return recorder


def test_a_turn_is_recorded_with_the_time_of_the_calendar() -> None:
    call_log = Kept()
    before_ms = int(time.time() * 1000)
    recorder = make_recorder(call_log)
    recorder.add(RecordTurn(now_ms() - 5000, "model", "Good morning, how can I help?", "Good morning,"))

    ((call_sid, turn),) = call_log.turns
    assert (call_sid, turn.speaker, turn.said, turn.heard) == (
        "CA1",
        "model",
        "Good morning, how can I help?",
        "Good morning,",
    )
    assert before_ms - 5001 <= turn.at_ms <= int(time.time() * 1000) - 4999  # both clocks count whole milliseconds


def test_a_turn_that_is_not_taken_is_logged_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    make_recorder(Kept(broken=True)).add(RecordTurn(now_ms(), "caller", "my secret", "my secret"))

    assert caplog.messages == ["a turn was not taken over by a defect of ours"]
    assert "my secret" not in caplog.text


async def test_the_end_names_call_and_stream_and_their_rows_are_waited_for() -> None:
    call_log = Kept()
    recorder = make_recorder(call_log)
    recorder.end("caller_gone", 4200, Spent(70, 0.01))
    await recorder.written()

    assert call_log.ends == [("CA1", "j1", "caller_gone", 4200, Spent(70, 0.01))]
    assert call_log.waited_for == ["CA1"]
