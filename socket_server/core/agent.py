"""The agent, for any vendor's model: its instructions, and the limits of a call."""

from typing import Annotated

from msgspec import Meta, Struct

type Text = Annotated[str, Meta(pattern=r"\S", description="text that is not empty")]

FILLER_SECONDS = 3


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    answer_seconds: Annotated[int, Meta(ge=2, le=60)] = 8
    """A model that has not begun to answer by then has failed."""
    session_minutes: Annotated[int, Meta(ge=1)] = 55
    """Then the call goes on in a new session, after at most two more minutes."""
    filler_seconds: Annotated[int, Meta(ge=1, le=30)] | None = None
    """A caller who waits for this long hears that it takes a moment: words or a tone. At most half of `answer_seconds`;
    None: `FILLER_SECONDS`, or that half if it is less."""
    silence_seconds: Annotated[int, Meta(ge=5, le=120)] = 10
    """If nobody speaks for this long, the model asks whether the caller is there. After three questions it leaves."""

    @property
    def filler_ms(self) -> int:
        if self.filler_seconds is None:
            return min(FILLER_SECONDS * 1000, self.answer_seconds * 500)
        return self.filler_seconds * 1000


class Agent(Struct, frozen=True, forbid_unknown_fields=True):
    """All values that can differ between two deployments of the same code. A vendor's package adds its own."""

    instructions: Text
    greeting: Text
    """The instruction for what the model does first."""
    opening_hours: str = ""
    """The answer of the tool of that name; "": no such tool."""
    limits: Limits = Limits()
    greeting_audio: str = ""
    """File of a recorded greeting, beside the agent's file; "": the model greets."""
    greeting_text: str = ""
    """The words of the recording."""

    @property
    def longest_pause_ms(self) -> int:
        """How long the caller may pause before the service takes their turn for over."""
        return 500
