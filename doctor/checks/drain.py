"""Whether a deployment lets calls end: the longest stream against the time that the load balancer waits for it."""

from collections.abc import Iterator

from doctor.context import Context
from doctor.facts import AgentFile, Stack
from doctor.findings import Finding, fail, ok, warn

# A call that is due for a new session ends its stream at the next pause, after two minutes at the latest.
_PAUSE_MINUTES = 2
_DRAIN_S, _SESSION_MINUTES = 60, 57  # what is taken where the stack does not say


def drain(context: Context) -> Iterator[Finding]:
    stack, file = context.facts.get(Stack), context.facts.get(AgentFile)
    drain_s = stack.number("DrainSeconds", _DRAIN_S)
    own, cap = file.agent.limits.session_minutes, stack.number("SessionMinutes", _SESSION_MINUTES)
    longest_s = (min(own, cap) + _PAUSE_MINUTES) * 60
    stream = f"a stream lasts {longest_s} s at the most (session_minutes {own}, SessionMinutes {cap}, and two minutes)"
    if longest_s < drain_s:
        yield ok(f"a deployment cuts no call: {stream}, and the load balancer waits {drain_s} s")
    elif stack.parameters.get("Stage") == "prod":
        remedy = "raise DrainSeconds (3600 at the most) or lower SessionMinutes, then deploy"
        yield fail(f"a deployment cuts calls after {drain_s} s, and {stream}", remedy)
    else:
        message = f"a deployment moves calls after {drain_s} s: the caller hears a short gap, and the agent goes on"
        yield warn(message, "for real callers deploy with --config-env prod, which waits for calls to end")
