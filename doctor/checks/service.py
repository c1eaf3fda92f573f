"""Whether the containers run, and whether the load balancer finds them healthy."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from doctor.context import Context
from doctor.facts import Stack
from doctor.findings import Finding, fail, ok, warn

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import ServiceTypeDef


def check_service(context: Context) -> Iterator[Finding]:
    name = context.facts.get(Stack).name
    found = context.aws.ecs.describe_services(cluster=name, services=[name])["services"]
    if not found or found[0].get("status") != "ACTIVE":
        yield fail(f"there is no ECS service {name}: no stream can be answered", "deploy again")
        return
    yield _check_tasks(found[0])
    for group in [each.get("targetGroupArn") for each in found[0].get("loadBalancers", [])]:
        health = context.aws.elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        states = Counter(each["TargetHealth"]["State"] for each in health)
        counted = ", ".join(f"{count} {state}" for state, count in states.items()) or "none"
        if states["healthy"]:
            yield ok(f"containers by their health at the load balancer: {counted}")
        else:
            reasons = {each["TargetHealth"].get("Description", "") for each in health} - {""}
            message = f"the load balancer has no healthy container ({counted}) {'; '.join(sorted(reasons))}".rstrip()
            yield fail(message, "see the container's log in CloudWatch: a bad setting is named in its last line")


def _check_tasks(found: "ServiceTypeDef") -> Finding:
    running, desired = found.get("runningCount", 0), found.get("desiredCount", 0)
    message = f"{running} of {desired} containers run"
    states = {each.get("status"): each.get("rolloutState") for each in found.get("deployments", [])}
    last = next((each.get("message", "") for each in found.get("events", [])), "")
    if not running:
        message = f"no container runs, {desired} should. ECS: {last or 'no reason given'}"
        return fail(message, "see the service in ECS's console")
    if states.get("PRIMARY") == "FAILED":
        return fail(f"{message}; the last deployment failed. ECS: {last}", "see the service in ECS's console")
    if running < desired or states.get("PRIMARY") == "IN_PROGRESS":
        return warn(f"{message}; a deployment or a start is in progress", "try again in a few minutes")
    draining = "; an older deployment is draining" if len(states) > 1 else ""
    return ok(f"{message}{draining}")
