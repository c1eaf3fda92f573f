"""One run: people call, and get a task, or are refused and try again as Twilio and voice_webhook do."""

import random
from dataclasses import dataclass
from functools import partial

from bench.simulation.callers import Demand, Load, generate_demand
from bench.simulation.counts import Minute, Result
from bench.simulation.event_queue import EventQueue
from bench.simulation.service import Service
from bench.simulation.settings import Assumptions, Settings
from bench.simulation.tasks import Call, State


@dataclass(frozen=True, slots=True)
class Schedule:
    """What happens in a run, independent of the settings."""

    load: Load
    end_s: float
    deploys_s: tuple[float, ...] = ()


class Simulation:
    """`begin`, then let `queue` run, then `finish`."""

    def __init__(self, settings: Settings, assumptions: Assumptions, seed: int) -> None:
        self.result = Result()
        self.queue = EventQueue()
        self.service = Service(
            self.queue, random.Random(f"service {seed}"), settings, assumptions, self.result, self._move_call
        )
        self._settings = settings
        self._assumptions = assumptions
        self._nodes = random.Random(f"nodes {seed}")
        self._wanted_calls = 0

    def begin(self, demand: Demand, deploys_s: tuple[float, ...] = ()) -> None:
        self.service.begin(self._count_tasks_for(len(demand.in_progress)))
        self.result.counts.in_progress = len(demand.in_progress)
        for remaining_s in demand.in_progress:
            self._start_call(Call(remaining_s, cut=True))
        for at_s, length_s in demand.arrivals:
            self.queue.schedule(at_s, partial(self._receive_call, length_s))
        for at_s in deploys_s:
            self.queue.schedule(at_s, self.service.deploy)
        self.queue.schedule(60, self._record_minute)

    def finish(self) -> Result:
        """The result up to now."""
        now_s, tasks = self.queue.now_s, self.service.tasks
        self.result.task_s += sum(now_s - each.started_s for each in tasks)
        self.result.call_s += sum(now_s - call.since_s for each in tasks for call in each.calls)
        return self.result

    def _count_tasks_for(self, calls: int) -> int:
        """The tasks that scaling would have led to: as many as keep the calls at the target."""
        needed = -int(-calls // self._settings.target_calls)
        return min(max(needed, self._settings.min_tasks), self._settings.max_tasks)

    def _receive_call(self, length_s: float) -> None:
        self.result.counts.callers += 1
        self._start_call(Call(length_s))

    def _start_call(self, call: Call) -> None:
        self._wanted_calls += 1
        self.queue.schedule(call.remaining_s, self._end_wanted_call)
        self.result.counts.trying += 1
        self._try(call)

    def _end_wanted_call(self) -> None:
        self._wanted_calls -= 1

    def _try(self, call: Call) -> None:
        """Make one handshake."""
        call.streams += 1
        node = self._nodes.randrange(self._assumptions.balancer_nodes)
        task = self.service.pick_task(node)
        if task and task.admit(call, node):
            self._start_talking(call)
            return
        self.result.counts.refused += 1
        call.refusals += 1
        if call.streams < self._assumptions.max_streams:
            pause_s = self._assumptions.pause_s if call.refusals >= 2 else 0
            self.queue.schedule(self._assumptions.retry_s + pause_s, partial(self._try, call))
            return
        self.result.counts.trying -= 1
        if call.cut:
            self.result.counts.person_after_cut += 1
        else:
            self.result.counts.person += 1

    def _start_talking(self, call: Call) -> None:
        counts = self.result.counts
        counts.trying -= 1
        counts.talking += 1
        if not call.cut:
            counts.first_try += call.refusals == 0
            counts.second_try += call.refusals == 1
            counts.third_try += call.refusals == 2
        call.refusals = 0
        call.since_s = self.queue.now_s
        call.stream_number += 1
        self.queue.schedule(call.remaining_s, partial(self._end_call, call, call.stream_number))

    def _end_call(self, call: Call, stream_number: int) -> None:
        if call.stream_number != stream_number or call.task is None:
            return  # it was cut, and continues in another task
        self.result.call_s += self.queue.now_s - call.since_s
        task = call.task
        task.leave(call)
        self.service.handle_call_left(task)
        self.result.counts.talking -= 1
        self.result.counts.ended += 1

    def _move_call(self, call: Call) -> None:
        """Its task has stopped: Twilio asks the webhook what to do next, and the answer is another stream."""
        talked_s = self.queue.now_s - call.since_s
        self.result.call_s += talked_s
        self.result.counts.talking -= 1
        self.result.counts.trying += 1
        self.result.counts.moved += 1
        call.remaining_s = max(0.0, call.remaining_s - talked_s)
        call.cut = True
        if talked_s >= self._assumptions.talk_s:
            call.streams = 0
        if call.streams < self._assumptions.max_streams:
            self.queue.schedule(self._assumptions.retry_s, partial(self._try, call))
        else:
            self.result.counts.trying -= 1
            self.result.counts.person_after_cut += 1

    def _record_minute(self) -> None:
        counts, minutes = self.result.counts, self.result.minutes
        minutes.append(
            Minute(
                at_s=self.queue.now_s,
                wanted=self._wanted_calls,
                calls=counts.talking,
                desired=self.service.desired,
                taking=len(self.service.list_in_state(State.TAKING)),
                starting=len(self.service.list_in_state(State.STARTING)),
                draining=len(self.service.list_in_state(State.DRAINING)),
                refused=counts.refused - sum(each.refused for each in minutes),
                person=counts.person + counts.person_after_cut - sum(each.person for each in minutes),
            )
        )
        self.queue.schedule(60, self._record_minute)


def simulate(schedule: Schedule, settings: Settings, seed: int = 0, assumptions: Assumptions | None = None) -> Result:
    """Make one run. The same arguments give the same result."""
    simulation = Simulation(settings, assumptions or Assumptions(), seed)
    simulation.begin(generate_demand(schedule.load, schedule.end_s, settings.session_s, seed), schedule.deploys_s)
    simulation.queue.run_until(schedule.end_s)
    return simulation.finish()
