"""The answer that the service makes by itself, until it is created: a state, and what changes it.

With turn detection the service answers when the caller's turn has ended, without a request. While a last sentence is
protected it is *held*: it must not answer.
"""

from enum import Enum, auto


class OwnAnswer(Enum):
    NONE = auto()
    COMING = auto()
    """The caller's turn has ended, or the service has refused a request because it makes an answer."""
    UNWANTED = auto()
    """It was coming when the service was held. If it comes all the same, the caller must not hear it."""
    UNWANTED_COMING = auto()
    """Unwanted, and the service has refused a request because it makes it."""

    @property
    def coming(self) -> bool:
        """We request nothing until it is there."""
        return self in (OwnAnswer.COMING, OwnAnswer.UNWANTED_COMING)

    @property
    def unwanted(self) -> bool:
        return self in (OwnAnswer.UNWANTED, OwnAnswer.UNWANTED_COMING)

    def hold(self) -> "OwnAnswer":
        return OwnAnswer.UNWANTED if self.coming else OwnAnswer.NONE

    def release(self) -> "OwnAnswer":
        return OwnAnswer.COMING if self.coming else OwnAnswer.NONE

    def expect(self) -> "OwnAnswer":
        """The service has said that it makes one."""
        return OwnAnswer.UNWANTED_COMING if self.unwanted else OwnAnswer.COMING

    def give_up(self) -> "OwnAnswer":
        """Wait for it no longer. An unwanted one may still come."""
        return OwnAnswer.UNWANTED if self.unwanted else OwnAnswer.NONE
