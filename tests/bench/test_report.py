"""What a run says to whoever started it."""

import io

from rich.console import Console

from bench.report import against_baseline


def said(ratios: dict[str, float], baseline: dict[str, float]) -> str:
    output = io.StringIO()
    against_baseline(Console(file=output, width=200), ratios, baseline)
    return output.getvalue()


def test_what_got_worse_is_named_with_both_figures() -> None:
    assert said({"obvious": 0.6}, {"obvious": 0.5}) == "worse: CPU over obvious: 0.60, was 0.50 (×1.20)\n"


def test_noise_is_not_called_worse() -> None:
    assert said({"obvious": 0.54}, {"obvious": 0.5}).startswith("as good: ")


def test_what_the_baseline_does_not_know_is_not_judged() -> None:
    assert said({"bare": 9.0}, {"obvious": 0.5}) == ""
