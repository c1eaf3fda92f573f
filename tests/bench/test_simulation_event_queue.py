from functools import partial

from bench.simulation.event_queue import EventQueue


def test_actions_run_in_order_of_time_then_of_scheduling() -> None:
    queue, seen = EventQueue(), list[tuple[float, str]]()

    def happens(name: str) -> None:
        seen.append((queue.now_s, name))

    for after_s, name in ((3, "late"), (1, "first"), (1, "second"), (9, "never")):
        queue.schedule(after_s, partial(happens, name))
    queue.run_until(5)
    assert seen == [(1, "first"), (1, "second"), (3, "late")]
    assert queue.now_s == 5


def test_an_action_may_schedule_another() -> None:
    queue, seen = EventQueue(), list[float]()

    def again() -> None:
        seen.append(queue.now_s)
        queue.schedule(2, again)

    again()
    queue.run_until(6)
    assert seen == [0, 2, 4, 6]
