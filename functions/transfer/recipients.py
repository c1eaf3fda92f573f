"""Who can be told of a missed call or a message: a telephone by SMS, or everybody who subscribes to the SNS topic."""

from dataclasses import dataclass
from typing import Literal

from targets import is_usable_number

TOPIC = "sns"


@dataclass(frozen=True, slots=True)
class Recipient:
    kind: Literal["sms", "sns"]
    address: str = ""
    """The number; empty: the stack's topic."""

    def __str__(self) -> str:
        """As in the directory."""
        return f"sms:{self.address}" if self.kind == "sms" else TOPIC


def parse_recipient(text: str) -> Recipient | None:
    """The recipient that the text names; None: it names none."""
    if text == TOPIC:
        return Recipient("sns")
    kind, _, number = text.partition(":")
    return Recipient("sms", number) if kind == "sms" and is_usable_number(number) else None
