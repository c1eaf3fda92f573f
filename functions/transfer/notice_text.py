"""The words of a notice: a missed call or a message, who called, what the model knew about it. Pure.

A caller chooses the model's words, at least in part, and telephones and mail programs make links of whatever looks like
one. So only the link to the message can be opened.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from call_record import About, Attempt
from destination import Destination
from targets import CLIENT, SIP, is_usable_number

# Three segments of an SMS: Twilio charges for each. It takes no more than MAX_CHARACTERS. A character that is not in
# GSM's alphabet makes the segments shorter: https://www.twilio.com/docs/glossary/what-is-ucs-2-character-encoding.
SMS_CHARACTERS, UCS2_CHARACTERS, MAX_CHARACTERS = 459, 201, 1600
# Longer addresses of SIP are left out, so that the link has room.
CALLER_CHARACTERS = 60
# Without those that count twice.
GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# IDNA takes the dots of other scripts for a dot: https://www.rfc-editor.org/rfc/rfc3490#section-3.1. The rest are forms
# of a dot and a colon: who normalises an address (NFKC) makes them of it.
DOT, COLON = "[.\u2024\u3002\ufe12\ufe52\uff0e\uff61]", "[:\ufe13\ufe55\uff1a]"
IN_LINK = re.compile(
    rf"(?<!\d){DOT}(?=[^\s.]{{2}})"  # a domain, but not e.g. or an ellipsis
    rf"|(?<=\d){DOT}(?=[^\W\d][^\s.])"
    rf"|\d{DOT}\d+{DOT}\d+{DOT}(?=\d)"  # an IPv4 address, but not 3.50 or 24.12.2026
    rf"|(?<!\d){COLON}(?=\S)|{COLON}(?=[^\s\d])"  # tel: or http:, but not 10:30
)
CALL_BACK = "Unless somebody else has talked with them since, they may expect you to call back."


@dataclass(frozen=True, slots=True)
class Notice:
    subject: str
    """ASCII, as SNS demands it."""
    text: str
    sms: str
    """The same, cut to three segments. The link is whole."""


def compose_notice(
    about: About,
    destination: Destination,
    *,
    caller: str,
    reason: str,
    summary: str,
    message_url: str = "",
    message_s: int = 0,
) -> Notice:
    """`caller`: as Twilio gave it. `reason`, `summary`: the model's; empty: there are none."""
    who = _describe_caller(caller)
    if about == "message":
        # Twilio keeps WAV; as MP3 a telephone plays it.
        first = f"Message for {destination.spoken} from {who}, {message_s} s: {message_url}.mp3"
    else:
        first = f"Missed call for {destination.spoken} from {who}. {CALL_BACK}"
    parts = (("Why", reason), ("Summary", summary))
    more = "\n".join(f"{name}: {line}" for name, words in parts if (line := _make_line(words)))
    subject = f"{'Message' if about == 'message' else 'Missed call'} for {destination.name}"
    return Notice(subject, f"{first}\n{more}".rstrip(), _cut(first, more))


def find_brief(attempt: Attempt, attempts: Sequence[Attempt]) -> tuple[str, str]:
    """Reason and summary of the attempt; if the model did not give any, those of the last attempt that has them.

    The attempts are in the order of time. `next-…` is made by a webhook, whose reason is no sentence.
    """
    earlier = [each for each in attempts if each.claimed_at_ms <= attempt.claimed_at_ms]
    for each in reversed(earlier):
        if not each.request_id.startswith("next-") and (each.reason or each.summary):
            return each.reason, each.summary
    return "", attempt.summary


def _describe_caller(caller: str) -> str:
    address = SIP.fullmatch(caller) or CLIENT.fullmatch(caller)
    if is_usable_number(caller) or (address and len(caller) <= CALLER_CHARACTERS):
        return break_links(caller)
    return "a caller without a number"


def _make_line(words: str) -> str:
    """Without links, line breaks and other characters that control a display."""
    return break_links(" ".join("".join(each if each.isprintable() else " " for each in words).split()))


def break_links(line: str) -> str:
    """The line with a space after each dot and colon that could be part of a link. It reads as before."""
    return IN_LINK.sub(r"\g<0> ", line)


def _cut(first: str, more: str) -> str:
    """As much of it as may be. `first` is longer only if Twilio's link is."""
    characters = SMS_CHARACTERS if GSM_7.issuperset(first + more) else UCS2_CHARACTERS
    left = characters - len(first) - 1
    units = more.encode("utf-16-le")  # an SMS counts them: an emoji is two
    if len(units) > left * 2:
        start = units[: max(0, left - 3) * 2].decode("utf-16-le", "ignore").rstrip()
        more = f"{start}..." if left > len("Why: ...") else ""
    return f"{first}\n{more}".rstrip()[:MAX_CHARACTERS]
