"""Whole runs: small ones computed by hand, and invariants of any run."""

import pytest

from bench.simulation.callers import Demand, Load, generate_demand
from bench.simulation.counts import Counts
from bench.simulation.scenarios import STEP
from bench.simulation.settings import Assumptions, Settings
from bench.simulation.simulation import Schedule, Simulation, simulate
from bench.simulation.tasks import State

ONE_TASK = Settings(max_calls=2, max_tasks=1)


def run(
    demand: Demand, settings: Settings, until_s: float, deploys_s: tuple[float, ...] = (), nodes: int = 1
) -> Simulation:
    simulation = Simulation(settings, Assumptions(balancer_nodes=nodes), seed=1)
    simulation.begin(demand, deploys_s)
    simulation.queue.run_until(until_s)
    return simulation


def test_a_caller_who_is_refused_three_times_reaches_a_person() -> None:
    # Tries at 10, 11 and, after the pause, 15 s; the places are free again at 20 s.
    demand = Demand((), ((0, 20), (0, 20), (10, 20)))
    assert run(demand, ONE_TASK, 100).result.counts == Counts(callers=3, first_try=2, refused=3, person=1, ended=2)


def test_the_second_try_comes_a_second_later_and_the_third_after_a_pause() -> None:
    demand = Demand((), ((0, 10.5), (0, 14.5), (10, 20), (11.2, 20)))
    counts = run(demand, ONE_TASK, 100).result.counts
    assert counts == Counts(callers=4, first_try=2, second_try=1, third_try=1, refused=3, ended=4)


def test_calls_in_progress_at_the_end_are_counted_as_such() -> None:
    demand = Demand((50,), ((0, 50), (9, 50)))
    counts = run(demand, ONE_TASK, 10.5).result.counts
    assert counts == Counts(in_progress=1, callers=2, first_try=1, refused=2, talking=2, trying=1)
    assert counts.complete


def test_a_deploy_moves_calls_when_the_drain_is_over() -> None:
    settings = Settings(drain_s=60)
    demand = Demand((), ((0, 50), (1, 1000)))
    simulation = run(demand, settings, 300, deploys_s=(10,))
    # New task healthy between 60 and 90 s, the old one gone 60 s later: the second call is cut after about two minutes.
    assert simulation.result.counts == Counts(callers=2, first_try=2, moved=1, ended=1, talking=1)
    assert [(each.revision, len(each.calls)) for each in simulation.service.tasks] == [(2, 1)]


def test_with_a_drain_of_an_hour_a_deploy_cuts_nothing() -> None:
    demand = Demand((), ((0, 1000),))
    simulation = run(demand, Settings(drain_s=3600), 1100, deploys_s=(10,))
    assert simulation.result.counts == Counts(callers=1, first_try=1, ended=1)
    assert [(each.revision, each.state) for each in simulation.service.tasks] == [
        (1, State.DRAINING),
        (2, State.TAKING),
    ]


def test_a_drain_may_end_with_the_last_call() -> None:
    simulation = Simulation(Settings(drain_s=3600), Assumptions(drain_ends_early=True), seed=1)
    simulation.begin(Demand((), ((0, 200),)), deploys_s=(10,))
    simulation.queue.run_until(199)
    assert [each.state for each in simulation.service.tasks] == [State.DRAINING, State.TAKING]
    simulation.queue.run_until(200)
    assert [each.state for each in simulation.service.tasks] == [State.TAKING]


def test_the_first_new_task_takes_calls_about_five_minutes_after_the_load() -> None:
    # Twenty callers at 0 s: minutes 0, 1 and 2 are above 12 calls, which is known at 240 s; healthy 50 to 80 s later.
    simulation = run(Demand((), ((0.0, 900.0),) * 20), Settings(), 239)
    assert simulation.service.desired == 1
    simulation.queue.run_until(240)
    assert simulation.service.desired == 2
    simulation.queue.run_until(240 + 49)
    assert len(simulation.service.list_in_state(State.TAKING)) == 1
    simulation.queue.run_until(240 + 80)
    assert len(simulation.service.list_in_state(State.TAKING)) == 2


def test_the_seconds_of_tasks_and_calls_add_up() -> None:
    result = run(Demand((), ((0, 600), (300, 1000))), Settings(), 900).finish()
    assert result.task_s == 900
    assert result.call_s == 600 + 600


BUSY = Load(((0, 10), (300, 10), (600, 120), (1500, 120), (1800, 5)), at_once=(900, 60))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "settings",
    [
        Settings(max_calls=5, max_tasks=12, drain_s=60),
        Settings(max_calls=20, min_tasks=2, max_tasks=10, drain_s=3600),
        Settings(max_calls=20, max_tasks=3, statistic="Maximum"),
    ],
    ids=str,
)
def test_no_caller_is_lost_no_task_is_overfull_and_the_bounds_hold(settings: Settings, seed: int) -> None:
    simulation = Simulation(settings, Assumptions(), seed)
    end_s = 3600
    simulation.begin(generate_demand(BUSY, end_s, settings.session_s, seed), deploys_s=(700, 2000))
    for at_s in range(0, end_s, 15):
        simulation.queue.run_until(at_s)
        counts, service = simulation.result.counts, simulation.service
        assert counts.complete
        assert counts.talking == sum(len(each.calls) for each in service.tasks)
        assert all(len(each.calls) <= settings.max_calls for each in service.tasks)
        assert all(sum(each.by_node) == len(each.calls) for each in service.tasks)
        assert settings.min_tasks <= service.desired <= settings.max_tasks
        # While a deploy replaces tasks there are both; the service is never short of those it had.
        assert len(service.list_in_state(State.TAKING)) >= min(settings.min_tasks, service.desired)


def test_the_same_seed_gives_the_same_result() -> None:
    schedule = Schedule(BUSY, 1800, deploys_s=(700,))
    assert simulate(schedule, Settings(), seed=3) == simulate(schedule, Settings(), seed=3)
    assert simulate(schedule, Settings(), seed=3) != simulate(schedule, Settings(), seed=4)


def test_more_places_before_the_step_refuse_fewer_callers() -> None:
    persons = [simulate(STEP.schedule, Settings(max_calls=100, min_tasks=each)).counts.person for each in (1, 2, 6)]
    assert persons == sorted(persons, reverse=True)
    assert persons[0] > 2 * persons[2]
