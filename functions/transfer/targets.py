"""What can be rung: a number, a SIP address, a client of Twilio's Voice SDK, or a Twilio queue."""

import re
from dataclasses import dataclass
from typing import Literal

type Kind = Literal["number", "sip", "client", "queue"]

E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
# Networks show these for a number that is withheld or unknown: a word, typed on the keys of a telephone, with and
# without a country code. (7378742883 is a misspelt RESTRICTED.)
# https://support.twilio.com/hc/en-us/articles/223179988
_WORDS = ("anonymous", "blocked", "private", "restricted", "unavailable", "unknown", "withheld")
_KEYS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
WITHHELD = frozenset({word.translate(_KEYS) for word in _WORDS} | {"7378742883"})
# User, host with a port, then parameters and headers: printable ASCII without a space, and one @.
SIP = re.compile(r"sips?:[!-?A-~]+@(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:[;?][!-?A-~]*)?")
CLIENT = re.compile(r"client:[\w.@-]{1,121}", re.ASCII)
QUEUE = re.compile(r"queue:[\w. -]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Target:
    kind: Kind
    address: str
    """Number and SIP address as they are dialled; client and queue without their prefix."""


def is_usable_number(text: str) -> bool:
    """Whether the text is a telephone number that can be dialled, or shown to the person who is dialled.

    If a caller has no number, Twilio sends `anonymous`, `client:…`, `sip:…`, nothing, or a word in digits.
    """
    return bool(E164.fullmatch(text)) and not {text[1:], text.removeprefix("+1")} & WITHHELD


def parse_target(text: str) -> Target | None:
    """The target that the text names; None: it names none."""
    if is_usable_number(text):
        return Target("number", text)
    if SIP.fullmatch(text):
        return Target("sip", text)
    if CLIENT.fullmatch(text):
        return Target("client", text.removeprefix("client:"))
    if QUEUE.fullmatch(text):
        return Target("queue", text.removeprefix("queue:"))
    return None
