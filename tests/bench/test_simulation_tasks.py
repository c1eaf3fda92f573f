import random

from bench.simulation.tasks import Call, State, Task, pick_least_outstanding


def task(state: State = State.TAKING, by_node: tuple[int, int] = (0, 0), max_calls: int = 20) -> Task:
    made = Task(revision=1, max_calls=max_calls, nodes=2, started_s=0, state=state)
    for node, count in enumerate(by_node):
        for _ in range(count):
            assert made.admit(Call(60), node)
    return made


def test_a_task_takes_no_more_than_max_calls() -> None:
    full = task(max_calls=2, by_node=(1, 1))
    assert not full.admit(Call(60), 0)
    full.leave(full.calls[0])
    assert full.by_node == [0, 1]
    assert full.admit(Call(60), 0)


def test_each_node_knows_only_its_own_streams() -> None:
    one, other = task(by_node=(3, 0)), task(by_node=(1, 5))
    assert pick_least_outstanding([one, other], 0, random.Random(1)) is other
    assert pick_least_outstanding([one, other], 1, random.Random(1)) is one


def test_only_tasks_that_take_calls_are_targets() -> None:
    waiting = [task(State.STARTING), task(State.DRAINING)]
    assert pick_least_outstanding(waiting, 0, random.Random(1)) is None
    busy = task(by_node=(9, 9))
    assert pick_least_outstanding([*waiting, busy], 0, random.Random(1)) is busy
