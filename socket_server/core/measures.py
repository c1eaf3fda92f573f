"""Measures how well a call goes: events and actions go in, measurements come out.

It decides nothing, and does not run for each frame of audio. When the next event comes, a moment later, it looks up in
the conversation what passed the gate, and when.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from socket_server.core import model_loss
from socket_server.core.actions import Action, ClearAudio, CloseModel, EndStream, OpenModel, Transfer
from socket_server.core.conversation import Conversation
from socket_server.core.events import (
    CallerTranscribed,
    Event,
    MarkPlayed,
    ModelLost,
    ResponseDone,
    SpeechStarted,
    SpeechStopped,
)
from socket_server.core.phases import Phase, TransferStage
from socket_server.core.prices import Tariff
from socket_server.core.usage import Spent, Usage

type Metric = Literal[
    "BargeInMs",  # service's word that the caller speaks -> phone's proof (a mark) that its buffer was cleared
    "CallMs",  # of a stream, as its record says; a call that comes back after a transfer has several
    "CallsRefused",  # handshakes answered with 503, and streams with a token but no place: full, or about to end
    "CostUSD",  # of one response, or one transcript; the sum is what the service asks
    "DeadAirMs",  # service's word that the caller stopped -> first audio of the answer sent; tools included. The
    # service's own wait (`silence_duration_ms`) comes before and is not in it.
    "FirstWordMs",  # the stream's start -> first audio sent
    "HandOverSilenceMs",  # last word heard, or key 0, or model lost -> end of a stream that was moved
    "Interruptions",  # times that the phone's buffer was cleared: by voice or key, or of a model's noise
    "ModelConnects",
    "ModelFailures",  # callers who were sent to a person because no model was left
    "ModelLosses",  # the model's socket was lost, refused or given up during a call
    "RowsLost",  # of the record: turns and ends of streams that were never written
    "SpareFailures",  # spare sessions that could not be opened, or were lost before a call took them
    "Streams",  # that were admitted
    "StreamsRefused",  # signed by no known token, or without a good token of the call; see `admission_control`
]


@dataclass(frozen=True, slots=True)
class Measured:
    metric: Metric
    value: float = 1
    """In the unit that the name ends with; else a count."""


class Measures:
    """The measurements of one call."""

    def __init__(self, conversation: Conversation, tariff: Tariff, started_ms: int) -> None:
        """`started_ms` is when the stream started: the caller has been waiting since."""
        self.cost_usd = 0.0
        """Of all that has a price and was counted so far."""
        self._tokens = 0
        self._unpriced = False
        self._conversation = conversation
        self._tariff = tariff
        self._started_ms = started_ms
        self._spoke = False
        self._stopped_ms: int | None = None  # when the caller stopped speaking, until they hear an answer
        self._cleared_ms = 0
        self._cleared_mark = ""  # comes back when the phone's buffer is empty
        self._moving_ms: int | None = None  # since when the call is being moved

    def observe(self, event: Event, actions: Sequence[Action], now_ms: int) -> list[Measured]:
        """What can be told now that the conversation has received this event, and ordered these actions."""
        measured = [*self._measure_first_audio()]
        match event:
            case SpeechStarted():
                self._stopped_ms = None
            case SpeechStopped() if self._conversation.talks and self._conversation.drained:
                self._stopped_ms = now_ms
            case MarkPlayed(name) if name == self._cleared_mark != "":
                measured.append(Measured("BargeInMs", now_ms - self._cleared_ms))
                self._cleared_mark = ""
            case ResponseDone(usage=usage) if usage is not None:
                measured += self._measure_cost(usage, self._tariff.response_usd(usage))
            case CallerTranscribed(usage=usage) if usage is not None:
                measured += self._measure_cost(usage, self._tariff.transcript_usd(usage))
            case ModelLost() if not any(isinstance(action, OpenModel) for action in actions):
                measured.append(Measured("ModelLosses"))
        return [*measured, *self._measure_actions(actions, now_ms)]

    @property
    def spent(self) -> Spent:
        """So far."""
        return Spent(self._tokens, None if self._unpriced else self.cost_usd)

    def _measure_first_audio(self) -> Iterable[Measured]:
        """The model has begun to speak since the last event."""
        spoke_at_ms = self._conversation.take_spoke_at_ms()
        if spoke_at_ms is None:
            return
        if not self._spoke:
            yield Measured("FirstWordMs", spoke_at_ms - self._started_ms)
        if self._stopped_ms is not None:
            yield Measured("DeadAirMs", spoke_at_ms - self._stopped_ms)
        self._spoke, self._stopped_ms = True, None

    def _measure_actions(self, actions: Sequence[Action], now_ms: int) -> Iterable[Measured]:
        if self._conversation.phase is not Phase.ENDED:
            self._note_moving(now_ms)
        for action in actions:
            match action:
                case ClearAudio(newest_mark):
                    yield Measured("Interruptions")
                    self._cleared_ms, self._cleared_mark = now_ms, newest_mark
                case CloseModel(reason) if reason:
                    yield Measured("ModelLosses")
                case OpenModel(fresh=False):  # a second attempt; what a spare is replaced by is fresh
                    yield Measured("ModelLosses")
                case Transfer(reason=model_loss.MODEL_FAILED):
                    yield Measured("ModelFailures")
                case EndStream(reason, talked_ms):
                    # Not where it moved and ended in one event: moved after it was given up, in a drain that is over.
                    if reason == "transferred" and self._moving_ms is not None:
                        yield Measured("HandOverSilenceMs", now_ms - self._moving_ms)
                    yield Measured("CallMs", talked_ms)

    def _note_moving(self, now_ms: int) -> None:
        """Since when the call is being moved, if it is."""
        if self._conversation.stage in (TransferStage.ASKED, TransferStage.MOVED):
            self._stopped_ms = None  # what they hear next is no answer
            self._moving_ms = now_ms if self._moving_ms is None else self._moving_ms
        else:
            self._moving_ms = None

    def _measure_cost(self, usage: Usage, usd: float | None) -> Iterable[Measured]:
        self._tokens += usage.tokens
        if usd is None:
            self._unpriced = True
        else:
            self.cost_usd += usd
            yield Measured("CostUSD", usd)
