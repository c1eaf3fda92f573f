"""Whole runs: tiny ones computed by hand, and what has to be true of any."""

import pytest

from bench.simulation.callers import Load, People, people
from bench.simulation.counts import Counts
from bench.simulation.scenarios import STEP
from bench.simulation.settings import Settings, Surroundings
from bench.simulation.simulation import Day, Simulation, simulated
from bench.simulation.tasks import State

ONE_TASK = Settings(max_calls=2, max_tasks=1)


def run(
    crowd: People, settings: Settings, until_s: float, deploys_s: tuple[float, ...] = (), nodes: int = 1
) -> Simulation:
    simulation = Simulation(settings, Surroundings(balancer_nodes=nodes), seed=1)
    simulation.begin(crowd, deploys_s)
    simulation.agenda.run_until(until_s)
    return simulation


def test_whoever_finds_no_place_at_three_tries_reaches_a_person() -> None:
    # Tries at 10, 11 and, after the pause, 15 s; the places are free again at 20 s.
    crowd = People((), ((0, 20), (0, 20), (10, 20)))
    assert run(crowd, ONE_TASK, 100).course.counts == Counts(callers=3, first_try=2, refused=3, person=1, ended=2)


def test_the_second_try_comes_a_second_later_and_the_third_after_a_pause() -> None:
    crowd = People((), ((0, 10.5), (0, 14.5), (10, 20), (11.2, 20)))
    counts = run(crowd, ONE_TASK, 100).course.counts
    assert counts == Counts(callers=4, first_try=2, second_try=1, third_try=1, refused=3, ended=4)


def test_calls_at_the_end_are_counted_where_they_are() -> None:
    crowd = People((50,), ((0, 50), (9, 50)))
    counts = run(crowd, ONE_TASK, 10.5).course.counts
    assert counts == Counts(already=1, callers=2, first_try=1, refused=2, talking=2, trying=1)
    assert counts.complete


def test_a_deploy_cuts_calls_when_the_drain_is_over_and_they_go_on() -> None:
    settings = Settings(drain_s=60)
    crowd = People((), ((0, 50), (1, 1000)))
    simulation = run(crowd, settings, 300, deploys_s=(10,))
    # New task healthy between 60 and 90 s, the old one gone 60 s later: the second call is cut after about two minutes.
    assert simulation.course.counts == Counts(callers=2, first_try=2, moved=1, ended=1, talking=1)
    assert [(each.revision, len(each.calls)) for each in simulation.service.tasks] == [(2, 1)]


def test_with_a_drain_of_an_hour_a_deploy_cuts_nothing() -> None:
    crowd = People((), ((0, 1000),))
    simulation = run(crowd, Settings(drain_s=3600), 1100, deploys_s=(10,))
    assert simulation.course.counts == Counts(callers=1, first_try=1, ended=1)
    assert [(each.revision, each.state) for each in simulation.service.tasks] == [
        (1, State.DRAINING),
        (2, State.TAKING),
    ]


def test_a_drain_may_end_with_the_last_call() -> None:
    simulation = Simulation(Settings(drain_s=3600), Surroundings(drain_ends_early=True), seed=1)
    simulation.begin(People((), ((0, 200),)), deploys_s=(10,))
    simulation.agenda.run_until(199)
    assert [each.state for each in simulation.service.tasks] == [State.DRAINING, State.TAKING]
    simulation.agenda.run_until(200)
    assert [each.state for each in simulation.service.tasks] == [State.TAKING]


def test_the_first_new_task_takes_calls_about_five_minutes_after_the_load() -> None:
    # Twenty callers at 0 s: minutes 0, 1 and 2 are above 12 calls, which is known at 240 s; healthy 50 to 80 s later.
    simulation = run(People((), ((0.0, 900.0),) * 20), Settings(), 239)
    assert simulation.service.desired == 1
    simulation.agenda.run_until(240)
    assert simulation.service.desired == 2
    simulation.agenda.run_until(240 + 49)
    assert len(simulation.service.in_state(State.TAKING)) == 1
    simulation.agenda.run_until(240 + 80)
    assert len(simulation.service.in_state(State.TAKING)) == 2


def test_task_hours_and_call_hours_add_up() -> None:
    course = run(People((), ((0, 600), (300, 1000))), Settings(), 900).finish()
    assert course.task_s == 900
    assert course.call_s == 600 + 600


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
def test_nobody_is_lost_no_task_is_overfull_and_the_bounds_hold(settings: Settings, seed: int) -> None:
    simulation = Simulation(settings, Surroundings(), seed)
    end_s = 3600
    simulation.begin(people(BUSY, end_s, settings.session_s, seed), deploys_s=(700, 2000))
    for at_s in range(0, end_s, 15):
        simulation.agenda.run_until(at_s)
        counts, service = simulation.course.counts, simulation.service
        assert counts.complete
        assert counts.talking == sum(len(each.calls) for each in service.tasks)
        assert all(len(each.calls) <= settings.max_calls for each in service.tasks)
        assert all(sum(each.by_node) == len(each.calls) for each in service.tasks)
        assert settings.min_tasks <= service.desired <= settings.max_tasks
        # While a deploy replaces tasks there are both; the service is never short of those it had.
        assert len(service.in_state(State.TAKING)) >= min(settings.min_tasks, service.desired)


def test_the_same_seed_gives_the_same_course() -> None:
    day = Day(BUSY, 1800, deploys_s=(700,))
    assert simulated(day, Settings(), seed=3) == simulated(day, Settings(), seed=3)
    assert simulated(day, Settings(), seed=3) != simulated(day, Settings(), seed=4)


def test_more_places_at_the_moment_of_the_step_send_fewer_people_away() -> None:
    persons = [simulated(STEP.day, Settings(max_calls=100, min_tasks=each)).counts.person for each in (1, 2, 6)]
    assert persons == sorted(persons, reverse=True)
    assert persons[0] > 2 * persons[2]
