from functools import partial

from bench.simulation.event_queue import Agenda


def test_what_is_due_happens_in_the_order_of_its_time_then_of_its_noting() -> None:
    agenda, seen = Agenda(), list[tuple[float, str]]()

    def happens(name: str) -> None:
        seen.append((agenda.now_s, name))

    for after_s, name in ((3, "late"), (1, "first"), (1, "second"), (9, "never")):
        agenda.note(after_s, partial(happens, name))
    agenda.run_until(5)
    assert seen == [(1, "first"), (1, "second"), (3, "late")]
    assert agenda.now_s == 5


def test_what_happens_may_note_more() -> None:
    agenda, seen = Agenda(), list[float]()

    def again() -> None:
        seen.append(agenda.now_s)
        agenda.note(2, again)

    again()
    agenda.run_until(6)
    assert seen == [0, 2, 4, 6]
