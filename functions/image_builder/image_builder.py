"""The image_builder function: lets CodeBuild build the container's image, so that nobody needs Docker.

CloudFormation invokes it for the custom resource `Custom::Image` (properties `SourceLayerArn`, `Project`, `Repository`,
`Architecture`; attribute `ImageUri`, with a digest). The image depends on every property, so it is invoked
when a new image is needed, and when the stack rolls back to an old one.
"""

from collections.abc import Mapping
from functools import cache

import boto3
from botocore.config import Config

from custom_resource import Context, Request, answer
from image_build import Clients, build_image

CLIENT = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4})


def lambda_handler(event: object, context: Context) -> None:
    answer(event, context, _build)


def _build(request: Request) -> Mapping[str, str]:
    return build_image(request, clients())


@cache
def clients() -> Clients:
    """Made at the first request, and kept."""
    return Clients(
        codebuild=boto3.client("codebuild", config=CLIENT),
        ecr=boto3.client("ecr", config=CLIENT),
        functions=boto3.client("lambda", config=CLIENT),
        logs=boto3.client("logs", config=CLIENT),
    )
