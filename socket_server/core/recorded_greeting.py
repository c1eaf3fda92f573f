"""The recorded greeting: it is played while the model gets ready, and the model remembers it as its own words.

It is in the ledger and in the transcript, like everything else that was said. The model gets it as text, which cannot
be truncated as audio can. If the caller interrupts it, the text is replaced by the words that the caller heard.
"""

from dataclasses import dataclass, field

from socket_server.core.actions import Action, AddMessage, DeleteItem

ITEM = "recorded_greeting"
RESPONSE = "recorded"
"""The ledger needs a response; this id stands for the missing one."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A greeting that was spoken beforehand."""

    text: str
    audio: bytes = field(repr=False)


class GreetingMemory:
    """What the model has to remember of the greeting."""

    def __init__(self) -> None:
        self.played = False
        self._words = ""
        self._told = False

    def begin(self, text: str) -> None:
        """It is being played. Until we know otherwise, the caller hears all of it."""
        self.played, self._words = True, text

    def tell(self) -> list[Action]:
        """Tell a model that has just been opened."""
        self._told = True
        return [AddMessage("assistant", self._words, ITEM, first=True)] if self._words else []

    def cut(self, heard: str) -> list[Action]:
        """The caller heard only this."""
        self._words = heard
        if not self._told:
            return []
        # Under another id: it is not documented whether the service accepts the same one twice.
        return [DeleteItem(ITEM), *([AddMessage("assistant", heard, first=True)] if heard else [])]
