"""Answers CloudFormation for a custom resource: always, in time, once, and with a sentence that a person can read.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes.html and crpg-ref-responses.html. A
request without an answer blocks the whole stack until its `ServiceTimeout`, so every failure is an answer too. This
file does not know what the resource does.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

import urllib3
from botocore.exceptions import BotoCoreError, ClientError

# How often the answer is tried, with a pause before each try. CloudFormation waits for it in an S3 bucket.
PAUSES_S = (0.0, 0.3, 0.6, 1.2)
TRY_S = 3.0
# The part of the function's time that is kept for the answer: the work is given up before.
ANSWER_S = sum(PAUSES_S) + TRY_S * len(PAUSES_S)
# The whole answer may have 4096 bytes, in which each of these may need two.
REASON_BYTES = 1500

logger = logging.getLogger(__name__)


class FailedError(Exception):
    """The resource cannot be created; the user reads the message as the stack's error."""


class Context(Protocol):
    """The used part of the context that Lambda gives."""

    log_group_name: str
    log_stream_name: str

    def get_remaining_time_in_millis(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Request:
    """The creation or the update of a resource."""

    resource_type: str
    """`Custom::…`"""
    logical_id: str
    stack_id: str
    """The stack's ARN."""
    request_id: str
    """The same value if Lambda delivers the request again."""
    properties: Mapping[str, object]
    """As the template gives them; CloudFormation makes text of numbers and booleans."""
    until: float
    """On the monotonic clock: after that the work has failed, and its result is thrown away."""
    update: bool = False
    """Also true for a rollback of an update, with the old properties."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the answer must repeat, and the URL for it."""

    response_url: str = field(repr=False)
    """Everybody who knows it can answer in our name."""
    stack_id: str
    request_id: str
    logical_id: str
    physical_id: str


def answer(event: object, context: Context, work: Callable[[Request], Mapping[str, str]]) -> None:
    """Do the work for a creation or an update, and answer CloudFormation. A deletion does nothing and succeeds.

    `work` returns the attributes for `Fn::GetAtt`, or raises `FailedError`. Its resource keeps its physical id for
    life, so CloudFormation never replaces it. It runs in a thread, which is abandoned when the time is over.

    Raises `ValueError` when the event is not CloudFormation's, and `OSError` when the answer cannot be delivered:
    Lambda then invokes the function again.
    """
    parts = event if isinstance(event, dict) else {}
    kind = parts.get("RequestType")
    asked = _read_request(parts)
    if kind == "Delete":
        _deliver(asked, {"Status": "SUCCESS"})
        return
    until = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - ANSWER_S
    properties = parts.get("ResourceProperties")
    request = Request(
        resource_type=str(parts.get("ResourceType")),
        logical_id=asked.logical_id,
        stack_id=asked.stack_id,
        request_id=asked.request_id,
        properties=properties if isinstance(properties, dict) else {},
        until=until,
        update=kind == "Update",
    )
    _deliver(asked, _run(request, context, work))


def _read_request(parts: Mapping[str, object]) -> _Asked:
    names = ("ResponseURL", "StackId", "RequestId", "LogicalResourceId")
    if missing := [name for name in names if not isinstance(parts.get(name), str)]:
        raise ValueError(f"expected a request of CloudFormation for a custom resource; without {', '.join(missing)}")
    url, stack_id, request_id, logical_id = (str(parts[name]) for name in names)
    return _Asked(url, stack_id, request_id, logical_id, str(parts.get("PhysicalResourceId") or logical_id))


def _run(request: Request, context: Context, work: Callable[[Request], Mapping[str, str]]) -> dict[str, object]:
    done: Future[Mapping[str, str]] = Future()

    def run() -> None:
        try:
            done.set_result(work(request))
        except Exception as error:  # raised again by the one who waits
            done.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        return {"Status": "SUCCESS", "Data": dict(done.result(max(0.0, request.until - time.monotonic())))}
    except FailedError as error:
        reason = str(error)
    except (BotoCoreError, ClientError) as error:
        logger.exception("AWS refused something that was not expected to be refused")
        reason = f"{error} ({_log(context)})"
    except Exception as error:  # the stack must not wait an hour for an answer because of a defect
        late = isinstance(error, TimeoutError) and not done.done()
        logger.exception("Out of time" if late else "A defect")
        # Not its text, which may contain anything.
        what = "it was not finished in the time this function has" if late else f"a defect, {type(error).__name__}"
        reason = f"{what}; {_log(context)}"
    reason = shorten(reason)
    logger.error("The resource cannot be had: %s", reason)
    return {"Status": "FAILED", "Reason": reason}


def shorten(reason: str, most: int = REASON_BYTES) -> str:
    """The text on one line. If it is too long, its middle is left out, because a log says at its end what happened."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in reason).split())
    written = line.encode("utf-8", "replace")
    if len(written) <= most:
        return written.decode()
    half = most // 2 - 3
    return f"{written[:half].decode('utf-8', 'ignore')} … {written[-half:].decode('utf-8', 'ignore')}"


def _log(context: Context) -> str:
    return f"see the log group {context.log_group_name}, stream {context.log_stream_name}"


def _deliver(asked: _Asked, outcome: Mapping[str, object]) -> None:
    answer = {
        "PhysicalResourceId": asked.physical_id,
        "StackId": asked.stack_id,
        "RequestId": asked.request_id,
        "LogicalResourceId": asked.logical_id,
        **outcome,
    }
    body = json.dumps(answer, ensure_ascii=False).encode()
    said = ""
    with urllib3.PoolManager(retries=False, timeout=TRY_S) as pool:
        for pause_s in PAUSES_S:
            time.sleep(pause_s)  # none before the first try; then S3 gets a moment, and CloudFormation waits anyway
            try:
                # The URL is signed for a request without a content type.
                response = pool.request("PUT", asked.response_url, body=body, headers={"Content-Type": ""})
            except urllib3.exceptions.HTTPError as error:  # its text holds the URL
                said = type(error).__name__
            else:
                if response.status < 300:
                    return
                said = f"HTTP {response.status}"
            logger.warning("CloudFormation did not take the answer: %s", said)
    raise OSError(f"the answer could not be delivered to CloudFormation: {said}")
