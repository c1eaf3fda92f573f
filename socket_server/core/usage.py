"""What a response, or a transcription, used: tokens by kind, or seconds of audio."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of each kind that has its own price. No token is counted twice."""

    text_in: int = 0
    """Without those from the cache."""
    text_cached: int = 0
    text_out: int = 0
    audio_in: int = 0
    """Without those from the cache."""
    audio_cached: int = 0
    audio_out: int = 0
    seconds: float | None = None
    """Of audio, where the service counts those instead of tokens."""

    @property
    def tokens(self) -> int:
        """Of all kinds."""
        return self.text_in + self.text_cached + self.text_out + self.audio_in + self.audio_cached + self.audio_out


@dataclass(frozen=True, slots=True)
class Spent:
    """What the models of one stream used, all together."""

    tokens: int
    cost_usd: float | None
    """None: something that was used has no price."""
