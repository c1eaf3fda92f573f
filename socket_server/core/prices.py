"""The cost of the service, by the list in prices.toml. Anything that is not listed has no price: nothing is guessed."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Struct

from socket_server.core.usage import Usage

type Usd = Annotated[float, Meta(ge=0, le=10_000)]


class TokenPrices(Struct, frozen=True, forbid_unknown_fields=True):
    """USD per million tokens of each kind of `Usage`."""

    text_in: Usd
    text_cached: Usd
    text_out: Usd
    audio_in: Usd
    audio_cached: Usd
    audio_out: Usd


class Prices(Struct, frozen=True, forbid_unknown_fields=True):
    """All known prices, by the name of the model."""

    as_of: str
    """The date of the prices."""
    tokens: dict[str, TokenPrices] = {}
    minutes: dict[str, Usd] = {}
    """USD per minute of audio."""

    def knows(self, model: str) -> bool:
        return model in self.tokens or model in self.minutes

    def cost_usd(self, model: str, usage: Usage) -> float | None:
        """None if the model has no price for this usage."""
        if usage.seconds is not None:
            minute = self.minutes.get(model)
            return None if minute is None else minute * usage.seconds / 60
        million = self.tokens.get(model)
        if million is None:
            return None
        return (
            million.text_in * usage.text_in
            + million.text_cached * usage.text_cached
            + million.text_out * usage.text_out
            + million.audio_in * usage.audio_in
            + million.audio_cached * usage.audio_cached
            + million.audio_out * usage.audio_out
        ) / 1e6


@dataclass(frozen=True, slots=True)
class Tariff:
    """The prices of one agent's two models."""

    prices: Prices
    model: str
    transcription_model: str

    @property
    def unknown(self) -> tuple[str, ...]:
        """Models without a price."""
        return tuple(model for model in (self.model, self.transcription_model) if not self.prices.knows(model))

    def response_usd(self, usage: Usage) -> float | None:
        return self.prices.cost_usd(self.model, usage)

    def transcript_usd(self, usage: Usage) -> float | None:
        return self.prices.cost_usd(self.transcription_model, usage)
