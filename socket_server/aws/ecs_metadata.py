"""Asks ECS which revision of its task definition this process runs.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate-response.html.
"""

import asyncio
import logging
import urllib.request
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.json import decode

from socket_server.aws.executor import Executor
from socket_server.aws.logs import log_failure

LOCAL = "local"
"""Used as the revision if there is no ECS."""
UNKNOWN = "unknown"
"""Used if ECS did not answer; scaling does not count such a task."""
WAIT_SECONDS = 2.0  # the endpoint is on the same machine
ANSWER_BYTES = 1024 * 1024

log = logging.getLogger(__name__)


class _Task(Struct, rename="pascal"):
    family: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{1,255}$")]
    revision: Annotated[str, Meta(pattern="^[0-9]{1,10}$")]


async def read_task_revision(endpoint: str) -> str:
    """`family:revision`; LOCAL without an endpoint, UNKNOWN if it does not answer in time. Raises nothing."""
    if not endpoint:
        return LOCAL
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            task = decode(await Executor("metadata", 1, 0).run(lambda: _ask(f"{endpoint}/task")), type=_Task)
    except Exception as error:  # whatever failed: calls are more important than a metric
        log_failure(log, "revision of the task not learnt", error)
        return UNKNOWN
    return f"{task.family}:{task.revision}"


def _ask(url: str) -> bytes:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a link-local address needs no proxy
    with direct.open(url, timeout=WAIT_SECONDS) as answer:
        text: bytes = answer.read(ANSWER_BYTES)
        return text
