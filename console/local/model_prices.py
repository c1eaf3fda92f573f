"""What the model's service asks for a call, by the container's own list, `socket_server/prices.toml`.

The list is read as data: each price stands once, and the pages need nothing of the container's inside for it. Anything
that is not listed has no price: nothing is guessed.
"""

from pathlib import Path

import msgspec

from console.local.model_messages import Usage

PRICES = Path(__file__).parents[2] / "socket_server" / "prices.toml"


class _TokenPrices(msgspec.Struct, frozen=True):
    """USD per million tokens of each kind."""

    text_in: float
    text_cached: float
    text_out: float
    audio_in: float
    audio_cached: float
    audio_out: float


class ModelPrices(msgspec.Struct, frozen=True):
    """By the name of the model."""

    tokens: dict[str, _TokenPrices] = {}
    minutes: dict[str, float] = {}
    """USD per minute of audio."""
    free: bool = False
    """It asks for nothing, whatever is used."""

    def cost_usd(self, model: str, usage: Usage) -> float | None:
        """None: the model has no price for this usage."""
        if self.free:
            return 0.0
        if usage.seconds is not None:
            minute = self.minutes.get(model)
            return None if minute is None else minute * usage.seconds / 60
        prices = self.tokens.get(model)
        if prices is None:
            return None
        return (
            prices.text_in * usage.text_in
            + prices.text_cached * usage.text_cached
            + prices.text_out * usage.text_out
            + prices.audio_in * usage.audio_in
            + prices.audio_cached * usage.audio_cached
            + prices.audio_out * usage.audio_out
        ) / 1e6


FREE = ModelPrices(free=True)
"""Of the sandbox's own model."""


def read_prices(file: Path = PRICES) -> ModelPrices:
    """The list; an empty one if the file cannot be read: the check of the agent says what is wrong with it."""
    try:
        return msgspec.toml.decode(file.read_bytes(), type=ModelPrices)
    except (OSError, msgspec.MsgspecError, UnicodeError):
        return ModelPrices()
