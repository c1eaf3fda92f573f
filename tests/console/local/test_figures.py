"""Figures of a call, from what the caller heard and what the model used."""

import pytest

from console.local import figures
from console.local.model_entries import Used
from console.local.model_messages import Usage
from console.local.model_prices import read_prices
from console.local.speech_spans import SpeechSpan

PRICES = read_prices()


def spans(*times: tuple[int, int]) -> list[SpeechSpan]:
    return [SpeechSpan(begin, end, open=False) for begin, end in times]


@pytest.mark.parametrize(
    ("answered_ms", "heard", "expected"),
    [(None, [(500, 900)], None), (300, [], None), (300, [(500, 900), (1000, 1100)], 200), (300, [(100, 900)], None)],
)
def test_the_first_word_is_counted_from_the_answer(
    answered_ms: int | None, heard: list[tuple[int, int]], expected: int | None
) -> None:
    assert figures.find_first_word_ms(answered_ms, spans(*heard)) == expected


@pytest.mark.parametrize(
    ("cleared", "caller", "assistant", "expected"),
    [
        ([2300], [(2000, 4000)], [(1000, 2320)], [320]),
        ([2300], [(2000, 4000)], [(1000, 2200)], [200]),
        ([2300], [(2000, 4000)], [(1000, 9000)], [340]),  # the next sentence follows at once
        ([2300], [], [(1000, 2300)], []),  # moved, and not interrupted
        ([9300], [(2000, 2500)], [(1000, 9300)], []),  # another reason, long after
        ([2300], [(2000, 4000)], [(100, 900)], []),  # the assistant was silent already
        ([2300, 8200], [(2000, 3000), (8000, 9000)], [(1000, 2300), (7000, 8200)], [300, 200]),
    ],
)
def test_an_interruption_lasts_until_the_assistant_is_silent(
    cleared: list[int], caller: list[tuple[int, int]], assistant: list[tuple[int, int]], expected: list[int]
) -> None:
    assert figures.list_interruptions(cleared, spans(*caller), spans(*assistant)) == expected


@pytest.mark.parametrize(
    ("silences", "answered_ms", "expected"),
    [
        ([(0, 5000)], None, None),
        ([], 1000, 0),
        ([(0, 2500), (3000, 4000)], 1000, 1500),
        ([(3000, 9000)], 1000, 5000),
        ([(0, 500)], 1000, 0),
    ],
)
def test_the_longest_silence_is_one_between_answer_and_end(
    silences: list[tuple[int, int]], answered_ms: int | None, expected: int | None
) -> None:
    assert figures.find_longest_silence_ms(silences, answered_ms, 8000) == expected


def test_tokens_and_cost_are_those_of_all_sessions() -> None:
    used = [
        Used("gpt-realtime-2.1", "gpt-transcribe", [Usage(1_000_000, text_in=1_000_000)], [Usage(0, seconds=60)]),
        Used("gpt-realtime-2.1", "gpt-transcribe", [Usage(500_000, audio_out=500_000)]),
    ]

    assert figures.count_tokens(used) == 1_500_000
    assert figures.sum_cost_usd(used, PRICES) == pytest.approx(4 + 32 + 0.0045)


def test_nothing_used_has_no_cost_and_neither_has_a_model_without_a_price() -> None:
    assert figures.count_tokens([Used("gpt-realtime-2.1")]) is None
    assert figures.sum_cost_usd([Used("gpt-realtime-2.1")], PRICES) is None
    known, unknown = Used("gpt-realtime-2.1", "", [Usage(5, text_in=5)]), Used("mine", "", [Usage(5, text_in=5)])
    assert figures.sum_cost_usd([known, unknown], PRICES) is None
