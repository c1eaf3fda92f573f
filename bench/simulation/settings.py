"""What the simulation takes for given: the template's parameters, and what AWS and Twilio do in between."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Settings:
    """Parameters of template.yaml, with its defaults, and the constants of its ScalingPolicy."""

    max_calls: int = 20
    min_tasks: int = 1
    max_tasks: int = 10
    drain_s: float = 60
    session_s: float = 55 * 60
    target_share: float = 0.6
    """Of `max_calls`: calls a task on average, above which tasks are added."""
    statistic: Literal["Average", "Maximum"] = "Average"
    scale_out_cooldown_s: float = 60
    scale_in_cooldown_s: float = 3600

    @property
    def target_calls(self) -> float:
        return self.max_calls * self.target_share


@dataclass(frozen=True, slots=True)
class Surroundings:
    """How the services around a call behave. docs/scale.md says which of these AWS documents and which are assumed."""

    fargate_start_s: tuple[float, float] = (40, 60)
    """From the order for a task until its container answers: evenly between these."""
    health_check_s: float = 10
    healthy_checks: int = 2
    balancer_nodes: int = 2
    """One in each zone; each knows only of the streams that came through it."""
    sample_s: float = 15
    """Between two reports of ActiveCalls by one task."""
    draining_reports: bool = True
    """A task that drains goes on reporting its calls: nobody tells it before SIGTERM, when the drain is over."""
    period_s: float = 60
    metric_delay_s: float = 60
    """From the end of a period until an alarm sees it: log, metric, evaluation."""
    drain_ends_early: bool = False
    """ECS ends a draining task with its last call; otherwise when DrainSeconds are over. Reports differ."""
    high_periods: int = 3
    low_periods: int = 15
    low_share: float = 0.9
    """Of the target: below it for `low_periods`, tasks are taken away."""
    waits_for_tasks: bool = True
    """A scale-out is over, and its cooldown begins, when its tasks run; not when they are ordered."""
    policy_update_s: float = 60
    """From the new tasks' health to the policy that watches the new revision: CloudFormation goes on."""
    retry_s: float = 1
    """From a refusal, or the end of a stream, to the next handshake: Twilio asks /voice/after-stream."""
    pause_s: float = 3
    """What twiml.PAUSE_SECONDS adds before the third try."""
    max_streams: int = 3
    talk_s: float = 30
    """After so much talk the tries are counted anew (call_flow.TALK_MS)."""
