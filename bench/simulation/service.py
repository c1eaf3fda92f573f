"""The ECS service: starts tasks, drains them, replaces them in a deploy, and does what the scaling policy says."""

import random
from collections import defaultdict
from collections.abc import Callable
from functools import partial

from bench.simulation.counts import Course
from bench.simulation.event_queue import Agenda
from bench.simulation.scaling import ActiveCalls, TargetTracking
from bench.simulation.settings import Settings, Surroundings
from bench.simulation.tasks import Call, State, Task, least_outstanding


class Service:
    def __init__(
        self,
        agenda: Agenda,
        chance: random.Random,
        settings: Settings,
        surroundings: Surroundings,
        course: Course,
        cut: Callable[[Call], None],
    ) -> None:
        """`cut` is told of each call that its task leaves unfinished."""
        self.tasks: list[Task] = []
        self.desired = 0
        self._agenda = agenda
        self._chance = chance
        self._settings = settings
        self._surroundings = surroundings
        self._course = course
        self._cut = cut
        self._revision = 1
        self._watched = 1
        """The revision that the policy's metric is of: the last deploy's, once that is over."""
        self._metrics: defaultdict[int, ActiveCalls] = defaultdict(
            lambda: ActiveCalls(surroundings.period_s, settings.statistic)
        )
        self._policy = TargetTracking(settings, surroundings)

    def begin(self, tasks: int) -> None:
        """So many tasks run already."""
        self.desired = tasks
        for _ in range(tasks):
            self._runs(self._order())
        self._agenda.note(self._surroundings.period_s, self._scale)

    def target(self, node: int) -> Task | None:
        return least_outstanding(self.tasks, node, self._chance)

    def in_state(self, state: State) -> list[Task]:
        return [each for each in self.tasks if each.state is state]

    def deploy(self) -> None:
        """A new revision: as many new tasks as there are; each takes the place of an old one when it is healthy."""
        self._revision += 1
        self._grow(self.desired)

    @property
    def deploying(self) -> bool:
        return self._watched != self._revision

    def _grow(self, tasks: int) -> None:
        low, high = self._surroundings.fargate_start_s
        checks = self._surroundings.health_check_s
        for _ in range(tasks):
            task = self._order()
            # The first check comes at any moment of its interval, the others follow.
            until_healthy = checks * (self._chance.random() + self._surroundings.healthy_checks - 1)
            self._agenda.note(self._chance.uniform(low, high) + until_healthy, partial(self._is_healthy, task))

    def _order(self) -> Task:
        task = Task(
            self._revision, self._settings.max_calls, self._surroundings.balancer_nodes, ordered_s=self._agenda.now_s
        )
        self.tasks.append(task)
        return task

    def _is_healthy(self, task: Task) -> None:
        if task.state is not State.STARTING:
            return  # scaled in before it ran
        self._runs(task)
        if not self.in_state(State.STARTING):
            self._policy.tasks_run(self._agenda.now_s)
        if not self.deploying:
            return
        old = [each for each in self.in_state(State.TAKING) if each.revision < self._revision]
        new = [each for each in self.in_state(State.TAKING) if each.revision == self._revision]
        for each in old[: max(0, len(old) + len(new) - self.desired)]:
            self._drain(each)
        if len(new) >= self.desired:
            self._agenda.note(self._surroundings.policy_update_s, self._watch)

    def _watch(self) -> None:
        self._watched = self._revision

    def _runs(self, task: Task) -> None:
        task.state = State.TAKING
        self._agenda.note(self._surroundings.sample_s * self._chance.random(), partial(self._report, task))

    def _report(self, task: Task) -> None:
        if task.state is State.GONE:
            return
        if task.state is State.TAKING or self._surroundings.draining_reports:
            self._metrics[task.revision].report(self._agenda.now_s, len(task.calls))
        self._agenda.note(self._surroundings.sample_s, partial(self._report, task))

    def _drain(self, task: Task) -> None:
        """Deregister it: nothing new, and when the delay is over the rest is cut. Paid for until then."""
        task.state = State.DRAINING
        self._agenda.note(self._settings.drain_s, partial(self._end, task))
        self.left(task)

    def left(self, task: Task) -> None:
        """A call has left the task."""
        if self._surroundings.drain_ends_early and task.state is State.DRAINING and not task.calls:
            self._end(task)

    def _end(self, task: Task) -> None:
        if task.state is State.GONE:
            return  # its last call ended before the drain did
        task.state = State.GONE
        self.tasks.remove(task)
        self._course.task_s += self._agenda.now_s - task.ordered_s
        for call in list(task.calls):
            task.leave(call)
            self._cut(call)

    def _scale(self) -> None:
        known_until_s = self._agenda.now_s - self._surroundings.metric_delay_s
        periods = self._metrics[self._watched].periods(known_until_s, self._surroundings.low_periods)
        starting = self.in_state(State.STARTING)
        # Scale-in rests while ECS deploys, scale-out does not.
        before, self.desired = (
            self.desired,
            self._policy.desired(
                self._agenda.now_s,
                periods,
                self.desired,
                starting=bool(starting),
                may_shrink=not self.deploying,
            ),
        )
        self._grow(max(0, self.desired - before))
        self._shrink(max(0, before - self.desired))
        self._agenda.note(self._surroundings.period_s, self._scale)

    def _shrink(self, tasks: int) -> None:
        """ECS does not know which task has the fewest calls: any may go, those that do not run yet before others."""
        leaving = self.in_state(State.STARTING)[:tasks]
        for task in leaving:
            self._end(task)
        taking = self.in_state(State.TAKING)
        for task in self._chance.sample(taking, min(tasks - len(leaving), len(taking))):
            self._drain(task)
