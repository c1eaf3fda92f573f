"""The process in which a function of the sandbox's cloud runs: one event at a time, as in Lambda.

Started as a script by `functions.py`, never imported: in here the only code that can be imported is what
Lambda would have, the function's folder, its layers and the installed packages, and not `sandbox` itself.
Unlike Lambda, packages that only tests need can be imported as well, and nothing limits memory.

Orders come on standard input, answers leave on standard output, both one JSON object a line; whatever the
function prints goes to standard error, its log.
https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
"""

import importlib
import io
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from typing import IO


class LambdaContext:
    """What a handler gets as its second argument."""

    def __init__(self, request_id: str, arn: str, deadline_ms: int) -> None:
        self.aws_request_id = request_id
        self.invoked_function_arn = arn
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = None
        self.client_context = None
        self._deadline_ms = deadline_ms

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until this process is killed."""
        return max(self._deadline_ms - time.time_ns() // 1_000_000, 0)


type Handler = Callable[[object, LambdaContext], object]


def main(search_path: list[str]) -> None:
    """Serve orders until standard input ends: then the cloud has gone, or wants us gone."""
    orders, answers = _take_over_pipes()
    sys.path[:0] = search_path
    try:
        handler = _find_handler(os.environ["_HANDLER"])
    except Exception as error:
        traceback.print_exc()
        _write(answers, _init_error(error))
        return
    _write(answers, {"ready": True})
    for line in orders:
        order = json.loads(line)
        context = LambdaContext(order["request_id"], order["arn"], order["deadline_ms"])
        answer = _run(handler, order["event"], context)
        _end_log(context.aws_request_id)
        _write(answers, answer)


def _take_over_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Move both pipes to descriptors of our own: no print of the function gets between the answers.

    What os.dup returns is not inherited by programs that the function starts.
    """
    orders, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    assert isinstance(sys.stdout, io.TextIOWrapper)
    sys.stdout.reconfigure(line_buffering=True)  # a function that is killed leaves what it printed
    return orders, answers


def _find_handler(name: str) -> Handler:
    module_name, _, attribute = name.rpartition(".")
    handler: Handler = getattr(importlib.import_module(module_name), attribute)
    return handler


def _run(handler: Handler, event: object, context: LambdaContext) -> dict[str, object]:
    try:
        result = handler(event, context)
    except Exception as error:
        traceback.print_exc()
        return {"error": _described(error, context.aws_request_id)}
    try:
        return {"payload": json.dumps(result)}
    except (TypeError, ValueError) as error:
        message = f"Unable to marshal response: {error}"
        described = {"errorMessage": message, "errorType": "Runtime.MarshalError", "stackTrace": []}
        return {"error": described | {"requestId": context.aws_request_id}}


def _described(error: Exception, request_id: str) -> dict[str, object]:
    frames = traceback.extract_tb(error.__traceback__)[1:]  # without the line above that called the handler
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": request_id,
        "stackTrace": traceback.format_list(frames),
    }


def _init_error(error: Exception) -> dict[str, object]:
    handler = os.environ["_HANDLER"]
    module, _, attribute = handler.rpartition(".")
    match error:
        case ImportError():
            message, kind = f"Unable to import module '{module}': {error}", "Runtime.ImportModuleError"
        case AttributeError() if getattr(sys.modules.get(module), attribute, None) is None:
            message, kind = f"Handler '{attribute}' missing on module '{module}'", "Runtime.HandlerNotFound"
        case _:
            message, kind = str(error), type(error).__name__
    return {"error": {"errorMessage": message, "errorType": kind, "requestId": "", "stackTrace": []}}


def _end_log(request_id: str) -> None:
    """Close this event's part of the log with Lambda's own words; the cloud waits for them."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os.write(2, f"\nEND RequestId: {request_id}\n".encode())


def _write(answers: IO[bytes], answer: dict[str, object]) -> None:
    answers.write(json.dumps(answer).encode() + b"\n")
    answers.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
