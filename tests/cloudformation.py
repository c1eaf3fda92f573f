"""CloudFormation as a custom resource meets it: its requests, and the place where it waits for the answer."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

STACK = "arn:aws:cloudformation:us-east-1:000000000000:stack/warmline/5f1d1f50-0000-11f1-8000-0affd3a4f7b7"
# S3 takes no more: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
MAX_ANSWER_BYTES = 4096


@dataclass
class Context:
    """What Lambda gives a handler beside the event."""

    left_ms: int = 120_000
    log_group_name: str = "/aws/lambda/warmline-function"
    log_stream_name: str = "2026/11/22/[$LATEST]00"

    def get_remaining_time_in_millis(self) -> int:
        return self.left_ms


@dataclass
class CloudFormation:
    """Takes what is put to its signed URL, as S3 does."""

    refusals: list[int] = field(default_factory=list)
    """What is answered to the next ones in place of 200; 0: the connection breaks."""
    answers: list[dict[str, Any]] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}/bucket/answer?X-Amz-Signature=SIGNED"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def request(self, kind: str, resource: str, properties: Mapping[str, object], **more: object) -> dict[str, object]:
        """The event for a resource `AccountCheck` of type `Custom::AccountCheck`, say."""
        event: dict[str, object] = {
            "RequestType": kind,
            "ServiceToken": "arn:aws:lambda:us-east-1:000000000000:function:warmline-function",
            "ResponseURL": self.url,
            "StackId": STACK,
            "RequestId": "0d1e2f3a-0000-4000-8000-000000000000",
            "LogicalResourceId": resource,
            "ResourceType": f"Custom::{resource}",
            "ResourceProperties": {"ServiceToken": "arn:aws:lambda:…", **properties},
        }
        return event | ({} if kind == "Create" else {"PhysicalResourceId": resource}) | more

    @property
    def answer(self) -> dict[str, Any]:
        """The only one."""
        (answer,) = self.answers
        return answer


def _handler(cloudformation: CloudFormation) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = self._status(body)
            if status == 0:
                cloudformation.refused.append(0)
                self.close_connection = True
                return
            if status == 200:
                cloudformation.answers.append(json.loads(body))
            else:
                cloudformation.refused.append(status)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _status(self, body: bytes) -> int:
            if self.headers.get("Content-Type"):  # the signature is for none
                return 403
            if len(body) > MAX_ANSWER_BYTES:
                return 400
            return cloudformation.refusals.pop(0) if cloudformation.refusals else 200

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 (http.server's name)
            pass

    return Handler
