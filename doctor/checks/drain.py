"""Whether a deployment cuts calls: compares the longest stream with the time that the load balancer waits."""

from collections.abc import Iterator

from doctor.context import Context
from doctor.facts import AgentFile, Stack
from doctor.findings import Finding, fail, ok, warn

# A call that is due for a new session ends its stream at the next pause, after two minutes at the latest.
_PAUSE_MINUTES = 2
_DEFAULT_DRAIN_S, _DEFAULT_SESSION_MINUTES = 60, 57  # if the stack has no such output


def check_drain(context: Context) -> Iterator[Finding]:
    stack, file = context.facts.get(Stack), context.facts.get(AgentFile)
    drain_s = stack.read_int("DrainSeconds", _DEFAULT_DRAIN_S)
    agent_minutes = file.agent.limits.session_minutes
    stack_minutes = stack.read_int("SessionMinutes", _DEFAULT_SESSION_MINUTES)
    longest_s = (min(agent_minutes, stack_minutes) + _PAUSE_MINUTES) * 60
    limits = f"session_minutes {agent_minutes}, SessionMinutes {stack_minutes}, and two minutes"
    stream = f"a stream lasts {longest_s} s at the most ({limits})"
    if longest_s < drain_s:
        yield ok(f"a deployment cuts no call: {stream}, and the load balancer waits {drain_s} s")
    elif stack.parameters.get("Stage") == "prod":
        remedy = "raise DrainSeconds (3600 at the most) or lower SessionMinutes, then deploy"
        yield fail(f"a deployment cuts calls after {drain_s} s, and {stream}", remedy)
    else:
        message = f"a deployment moves calls after {drain_s} s: the caller hears a short gap, and the agent goes on"
        yield warn(message, "for real callers deploy with --config-env prod, which waits for calls to end")
