"""How fast a call went and what it cost, from what the caller heard and what the model used. Pure."""

from collections.abc import Sequence

from console.local.model_entries import Used
from console.local.model_messages import Usage
from console.local.model_prices import ModelPrices
from console.local.speech_spans import SpeechSpan

_SOUNDS_ON_MS = 40
"""What was handed to the line before the rest was dropped is still heard: a frame, and the one that is on its way."""
_TALKED_OVER_MS = 5000
"""Who is talked over for longer did not cause the assistant to stop."""


def find_first_word_ms(answered_ms: int | None, assistant: Sequence[SpeechSpan]) -> int | None:
    """From the answer to the call until the assistant is heard."""
    if answered_ms is None:
        return None
    return next((span.from_ms - answered_ms for span in assistant if span.from_ms >= answered_ms), None)


def list_interruptions(
    cleared_ms: Sequence[int], caller: Sequence[SpeechSpan], assistant: Sequence[SpeechSpan]
) -> list[int]:
    """For each time that the caller cut the assistant off, how long they spoke until it was silent.

    `cleared_ms`: when sound that was still to be played was dropped.
    """
    found = []
    for at_ms in cleared_ms:
        began_ms = max((span.from_ms for span in caller if span.from_ms <= at_ms), default=None)
        spoke = [span for span in assistant if began_ms is not None and span.from_ms < began_ms <= span.until_ms]
        if began_ms is not None and spoke and at_ms - began_ms <= _TALKED_OVER_MS:
            # What follows in the same span is another sentence.
            found.append(min(spoke[-1].until_ms, at_ms + _SOUNDS_ON_MS) - began_ms)
    return found


def find_longest_silence_ms(silences: Sequence[tuple[int, int]], answered_ms: int | None, ended_ms: int) -> int | None:
    """In the caller's ear, from the answer to the end; None: the call was not answered."""
    if answered_ms is None:
        return None
    return max((0, *(min(until, ended_ms) - max(begin, answered_ms) for begin, until in silences)))


def count_tokens(used: Sequence[Used]) -> int | None:
    """None: nothing was reported."""
    usages = [usage.total for each in used for usage in (*each.responses, *each.transcripts)]
    return sum(usages) if usages else None


def sum_cost_usd(used: Sequence[Used], prices: ModelPrices) -> float | None:
    """None: nothing was reported, or something that was has no price."""
    costs = [prices.cost_usd(model, usage) for model, usage in _list_usages(used)]
    known = [cost for cost in costs if cost is not None]
    return sum(known) if known and len(known) == len(costs) else None


def _list_usages(used: Sequence[Used]) -> list[tuple[str, Usage]]:
    responses = [(each.model, usage) for each in used for usage in each.responses]
    return responses + [(each.transcription_model, usage) for each in used for usage in each.transcripts]
