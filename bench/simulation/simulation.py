"""One run: people call, get a task, or are refused and try again, as Twilio and voice_webhook make them."""

import random
from dataclasses import dataclass
from functools import partial

from bench.simulation.callers import Load, People, people
from bench.simulation.counts import Course, Minute
from bench.simulation.event_queue import Agenda
from bench.simulation.service import Service
from bench.simulation.settings import Settings, Surroundings
from bench.simulation.tasks import Call, State


@dataclass(frozen=True, slots=True)
class Day:
    """What happens in a run, whatever the settings."""

    load: Load
    end_s: float
    deploys_s: tuple[float, ...] = ()


class Simulation:
    """`begin`, then let `agenda` run, then `finish`."""

    def __init__(self, settings: Settings, surroundings: Surroundings, seed: int) -> None:
        self.course = Course()
        self.agenda = Agenda()
        self.service = Service(
            self.agenda, random.Random(f"service {seed}"), settings, surroundings, self.course, self._cut
        )
        self._settings = settings
        self._surroundings = surroundings
        self._nodes = random.Random(f"nodes {seed}")
        self._wanted = 0

    def begin(self, crowd: People, deploys_s: tuple[float, ...] = ()) -> None:
        self.service.begin(self._tasks_for(len(crowd.already)))
        self.course.counts.already = len(crowd.already)
        for rest_s in crowd.already:
            self._wants(Call(rest_s, cut=True))
        for at_s, length_s in crowd.callers:
            self.agenda.note(at_s, partial(self._calls, length_s))
        for at_s in deploys_s:
            self.agenda.note(at_s, self.service.deploy)
        self.agenda.note(60, self._minute)

    def finish(self) -> Course:
        """What it has come to up to now."""
        now_s, tasks = self.agenda.now_s, self.service.tasks
        self.course.task_s += sum(now_s - each.ordered_s for each in tasks)
        self.course.call_s += sum(now_s - call.since_s for each in tasks for call in each.calls)
        return self.course

    def _tasks_for(self, calls: int) -> int:
        """What scaling would have come to: the calls at the target."""
        needed = -int(-calls // self._settings.target_calls)
        return min(max(needed, self._settings.min_tasks), self._settings.max_tasks)

    def _calls(self, length_s: float) -> None:
        self.course.counts.callers += 1
        self._wants(Call(length_s))

    def _wants(self, call: Call) -> None:
        self._wanted += 1
        self.agenda.note(call.rest_s, self._would_have_ended)
        self.course.counts.trying += 1
        self._try(call)

    def _would_have_ended(self) -> None:
        self._wanted -= 1

    def _try(self, call: Call) -> None:
        """One handshake."""
        call.streams += 1
        node = self._nodes.randrange(self._surroundings.balancer_nodes)
        task = self.service.target(node)
        if task and task.admit(call, node):
            self._is_talking(call)
            return
        self.course.counts.refused += 1
        call.refusals += 1
        if call.streams < self._surroundings.max_streams:
            pause_s = self._surroundings.pause_s if call.refusals >= 2 else 0
            self.agenda.note(self._surroundings.retry_s + pause_s, partial(self._try, call))
            return
        self.course.counts.trying -= 1
        if call.cut:
            self.course.counts.person_after_cut += 1
        else:
            self.course.counts.person += 1

    def _is_talking(self, call: Call) -> None:
        counts = self.course.counts
        counts.trying -= 1
        counts.talking += 1
        if not call.cut:
            counts.first_try += call.refusals == 0
            counts.second_try += call.refusals == 1
            counts.third_try += call.refusals == 2
        call.refusals = 0
        call.since_s = self.agenda.now_s
        call.turn += 1
        self.agenda.note(call.rest_s, partial(self._ends, call, call.turn))

    def _ends(self, call: Call, turn: int) -> None:
        if call.turn != turn or call.task is None:
            return  # it was cut, and goes on elsewhere
        self.course.call_s += self.agenda.now_s - call.since_s
        task = call.task
        task.leave(call)
        self.service.left(task)
        self.course.counts.talking -= 1
        self.course.counts.ended += 1

    def _cut(self, call: Call) -> None:
        """Its task has gone: Twilio asks what comes next, and that is another stream."""
        talked_s = self.agenda.now_s - call.since_s
        self.course.call_s += talked_s
        self.course.counts.talking -= 1
        self.course.counts.trying += 1
        self.course.counts.moved += 1
        call.rest_s = max(0.0, call.rest_s - talked_s)
        call.cut = True
        if talked_s >= self._surroundings.talk_s:
            call.streams = 0
        if call.streams < self._surroundings.max_streams:
            self.agenda.note(self._surroundings.retry_s, partial(self._try, call))
        else:
            self.course.counts.trying -= 1
            self.course.counts.person_after_cut += 1

    def _minute(self) -> None:
        counts, minutes = self.course.counts, self.course.minutes
        minutes.append(
            Minute(
                at_s=self.agenda.now_s,
                wanted=self._wanted,
                calls=counts.talking,
                desired=self.service.desired,
                taking=len(self.service.in_state(State.TAKING)),
                starting=len(self.service.in_state(State.STARTING)),
                draining=len(self.service.in_state(State.DRAINING)),
                refused=counts.refused - sum(each.refused for each in minutes),
                person=counts.person + counts.person_after_cut - sum(each.person for each in minutes),
            )
        )
        self.agenda.note(60, self._minute)


def simulated(day: Day, settings: Settings, seed: int = 0, surroundings: Surroundings | None = None) -> Course:
    """One run; the same for the same arguments."""
    simulation = Simulation(settings, surroundings or Surroundings(), seed)
    simulation.begin(people(day.load, day.end_s, settings.session_s, seed), day.deploys_s)
    simulation.agenda.run_until(day.end_s)
    return simulation.finish()
