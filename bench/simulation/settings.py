"""The input of a simulation: the template's parameters, and assumptions about AWS and Twilio."""

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
    """A share of `max_calls`. With more calls than that per task on average, tasks are added."""
    statistic: Literal["Average", "Maximum"] = "Average"
    scale_out_cooldown_s: float = 60
    scale_in_cooldown_s: float = 3600

    @property
    def target_calls(self) -> float:
        return self.max_calls * self.target_share


@dataclass(frozen=True, slots=True)
class Assumptions:
    """How the services around a call behave. docs/scale.md says which of these AWS documents and which are assumed."""

    fargate_start_s: tuple[float, float] = (40, 60)
    """From starting a task until its container answers: a random time, uniform between these two."""
    health_check_s: float = 10
    healthy_checks: int = 2
    balancer_nodes: int = 2
    """One for each zone. Each node knows only the streams that came through itself."""
    sample_s: float = 15
    """Time between two samples of ActiveCalls by one task."""
    draining_reports: bool = True
    """A draining task keeps reporting its calls: it learns of the drain only by SIGTERM, at its end."""
    period_s: float = 60
    metric_delay_s: float = 60
    """From the end of a period until an alarm sees its value: log, metric, evaluation."""
    drain_ends_early: bool = False
    """True: ECS stops a draining task after its last call. False: when DrainSeconds are over. Sources disagree."""
    high_periods: int = 3
    low_periods: int = 15
    low_share: float = 0.9
    """A share of the target. Below it for `low_periods`, tasks are removed."""
    waits_for_tasks: bool = True
    """The cooldown of a scale-out begins when its tasks run. False: when they are started."""
    policy_update_s: float = 60
    """From the new tasks being healthy until the policy watches the new revision: CloudFormation updates it."""
    retry_s: float = 1
    """From a refusal, or the end of a stream, to the next handshake: Twilio asks /voice/after-stream."""
    pause_s: float = 3
    """Added before the third try: twiml.PAUSE_SECONDS."""
    max_streams: int = 3
    talk_s: float = 30
    """After so much talk, the count of tries starts again (call_flow.TALK_MS)."""
