"""Says why a build of CodeBuild failed, in about a thousand characters, which CloudFormation shows."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_codebuild.type_defs import BuildTypeDef
    from mypy_boto3_logs import CloudWatchLogsClient

MESSAGE_CHARACTERS = 300
TAIL_CHARACTERS = 600
# Enough for the end of the log, without CodeBuild's own lines.
LINES = 100


def describe_failure(build: "BuildTypeDef", logs: "CloudWatchLogsClient") -> str:
    """Status, phase, CodeBuild's message, where the log is, and what the log said last."""
    return f"Build {build['id']} ended as {build['buildStatus']}{_describe_phase(build)}. {_describe_log(build, logs)}"


def _describe_phase(build: "BuildTypeDef") -> str:
    """The first phase that failed: those after it fail because of it."""
    for phase in build.get("phases", ()):
        if phase.get("phaseStatus", "SUCCEEDED") not in ("SUCCEEDED", "IN_PROGRESS"):
            messages = (context.get("message", "") for context in phase.get("contexts", ()))
            message = " ".join(filter(None, messages))[:MESSAGE_CHARACTERS]
            return f" in phase {phase['phaseType']}" + (f": {message}" if message else "")
    return ""


def _describe_log(build: "BuildTypeDef", logs: "CloudWatchLogsClient") -> str:
    place = build.get("logs", {})
    group, stream = place.get("groupName"), place.get("streamName")
    if not (group and stream):
        return "It left no log."
    where = f"Its log (group {group}, stream {stream})"
    try:
        events = logs.get_log_events(logGroupName=group, logStreamName=stream, limit=LINES, startFromHead=False)
    except (BotoCoreError, ClientError) as error:
        return f"{where} cannot be read: {error}"
    lines = [event.get("message", "").strip() for event in events["events"]]
    # CodeBuild writes more lines after a command has failed, but the command's output is needed.
    said = [line for line in lines if line and not line.startswith("[Container]")] or lines
    tail = " | ".join(said)
    shown = tail if len(tail) <= TAIL_CHARACTERS else f"…{tail[-TAIL_CHARACTERS:]}"
    return f"{where} ends: {shown}" if shown else f"{where} is empty."
