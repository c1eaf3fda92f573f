"""The phase of a call, and the stage of a transfer.

Only this file assigns them, by its two tables. A change that is in neither table is a defect. The stage of a transfer
is separate from the phase, because people may be rung while the talk goes on. The pictures in docs/architecture.md are
made from the tables.
"""

from enum import Enum, auto


class Phase(Enum):
    """The phase of the talk."""

    OPENING = auto()
    """The model's session is being prepared: the first, or one that replaces a lost one."""
    TALKING = auto()
    LEAVING = auto()
    """The model says goodbye, and the caller hears it."""
    ENDED = auto()


class TransferStage(Enum):
    """How far the caller is on their way to a person."""

    NONE = auto()
    LAST_WORDS = auto()
    """A person is wanted. The last words before that are still being said, or heard."""
    ASKED = auto()
    """The transfer function has been asked."""
    MOVED = auto()
    """The call has moved: the phone network ends the stream."""


PHASE_CHANGES = {
    (Phase.OPENING, Phase.TALKING): "the session is ready",
    (Phase.TALKING, Phase.OPENING): "the session was lost, another one is opened",
    (Phase.TALKING, Phase.LEAVING): "the model, or silence, ends the call",
    (Phase.LEAVING, Phase.TALKING): "the caller goes on talking, or is put through",
    (Phase.OPENING, Phase.ENDED): "the stream ends, or goes on in another container",
    (Phase.TALKING, Phase.ENDED): "the stream ends, or goes on in another container, or nobody is left to talk to",
    (Phase.LEAVING, Phase.ENDED): "the goodbye was heard, or the stream ends",
}

STAGE_CHANGES = {
    (TransferStage.NONE, TransferStage.LAST_WORDS): "a person is wanted: by the model, by key 0, or no model is left",
    (TransferStage.LAST_WORDS, TransferStage.ASKED): "the last word was heard",
    (TransferStage.ASKED, TransferStage.NONE): "nobody was reached, or no answer in time: the talk goes on",
    (TransferStage.ASKED, TransferStage.MOVED): "the function has moved the call",
    (TransferStage.NONE, TransferStage.MOVED): "moved after all, when nobody waited for it any more",
    (TransferStage.LAST_WORDS, TransferStage.MOVED): "moved after all, by an earlier request",
}


class CallPhase:
    """The phase and the transfer's stage of one call."""

    def __init__(self) -> None:
        self.phase = Phase.OPENING
        self.stage = TransferStage.NONE
        self._changes: list[tuple[Enum, Enum]] = []

    def enter(self, phase: Phase) -> None:
        """Assign the phase of the talk."""
        if phase is not self.phase:
            assert (self.phase, phase) in PHASE_CHANGES, f"{self.phase} -> {phase}"
            self._changes.append((self.phase, phase))
            self.phase = phase

    def advance(self, stage: TransferStage) -> None:
        """Assign the stage of the transfer."""
        if stage is not self.stage:
            assert (self.stage, stage) in STAGE_CHANGES, f"{self.stage} -> {stage}"
            self._changes.append((self.stage, stage))
            self.stage = stage

    def take_changes(self) -> list[tuple[Enum, Enum]]:
        """The changes since the last call, each from what to what."""
        changes, self._changes = self._changes, []
        return changes
