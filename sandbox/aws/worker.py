"""A runtime for functions as they lie in the checkout: runs one event at a time, as in Lambda.

Started as a script by `function_process.py`, never imported: in here the only code that can be imported is what Lambda
would have, the function's folder, its layers and the installed packages, and not `sandbox` itself. Unlike Lambda,
packages that only tests need can be imported as well, and nothing limits memory.

It starts in half the time of AWS's own runtime and needs nothing but Python, also where that one does not exist. What
it has in common with it is tested against both.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html
"""

import importlib
import io
import json
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping


class NoIdentity:
    """Of the user of a mobile app: nobody here."""

    cognito_identity_id = None
    cognito_identity_pool_id = None


class LambdaContext:
    """What a handler gets as its second argument: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.invoked_function_arn = headers["lambda-runtime-invoked-function-arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = NoIdentity()
        self.client_context = None
        self._deadline_ms = int(headers["lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until this process is killed."""
        return max(self._deadline_ms - time.time_ns() // 1_000_000, 0)


class RuntimeApi:
    """The cloud's end. By hand, because importing http.client takes longer than everything else here together."""

    def __init__(self, address: str) -> None:
        host, _, port = address.partition(":")
        self._address = address
        self._connection = socket.create_connection((host, int(port)))
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._answers = self._connection.makefile("rb")

    def wait_for_event(self) -> tuple[Mapping[str, str], bytes]:
        """Wait for an event; with its headers, their names in lower case."""
        return self._ask("GET", "invocation/next", b"")

    def post(self, path: str, body: object) -> None:
        """Answer. Ends this process when the cloud does not take the answer, as AWS's runtime does."""
        self._ask("POST", path, body if isinstance(body, bytes) else json.dumps(body).encode())

    def _ask(self, method: str, path: str, body: bytes) -> tuple[Mapping[str, str], bytes]:
        head = f"{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: {self._address}\r\nContent-Length: {len(body)}"
        self._connection.sendall(head.encode() + b"\r\n\r\n" + body)
        status_line = self._answers.readline()
        if not status_line:
            sys.exit(0)  # the cloud has gone
        headers = {}
        while line := self._answers.readline().strip():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        answer = self._answers.read(int(headers["content-length"]))
        if not status_line.startswith((b"HTTP/1.1 200", b"HTTP/1.1 202")):
            sys.exit(f"The Runtime API refused {path}: {answer.decode(errors='replace')}")
        return headers, answer


type Handler = Callable[[object, LambdaContext], object]


def main() -> None:
    """Run events until the cloud has gone, or wants us gone."""
    assert isinstance(sys.stdout, io.TextIOWrapper)
    sys.stdout.reconfigure(line_buffering=True)  # a function that is killed leaves what it printed
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    cloud = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = _find_handler(os.environ["_HANDLER"])
    except Exception as error:  # whatever it is, Lambda hears of it
        _print_traceback()
        cloud.post("init/error", _describe_init_error(error))
        sys.exit(1)
    while True:
        headers, event = cloud.wait_for_event()
        context = LambdaContext(headers)
        kind, answer = _run(handler, json.loads(event), context)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        cloud.post(f"invocation/{context.aws_request_id}/{kind}", answer)


def _find_handler(name: str) -> Handler:
    module_name, _, attribute = name.rpartition(".")
    handler: Handler = getattr(importlib.import_module(module_name), attribute)
    return handler


def _run(handler: Handler, event: object, context: LambdaContext) -> tuple[str, object]:
    try:
        result = handler(event, context)
    except Exception as error:  # as above
        _print_traceback()
        return "error", _describe_error(error, context.aws_request_id)
    try:
        return "response", json.dumps(result).encode()
    except (TypeError, ValueError) as error:
        message = f"Unable to marshal response: {error}"
        described = {"errorMessage": message, "errorType": "Runtime.MarshalError", "stackTrace": []}
        return "error", described | {"requestId": context.aws_request_id}


def _describe_error(error: Exception, request_id: str) -> dict[str, object]:
    import traceback  # only who fails pays for it

    frames = traceback.extract_tb(error.__traceback__)[1:]  # without the line above that called the handler
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": request_id,
        "stackTrace": traceback.format_list(frames),
    }


def _describe_init_error(error: Exception) -> dict[str, object]:
    handler = os.environ["_HANDLER"]
    module, _, attribute = handler.rpartition(".")
    match error:
        case ImportError():
            message, kind = f"Unable to import module '{module}': {error}", "Runtime.ImportModuleError"
        case AttributeError() if getattr(sys.modules.get(module), attribute, None) is None:
            message, kind = f"Handler '{attribute}' missing on module '{module}'", "Runtime.HandlerNotFound"
        case _:
            message, kind = str(error), type(error).__name__
    return {"errorMessage": message, "errorType": kind, "requestId": "", "stackTrace": []}


def _print_traceback() -> None:
    import traceback  # only who fails pays for it

    traceback.print_exc()


if __name__ == "__main__":
    main()
