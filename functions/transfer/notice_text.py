"""The words of a notice: a missed call or a message, who called, what the model knew about it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from call_record import About, Attempt
from destination import Destination
from targets import is_usable_number

# Three segments of an SMS: Twilio charges for each. It takes no more than MAX_CHARACTERS.
SMS_CHARACTERS, MAX_CHARACTERS = 459, 1600


@dataclass(frozen=True, slots=True)
class Notice:
    subject: str
    """ASCII, as SNS demands it."""
    text: str
    sms: str
    """The same, cut to `SMS_CHARACTERS`. The link is whole."""


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
        first = f"Missed call for {destination.spoken} from {who}. They may expect you to call back."
    parts = (("Why", reason), ("Summary", summary))
    more = "\n".join(f"{name}: {' '.join(words.split())}" for name, words in parts if words.strip())
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
    if is_usable_number(caller) or caller.startswith(("client:", "sip:", "sips:")):
        return caller
    return "a caller without a number"


def _cut(first: str, more: str) -> str:
    """As much of it as may be. `first` is longer only if Twilio's link is."""
    left = SMS_CHARACTERS - len(first) - 1
    if len(more) > left:
        more = more[: max(0, left - 3)].rstrip() + "..." if left > len("Why: ...") else ""
    return f"{first}\n{more}".rstrip()[:MAX_CHARACTERS]
