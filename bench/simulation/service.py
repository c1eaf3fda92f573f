"""The ECS service: starts, drains and replaces tasks, as deploys and the scaling policy demand."""

import random
from collections import defaultdict
from collections.abc import Callable
from functools import partial

from bench.simulation.counts import Result
from bench.simulation.event_queue import EventQueue
from bench.simulation.scaling import ActiveCalls, TargetTracking
from bench.simulation.settings import Assumptions, Settings
from bench.simulation.tasks import Call, State, Task, pick_least_outstanding


class Service:
    def __init__(
        self,
        queue: EventQueue,
        rng: random.Random,
        settings: Settings,
        assumptions: Assumptions,
        result: Result,
        move_call: Callable[[Call], None],
    ) -> None:
        """`move_call` gets each call that is still in progress when its task stops."""
        self.tasks: list[Task] = []
        self.desired = 0
        self._queue = queue
        self._rng = rng
        self._settings = settings
        self._assumptions = assumptions
        self._result = result
        self._move_call = move_call
        self._revision = 1
        self._watched_revision = 1
        """The revision whose metric the policy reads: the newest one whose deploy is finished."""
        self._metrics: defaultdict[int, ActiveCalls] = defaultdict(
            lambda: ActiveCalls(assumptions.period_s, settings.statistic)
        )
        self._policy = TargetTracking(settings, assumptions)

    def begin(self, tasks: int) -> None:
        """Start with so many running tasks."""
        self.desired = tasks
        for _ in range(tasks):
            self._start_taking_calls(self._create_task())
        self._queue.schedule(self._assumptions.period_s, self._scale)

    def pick_task(self, node: int) -> Task | None:
        return pick_least_outstanding(self.tasks, node, self._rng)

    def list_in_state(self, state: State) -> list[Task]:
        return [each for each in self.tasks if each.state is state]

    def deploy(self) -> None:
        """Start as many tasks of a new revision as there are. Each replaces an old task once it is healthy."""
        self._revision += 1
        self._start_tasks(self.desired)

    @property
    def deploying(self) -> bool:
        return self._watched_revision != self._revision

    def _start_tasks(self, tasks: int) -> None:
        low, high = self._assumptions.fargate_start_s
        checks = self._assumptions.health_check_s
        for _ in range(tasks):
            task = self._create_task()
            # The first health check comes at a random time of its interval.
            until_healthy = checks * (self._rng.random() + self._assumptions.healthy_checks - 1)
            self._queue.schedule(self._rng.uniform(low, high) + until_healthy, partial(self._finish_start, task))

    def _create_task(self) -> Task:
        task = Task(
            self._revision, self._settings.max_calls, self._assumptions.balancer_nodes, started_s=self._queue.now_s
        )
        self.tasks.append(task)
        return task

    def _finish_start(self, task: Task) -> None:
        if task.state is not State.STARTING:
            return  # it was stopped before it ran
        self._start_taking_calls(task)
        if not self.list_in_state(State.STARTING):
            self._policy.start_cooldown(self._queue.now_s)
        if not self.deploying:
            return
        old = [each for each in self.list_in_state(State.TAKING) if each.revision < self._revision]
        new = [each for each in self.list_in_state(State.TAKING) if each.revision == self._revision]
        for each in old[: max(0, len(old) + len(new) - self.desired)]:
            self._drain(each)
        if len(new) >= self.desired:
            self._queue.schedule(self._assumptions.policy_update_s, self._watch_new_revision)

    def _watch_new_revision(self) -> None:
        self._watched_revision = self._revision

    def _start_taking_calls(self, task: Task) -> None:
        task.state = State.TAKING
        self._queue.schedule(self._assumptions.sample_s * self._rng.random(), partial(self._report, task))

    def _report(self, task: Task) -> None:
        if task.state is State.STOPPED:
            return
        if task.state is State.TAKING or self._assumptions.draining_reports:
            self._metrics[task.revision].report(self._queue.now_s, len(task.calls))
        self._queue.schedule(self._assumptions.sample_s, partial(self._report, task))

    def _drain(self, task: Task) -> None:
        """Deregister it: it gets no new calls, and when the delay is over the remaining calls are cut."""
        task.state = State.DRAINING
        self._queue.schedule(self._settings.drain_s, partial(self._stop_task, task))
        self.handle_call_left(task)

    def handle_call_left(self, task: Task) -> None:
        """To be called when a call has left the task."""
        if self._assumptions.drain_ends_early and task.state is State.DRAINING and not task.calls:
            self._stop_task(task)

    def _stop_task(self, task: Task) -> None:
        if task.state is State.STOPPED:
            return  # its last call ended before the drain was over
        task.state = State.STOPPED
        self.tasks.remove(task)
        self._result.task_s += self._queue.now_s - task.started_s
        for call in list(task.calls):
            task.leave(call)
            self._move_call(call)

    def _scale(self) -> None:
        known_until_s = self._queue.now_s - self._assumptions.metric_delay_s
        periods = self._metrics[self._watched_revision].list_periods(known_until_s, self._assumptions.low_periods)
        starting = self.list_in_state(State.STARTING)
        # There is no scale-in during a deploy, but there is scale-out.
        before, self.desired = (
            self.desired,
            self._policy.compute_desired(
                self._queue.now_s,
                periods,
                self.desired,
                starting=bool(starting),
                may_shrink=not self.deploying,
            ),
        )
        self._start_tasks(max(0, self.desired - before))
        self._stop_tasks(max(0, before - self.desired))
        self._queue.schedule(self._assumptions.period_s, self._scale)

    def _stop_tasks(self, tasks: int) -> None:
        """Stop tasks that do not run yet, then random ones: ECS does not know which task has the fewest calls."""
        leaving = self.list_in_state(State.STARTING)[:tasks]
        for task in leaving:
            self._stop_task(task)
        taking = self.list_in_state(State.TAKING)
        for task in self._rng.sample(taking, min(tasks - len(leaving), len(taking))):
            self._drain(task)
