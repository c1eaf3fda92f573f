"""The function as CloudFormation invokes it, in an account of its own on loopback."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

import custom_resource
import image_builder
from custom_resource import Request
from image_build import STOP_S, build_image
from tests.cloudformation import CloudFormation, Context
from tests.image_builder.aws import LAYER, PROJECT, REPOSITORY, Aws
from tests.image_builder.wire import Wire
from tests.lambdas import ACCOUNT

PROPERTIES = {"SourceLayerArn": f"{LAYER}:1", "Project": PROJECT, "Repository": REPOSITORY, "Architecture": "arm64"}


@dataclass(frozen=True)
class Stack:
    """A stack that has the resource."""

    cloudformation: CloudFormation
    aws: Aws

    def ask(self, kind: str = "Create", left_ms: int = 900_000, **changes: object) -> dict[str, Any]:
        """The answer that CloudFormation gets. What is waited for has happened by then."""
        more = {"RequestId": str(changes.pop("RequestId"))} if "RequestId" in changes else {}
        event = self.cloudformation.request(kind, "Image", {**PROPERTIES, **changes}, **more)
        self.cloudformation.answers.clear()
        custom_resource.answer(event, Context(left_ms), self._work)
        return self.cloudformation.answer

    def reason(self, left_ms: int = 900_000, **changes: object) -> str:
        """Of a creation that fails."""
        answer = self.ask("Create", left_ms, **changes)
        assert answer["Status"] == "FAILED"
        return str(answer["Reason"])

    def read_reason_of_too_little_time(self) -> str:
        """Of a creation with a moment for the build."""
        return self.reason(left_ms=int(1000 * (custom_resource.ANSWER_S + STOP_S)) + 300)

    def _work(self, request: Request) -> Mapping[str, str]:
        return build_image(request, image_builder.clients(), pause=lambda _: None)


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    aws = Aws()
    with CloudFormation() as cloudformation, Wire(aws.answer) as wire:
        for name, value in {**ACCOUNT, "AWS_ENDPOINT_URL": wire.origin}.items():
            monkeypatch.setenv(name, value)
        image_builder.clients.cache_clear()
        yield Stack(cloudformation, aws)
        clients = image_builder.clients()
        for client in (clients.codebuild, clients.ecr, clients.functions, clients.logs):
            client.close()
        image_builder.clients.cache_clear()
