"""The agent, for any vendor's model: its instructions, and the limits of a call."""

from typing import Annotated

from msgspec import Meta, Struct

type Text = Annotated[str, Meta(min_length=1)]


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    answer_seconds: Annotated[int, Meta(ge=2, le=60)] = 8
    """A model that has not begun to answer by then has failed."""
    session_minutes: Annotated[int, Meta(ge=1)] = 55
    """Then the call goes on in a new session, after two more at the most."""
    filler_seconds: Annotated[int, Meta(ge=1, le=30)] = 3
    """Who waits for so long, or half of `answer_seconds`, hears that it takes a moment: words or a tone."""
    silence_seconds: Annotated[int, Meta(ge=5, le=120)] = 10
    """Nobody has said anything for so long: the model asks whether the caller is there, three times, then leaves."""


class Agent(Struct, frozen=True, forbid_unknown_fields=True):
    """All values that can differ between two deployments of the same code. A vendor's package adds its own."""

    instructions: Text
    greeting: Text
    """What the model is to do first, as an instruction."""
    opening_hours: str = ""
    """The answer of the tool of that name; "" leaves the tool out."""
    limits: Limits = Limits()
    greeting_audio: str = ""
    """File of a recorded greeting, beside the agent's; "": the model speaks it."""
    greeting_text: str = ""
    """The words in it."""

    @property
    def longest_pause_ms(self) -> int:
        """How long the caller may pause before the service takes their turn for over."""
        return 500
