"""What a run came to, for people: tables, the targets, and what got worse since the committed baseline."""

import math
import statistics
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.long_call import MINUTES, SPEED, growth
from bench.measure import Figures
from bench.servers import BARE, NAIVE, PEERS, WARMLINE
from bench.suite import BUSY, KEEPS_PACE, LATE_MS, disturbed, holds, late, undisturbed

WORSE = 1.15
"""Ratios of two runs on one machine differ by a tenth."""

FLAT_MB = 0.1
"""What a call may grow by over its 55 minutes, with 1,100 interruptions: the names of what was said are kept."""

OF_OBVIOUS, OF_BARE = 0.45, 1.3
CALLS_AT_MOMENTS = 80
CALLS, MB_PER_CALL, BARGE_IN_MS, HAND_OVER_MS, GC_MS = 200, 0.25, 5.0, 10.0, 10.0


LEGEND = """\
A pair is one frame of 20 ms from the phone to the model and one back; delta: how much audio the model sends at once.
Of several turns: CPU, core, delays and memory are the median, lost is the sum; cheap half is the mean CPU of the
cheaper half of the turns that count, and what is compared: other guests of the host make a turn dearer by up to a half.
core: of one core, used. load's lag: how late it sent its own frames, p99 in ms, at the most; from 5 ms on the delay may
be its own, and is not told. steal, others: what the host and other processes took of the machine, at the most; from 5 %
on a turn is disturbed, and does not count."""


def relays(console: Console, relayed: Sequence[Figures], *, quick: bool = False) -> None:
    """CPU, delay and memory of every server at every step."""
    table = Table(title="A frame in and a frame out", title_justify="left")
    for column in ("deltas", "calls", "server"):
        table.add_column(column, justify="left" if column == "server" else "right")
    for column in (
        "CPU µs a pair",
        "cheap half",
        "core",
        "delay p50",
        "p99 ms",
        "lost",
        "MB a call",
        "load's lag",
        "steal",
        "others",
        "",
    ):
        table.add_column(column, justify="right")
    for (deltas_ms, calls, server), rounds in grouped(relayed, "deltas_ms", "calls", "server"):
        table.add_row(
            f"{deltas_ms} ms",
            str(calls),
            server,
            _known(cost(rounds), 1),
            _known(undisturbed(rounds), 1),
            f"{median(each['core'] for each in rounds):.0%}",
            _known(delay(rounds, "p50"), 1),
            _known(delay(rounds, "p99"), 1),
            _lost(rounds),
            f"{median(each['mb_per_call'] for each in rounds):.2f}",
            f"{max(_lags(rounds)):.1f}",
            f"{max(each['steal'] for each in rounds):.0%}",
            f"{max(each['others'] for each in rounds):.0%}",
            _limits(rounds),
        )
    console.print(table)
    console.print(LEGEND)
    for server in (NAIVE, WARMLINE, BARE):
        held = "" if quick else f" One core held {holds(list(relayed), server.name)} calls at deltas of 20 ms."
        console.print(f"{server.name}: {server.note}.{held}")
    measured = {each["server"] for each in relayed}
    for server in PEERS:
        if server.name in measured:
            console.print(f"{server.name}: {server.note}")


def cost(rounds: Sequence[Figures]) -> float:
    """CPU µs a pair; NaN where none kept pace: what was not done cost nothing."""
    kept = [each["cpu_us_per_pair"] for each in rounds if each["came_back"] >= KEEPS_PACE]
    return median(kept) if kept else math.nan


def delay(rounds: Sequence[Figures], part: str) -> float:
    """In ms; NaN where no frame was found again, or the load itself was late."""
    delays = [each["delays_ms"][part] for each in rounds if each["delays_ms"] and not late(each)]
    return median(delays) if delays else math.nan


def _known(figure: float, digits: int) -> str:
    return "–" if math.isnan(figure) else f"{figure:.{digits}f}"


def _lost(rounds: Sequence[Figures]) -> str:
    lost = [each["frames_lost"] for each in rounds if each["frames_lost"] is not None]
    return str(sum(lost)) if lost else "–"


def _lags(rounds: Sequence[Figures]) -> list[float]:
    """How late the load sent its frames, p99 in ms."""
    return [each["lag_ms"].get("p99", 0.0) for each in rounds]


def _limits(rounds: Sequence[Figures]) -> str:
    """What else than the server the figures may be due to."""
    notes = []
    if max(each["busy"] for each in rounds) > BUSY:
        notes.append("the load is the limit")
    if (late_ms := max(_lags(rounds))) >= LATE_MS:
        notes.append(f"the load was late by up to {late_ms:.0f} ms")
    if any(disturbed(each) for each in rounds):
        notes.append(f"{sum(map(disturbed, rounds))} of {len(rounds)} disturbed")
    if (back := min(each["came_back"] for each in rounds)) < KEEPS_PACE:
        notes.append(f"{back:.0%} of the audio came back in time")
    return ", ".join(notes)


def moments(console: Console, rounds: Sequence[Figures]) -> None:
    for name, key in (("speech_started → clear", "barge_in_ms"), ("last mark → transfer invoked", "hand_over_ms")):
        waits = [each for figures in rounds for each in figures[key]]
        console.print(f"{name}: {_spread(waits)} ms at {CALLS_AT_MOMENTS} calls, {len(waits)} times")
    pauses = [each for figures in rounds for each in figures["gc_ms"]]
    console.print(f"garbage collections of 1 ms and more: {len(pauses)}, the longest {max(pauses, default=0):.1f} ms")


def long_call(console: Console, figures: Figures) -> None:
    core, memory_mb = growth(figures)
    console.print(
        f"{MINUTES} minutes at {SPEED} times the speed, {figures['calls']} calls: in the last third "
        f"×{core:.2f} the CPU of the first, {memory_mb:+.2f} MB a call, {figures['frames_lost']} frames lost"
    )


def first_words(console: Console, rounds: Iterable[Figures]) -> None:
    table = Table(title="Handshake → first byte of the greeting, ms", title_justify="left")
    for column in ("variant", "p50", "p99"):
        table.add_column(column, justify="left" if column == "variant" else "right")
    for figures in rounds:
        spread = figures["first_byte_ms"]
        table.add_row(figures["variant"], f"{spread.get('p50', 0):.0f}", f"{spread.get('p99', 0):.0f}")
    console.print(table)


def targets(console: Console, results: dict[str, Any]) -> None:
    """Each target with what was reached."""
    ratios, relayed = results["ratios"], results["relay"]
    ours = [each for each in relayed if each["server"] == WARMLINE.name and each["calls"] >= CALLS_AT_MOMENTS]
    barge_in = [each for figures in results["moments"] for each in figures["barge_in_ms"]]
    hand_over = [each for figures in results["moments"] for each in figures["hand_over_ms"]]
    pauses = [each for figures in results["moments"] for each in figures["gc_ms"]]
    core, memory_mb = growth(results["long_call"])
    lines = [
        *_ratio_targets(ratios),
        (f"{CALLS} calls on one core", holds(relayed, WARMLINE.name) >= CALLS, holds(relayed, WARMLINE.name)),
        (f"under {MB_PER_CALL} MB a call", _most(ours, "mb_per_call") < MB_PER_CALL, _most(ours, "mb_per_call")),
        (f"barge-in p99 under {BARGE_IN_MS} ms", _p99(barge_in) < BARGE_IN_MS, round(_p99(barge_in), 1)),
        (f"hand-over p99 under {HAND_OVER_MS} ms", _p99(hand_over) < HAND_OVER_MS, round(_p99(hand_over), 1)),
        (f"no collection over {GC_MS} ms", max(pauses, default=0.0) <= GC_MS, max(pauses, default=0.0)),
        ("a long call costs no more CPU at its end", core < WORSE, core),
        (f"and under {FLAT_MB} MB more memory", memory_mb < FLAT_MB, memory_mb),
    ]
    for name, reached, figure in lines:
        console.print(f"{'[green]reached[/green]' if reached else '[red]missed [/red]'}  {name}: {figure}")


def _ratio_targets(ratios: dict[str, float]) -> list[tuple[str, bool, float]]:
    """NaN, which reaches nothing, where too few turns of one of the two count."""
    found = []
    for server, most in ((NAIVE.name, OF_OBVIOUS), (BARE.name, OF_BARE)):
        for deltas_ms in (20, 200):
            name = f"{server}, {deltas_ms} ms, 40 calls"
            ratio = ratios.get(name, math.nan)
            found.append((f"at most {most} of {name}", ratio <= most, ratio))
    return found


def against_baseline(console: Console, ratios: dict[str, float], baseline: dict[str, float]) -> None:
    """Say what got worse; judge nothing."""
    for name, was in baseline.items():
        if name not in ratios:
            console.print(
                f"[red]not compared[/red]: {name}: too few turns of one of the two count; run it again, alone"
            )
            continue
        grown = ratios[name] / was
        word = "[red]worse[/red]" if grown > WORSE else "[green]better[/green]" if grown < 1 / WORSE else "as good"
        target = OF_OBVIOUS if name.startswith(NAIVE.name) else OF_BARE
        found = f"{ratios[name]:.2f}, was {was:.2f} (×{grown:.2f}); target {target}, less is better"
        again = "; run it again before you believe it" if grown > WORSE else ""
        console.print(f"{word}: warmline's CPU over that of {name}: {found}{again}")


def grouped(rounds: Iterable[Figures], *keys: str) -> list[tuple[tuple[Any, ...], list[Figures]]]:
    groups: dict[tuple[Any, ...], list[Figures]] = {}
    for each in rounds:
        groups.setdefault(tuple(each[key] for key in keys), []).append(each)
    return sorted(groups.items(), key=lambda group: group[0])


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


def _most(rounds: Sequence[Figures], key: str) -> float:
    return max((each[key] for each in rounds), default=float("inf"))


def _p99(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] if ordered else float("inf")


def _spread(values: Sequence[float]) -> str:
    ordered = sorted(values)
    return f"p50 {ordered[len(ordered) // 2]:.1f}, p99 {_p99(ordered):.1f}" if ordered else "never"
