"""CloudFormation as a custom resource meets it: its requests, and the place where it waits for the answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.http_stand_in import HttpStandIn, Request, Response

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
class CloudFormation(HttpStandIn):
    """Takes what is put to its signed URL, as S3 does."""

    refusals: list[int] = field(default_factory=list)
    """What is answered to the next ones in place of 200; 0: the connection breaks."""
    answers: list[dict[str, Any]] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where an answer goes."""
        return f"{self.origin}/bucket/answer?X-Amz-Signature=SIGNED"

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

    def respond(self, request: Request) -> Response | None:
        status = self._status(request)
        if status != 200:
            self.refused.append(status)
            return Response(status) if status else None
        self.answers.append(json.loads(request.body))
        return Response()

    def _status(self, request: Request) -> int:
        if request.headers.get("Content-Type"):  # the signature is for none
            return 403
        if len(request.body) > MAX_ANSWER_BYTES:
            return 400
        return self.refusals.pop(0) if self.refusals else 200
