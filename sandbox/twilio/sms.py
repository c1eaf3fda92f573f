"""One SMS that was sent, as the network keeps it."""

from dataclasses import dataclass

# The characters of GSM 03.38. A single other one makes the whole message UCS-2, with fewer characters in a segment.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)


@dataclass(frozen=True, slots=True)
class Message:
    sid: str
    from_: str
    to: str
    body: str
    status_callback: str | None = None

    @property
    def segments(self) -> int:
        single, each = (160, 153) if set(self.body) <= _GSM else (70, 67)
        return 1 if len(self.body) <= single else -(-len(self.body) // each)
