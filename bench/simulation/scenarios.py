"""The scenarios, the variants of settings for each, and the summary of their runs."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from bench.simulation.callers import Load
from bench.simulation.counts import Result
from bench.simulation.settings import Assumptions, Settings
from bench.simulation.simulation import Schedule, simulate

SEEDS = range(5)
MINUTE, HOUR = 60.0, 3600.0
DEFAULT_ASSUMPTIONS = Assumptions()


@dataclass(frozen=True, slots=True)
class Variant:
    name: str
    settings: Settings
    assumptions: Assumptions = DEFAULT_ASSUMPTIONS


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    title: str
    schedule: Schedule
    variants: tuple[Variant, ...]
    drawn: tuple[str, ...]
    """The variants that a plot shows."""


@dataclass(frozen=True, slots=True)
class Row:
    """The summary of a variant: means over all seeds."""

    variant: str
    callers: float
    refused: float
    waited: float
    """Callers who got a task at the second try, a second later."""
    waited_3_s: float
    person: float
    moved: float
    person_after_cut: float
    most_tasks: float
    """The most at one time, including tasks that start or drain."""
    task_hours: float
    calls_per_task: float
    """Calls at a time in a task, on average."""


def summarize(variant: str, results: Sequence[Result]) -> Row:
    def compute_mean(values: list[float]) -> float:
        return round(statistics.mean(values), 1)

    return Row(
        variant,
        callers=compute_mean([each.counts.callers for each in results]),
        refused=compute_mean([each.counts.refused for each in results]),
        waited=compute_mean([each.counts.second_try for each in results]),
        waited_3_s=compute_mean([each.counts.third_try for each in results]),
        person=compute_mean([each.counts.person for each in results]),
        moved=compute_mean([each.counts.moved for each in results]),
        person_after_cut=compute_mean([each.counts.person_after_cut for each in results]),
        most_tasks=compute_mean(
            [max(at.taking + at.starting + at.draining for at in each.minutes) for each in results]
        ),
        task_hours=compute_mean([each.task_s / HOUR for each in results]),
        calls_per_task=compute_mean([each.call_s / each.task_s for each in results]),
    )


def run_scenario(scenario: Scenario, seeds: Sequence[int] = SEEDS) -> list[Row]:
    return [
        summarize(each.name, [simulate(scenario.schedule, each.settings, seed, each.assumptions) for seed in seeds])
        for each in scenario.variants
    ]


def to_json(scenario: Scenario, rows: Sequence[Row]) -> dict[str, object]:
    return {
        "scenario": scenario.title,
        "seeds": len(SEEDS),
        "variants": [
            {"settings": asdict(each.settings), "figures": asdict(row)}
            for each, row in zip(scenario.variants, rows, strict=True)
        ],
    }


def make_ramp(minutes: float, calls: int = 300) -> Schedule:
    """20 calls at a time, then a rise to `calls` within so many minutes, and an hour at that level."""
    begins, ends = 20 * MINUTE, (20 + minutes) * MINUTE
    return Schedule(Load(((0, 20), (begins, 20), (ends, calls))), ends + HOUR)


DEFAULT = Variant("template's defaults", Settings())
MORE = Variant("MaxTasks 60", Settings(max_tasks=60))
LARGE = Variant("MaxCalls 100", Settings(max_calls=100))
LARGE_TWO = Variant("MaxCalls 100, MinTasks 2", Settings(max_calls=100, min_tasks=2))
LARGE_SIX = Variant("MaxCalls 100, MinTasks 6", Settings(max_calls=100, min_tasks=6))
# DrainSeconds is 3600 in prod. Tasks that drain after a scale-in keep reporting, with fewer and fewer calls.
PROD = Variant("MaxTasks 60, drain 3600", Settings(max_tasks=60, drain_s=3600))
PROD_SOON = Variant(
    "MaxTasks 60, drain 3600, cooldown 600", Settings(max_tasks=60, drain_s=3600, scale_in_cooldown_s=600)
)
PROD_HIGHEST = Variant(
    "MaxTasks 60, drain 3600, cooldown 600, maximum",
    Settings(max_tasks=60, drain_s=3600, scale_in_cooldown_s=600, statistic="Maximum"),
)
PROD_LARGE = Variant("MaxCalls 100, drain 3600", Settings(max_calls=100, drain_s=3600))
PROD_LARGE_SOON = Variant(
    "MaxCalls 100, drain 3600, cooldown 600", Settings(max_calls=100, drain_s=3600, scale_in_cooldown_s=600)
)

STEP = Scenario(
    "step",
    "20 calls at a time; at minute 20, 500 people call within one minute, and 500 at a time stay",
    Schedule(Load(((0, 20), (20 * MINUTE, 20), (20 * MINUTE, 500)), at_once=(20 * MINUTE, 480)), 80 * MINUTE),
    (
        DEFAULT,
        MORE,
        Variant("MaxTasks 60, target 40 %", Settings(max_tasks=60, target_share=0.4)),
        Variant("MaxTasks 60, MinTasks 10", Settings(max_tasks=60, min_tasks=10)),
        LARGE,
        LARGE_TWO,
        LARGE_SIX,
    ),
    drawn=(DEFAULT.name, MORE.name, LARGE.name, LARGE_SIX.name),
)

MONDAY = Scenario(
    "monday",
    "Monday from 7:00: 5 calls at a time, from 8:00 to 8:30 up to 300, until 10:00; 150 at 11:00; over at 12:00",
    Schedule(
        Load(((0, 5), (1 * HOUR, 5), (1.5 * HOUR, 300), (3 * HOUR, 300), (4 * HOUR, 150), (5 * HOUR, 0))),
        5.5 * HOUR,
    ),
    (
        DEFAULT,
        MORE,
        Variant("MaxTasks 60, cooldown 600", Settings(max_tasks=60, scale_in_cooldown_s=600)),
        Variant("MaxTasks 60, target 40 %", Settings(max_tasks=60, target_share=0.4)),
        Variant("MaxTasks 60, MinTasks 5", Settings(max_tasks=60, min_tasks=5)),
        LARGE,
        LARGE_TWO,
        PROD_SOON,
        PROD,
        PROD_HIGHEST,
        PROD_LARGE_SOON,
        PROD_LARGE,
    ),
    drawn=(MORE.name, LARGE_TWO.name, PROD_SOON.name, PROD.name),
)

DEPLOY = Scenario(
    "deploy",
    "200 calls at a time all along, a deploy at minute 30",
    Schedule(Load(((0, 200),)), 150 * MINUTE, deploys_s=(30 * MINUTE,)),
    (MORE, PROD_SOON, PROD, PROD_HIGHEST, LARGE, PROD_LARGE),
    drawn=(MORE.name, PROD_SOON.name, PROD.name, PROD_LARGE.name),
)

# A rise while the tasks of a scale-in still drain.
NOON = Scenario(
    "noon",
    "200 calls at a time; from minute 60 to 75 down to 60, until minute 120; at minute 135 200 again",
    Schedule(Load(((0, 200), (1 * HOUR, 200), (1.25 * HOUR, 60), (2 * HOUR, 60), (2.25 * HOUR, 200))), 3.5 * HOUR),
    (
        MORE,
        PROD_SOON,
        PROD,
        PROD_HIGHEST,
        Variant("MaxTasks 60, drain 3600, MinTasks 10", Settings(max_tasks=60, min_tasks=10, drain_s=3600)),
        LARGE,
        PROD_LARGE,
        Variant("MaxCalls 100, drain 3600, MinTasks 2", Settings(max_calls=100, min_tasks=2, drain_s=3600)),
    ),
    drawn=(MORE.name, PROD_SOON.name, PROD.name, PROD_HIGHEST.name),
)

RAMP_MINUTES = (5, 10, 15, 20, 30, 45, 60, 90)
RAMPS = Scenario(
    "ramps",
    "20 calls at a time, then up to 300 within so many minutes",
    make_ramp(30),
    (
        Variant("MaxCalls 20, MinTasks 1", Settings(max_tasks=60)),
        Variant("MaxCalls 20, MinTasks 10", Settings(max_tasks=60, min_tasks=10)),
        Variant("MaxCalls 20, target 40 %", Settings(max_tasks=60, target_share=0.4)),
        Variant("MaxCalls 100, MinTasks 1", Settings(max_calls=100)),
        Variant("MaxCalls 100, MinTasks 2", Settings(max_calls=100, min_tasks=2)),
    ),
    drawn=(),
)

# The step with one assumption changed, to see how much the results depend on it.
ASSUMPTIONS = Scenario(
    "assumptions",
    "The step with MaxTasks 60, and another assumption",
    STEP.schedule,
    (
        Variant("as assumed", MORE.settings),
        Variant("metrics known at once", MORE.settings, Assumptions(metric_delay_s=0)),
        Variant("metrics two minutes late", MORE.settings, Assumptions(metric_delay_s=120)),
        Variant("tasks start in 20 s", MORE.settings, Assumptions(fargate_start_s=(20, 20))),
        Variant("tasks start in 120 s", MORE.settings, Assumptions(fargate_start_s=(120, 120))),
        Variant("cooldown from the order on", MORE.settings, Assumptions(waits_for_tasks=False)),
        Variant("one node of the balancer", MORE.settings, Assumptions(balancer_nodes=1)),
        Variant("six nodes of the balancer", MORE.settings, Assumptions(balancer_nodes=6)),
    ),
    drawn=(),
)

DRAINS = Scenario(
    "drains",
    f"Noon with {PROD.name}, and another assumption",
    NOON.schedule,
    (
        Variant("as assumed", PROD.settings),
        Variant("a drain ends with the last call", PROD.settings, Assumptions(drain_ends_early=True)),
        Variant("what drains reports nothing", PROD.settings, Assumptions(draining_reports=False)),
    ),
    drawn=(),
)

SCENARIOS = (STEP, MONDAY, DEPLOY, NOON, ASSUMPTIONS, DRAINS)


def run_ramps(seeds: Sequence[int] = SEEDS) -> dict[str, list[float]]:
    """For each variant: the per cent of callers whom no task accepted, for each ramp of RAMP_MINUTES."""
    shares: dict[str, list[float]] = {}
    for variant in RAMPS.variants:
        rows = [
            summarize(variant.name, [simulate(make_ramp(minutes), variant.settings, seed) for seed in seeds])
            for minutes in RAMP_MINUTES
        ]
        shares[variant.name] = [round(100 * (each.person + each.person_after_cut) / each.callers, 2) for each in rows]
    return shares
