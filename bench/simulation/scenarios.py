"""What is simulated, with which settings, and what each run is summed up to."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from bench.simulation.callers import Load
from bench.simulation.counts import Course
from bench.simulation.settings import Settings, Surroundings
from bench.simulation.simulation import Day, simulated

SEEDS = range(5)
MINUTE, HOUR = 60.0, 3600.0
AS_ASSUMED = Surroundings()


@dataclass(frozen=True, slots=True)
class Variant:
    name: str
    settings: Settings
    surroundings: Surroundings = AS_ASSUMED


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    title: str
    day: Day
    variants: tuple[Variant, ...]
    drawn: tuple[str, ...]
    """The variants that a plot shows."""


@dataclass(frozen=True, slots=True)
class Row:
    """A variant's figures: means over all seeds."""

    variant: str
    callers: float
    refused: float
    waited: float
    """Callers who got a task at the second try, a moment later."""
    waited_3_s: float
    person: float
    moved: float
    person_after_cut: float
    most_tasks: float
    """At one time, with those that start and drain."""
    task_hours: float
    calls_per_task: float
    """Calls at a time, on average over all tasks and all the time."""


def row(variant: str, courses: Sequence[Course]) -> Row:
    def mean(values: list[float]) -> float:
        return round(statistics.mean(values), 1)

    return Row(
        variant,
        callers=mean([each.counts.callers for each in courses]),
        refused=mean([each.counts.refused for each in courses]),
        waited=mean([each.counts.second_try for each in courses]),
        waited_3_s=mean([each.counts.third_try for each in courses]),
        person=mean([each.counts.person for each in courses]),
        moved=mean([each.counts.moved for each in courses]),
        person_after_cut=mean([each.counts.person_after_cut for each in courses]),
        most_tasks=mean([max(at.taking + at.starting + at.draining for at in each.minutes) for each in courses]),
        task_hours=mean([each.task_s / HOUR for each in courses]),
        calls_per_task=mean([each.call_s / each.task_s for each in courses]),
    )


def figures(scenario: Scenario, seeds: Sequence[int] = SEEDS) -> list[Row]:
    return [
        row(each.name, [simulated(scenario.day, each.settings, seed, each.surroundings) for seed in seeds])
        for each in scenario.variants
    ]


def as_json(scenario: Scenario, rows: Sequence[Row]) -> dict[str, object]:
    return {
        "scenario": scenario.title,
        "seeds": len(SEEDS),
        "variants": [
            {"settings": asdict(each.settings), "figures": asdict(found)}
            for each, found in zip(scenario.variants, rows, strict=True)
        ],
    }


def ramp(minutes: float, calls: int = 300) -> Day:
    """A morning: 20 calls at a time, then so many minutes to `calls`, which stay for an hour."""
    begins, ends = 20 * MINUTE, (20 + minutes) * MINUTE
    return Day(Load(((0, 20), (begins, 20), (ends, calls))), ends + HOUR)


DEFAULT = Variant("template's defaults", Settings())
MORE = Variant("MaxTasks 60", Settings(max_tasks=60))
LARGE = Variant("MaxCalls 100", Settings(max_calls=100))
LARGE_TWO = Variant("MaxCalls 100, MinTasks 2", Settings(max_calls=100, min_tasks=2))
LARGE_SIX = Variant("MaxCalls 100, MinTasks 6", Settings(max_calls=100, min_tasks=6))
# DrainSeconds is 3600 in prod. What drains after a scale-in goes on reporting, and has fewer and fewer calls.
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
    Day(Load(((0, 20), (20 * MINUTE, 20), (20 * MINUTE, 500)), at_once=(20 * MINUTE, 480)), 80 * MINUTE),
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
    Day(
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
    Day(Load(((0, 200),)), 150 * MINUTE, deploys_s=(30 * MINUTE,)),
    (MORE, PROD_SOON, PROD, PROD_HIGHEST, LARGE, PROD_LARGE),
    drawn=(MORE.name, PROD_SOON.name, PROD.name, PROD_LARGE.name),
)

# A rise within the hour in which the tasks of a scale-in still drain.
NOON = Scenario(
    "noon",
    "200 calls at a time; from minute 60 to 75 down to 60, until minute 120; at minute 135 200 again",
    Day(Load(((0, 200), (1 * HOUR, 200), (1.25 * HOUR, 60), (2 * HOUR, 60), (2.25 * HOUR, 200))), 3.5 * HOUR),
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
    ramp(30),
    (
        Variant("MaxCalls 20, MinTasks 1", Settings(max_tasks=60)),
        Variant("MaxCalls 20, MinTasks 10", Settings(max_tasks=60, min_tasks=10)),
        Variant("MaxCalls 20, target 40 %", Settings(max_tasks=60, target_share=0.4)),
        Variant("MaxCalls 100, MinTasks 1", Settings(max_calls=100)),
        Variant("MaxCalls 100, MinTasks 2", Settings(max_calls=100, min_tasks=2)),
    ),
    drawn=(),
)

# What if the assumptions are wrong: the step, with one of them changed.
ASSUMPTIONS = Scenario(
    "assumptions",
    "The step with MaxTasks 60, and another assumption",
    STEP.day,
    (
        Variant("as assumed", MORE.settings),
        Variant("metrics known at once", MORE.settings, Surroundings(metric_delay_s=0)),
        Variant("metrics two minutes late", MORE.settings, Surroundings(metric_delay_s=120)),
        Variant("tasks start in 20 s", MORE.settings, Surroundings(fargate_start_s=(20, 20))),
        Variant("tasks start in 120 s", MORE.settings, Surroundings(fargate_start_s=(120, 120))),
        Variant("cooldown from the order on", MORE.settings, Surroundings(waits_for_tasks=False)),
        Variant("one node of the balancer", MORE.settings, Surroundings(balancer_nodes=1)),
        Variant("six nodes of the balancer", MORE.settings, Surroundings(balancer_nodes=6)),
    ),
    drawn=(),
)

DRAINS = Scenario(
    "drains",
    f"Noon with {PROD.name}, and another assumption",
    NOON.day,
    (
        Variant("as assumed", PROD.settings),
        Variant("a drain ends with the last call", PROD.settings, Surroundings(drain_ends_early=True)),
        Variant("what drains reports nothing", PROD.settings, Surroundings(draining_reports=False)),
    ),
    drawn=(),
)

SCENARIOS = (STEP, MONDAY, DEPLOY, NOON, ASSUMPTIONS, DRAINS)


def of_ramps(seeds: Sequence[int] = SEEDS) -> dict[str, list[float]]:
    """By variant: per cent of callers, ramp by ramp of RAMP_MINUTES, who reach a person for want of a place."""
    found: dict[str, list[float]] = {}
    for variant in RAMPS.variants:
        rows = [
            row(variant.name, [simulated(ramp(minutes), variant.settings, seed) for seed in seeds])
            for minutes in RAMP_MINUTES
        ]
        found[variant.name] = [round(100 * (each.person + each.person_after_cut) / each.callers, 2) for each in rows]
    return found
