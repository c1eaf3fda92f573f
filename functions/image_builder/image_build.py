"""Gets the image of one source: finds it in the repository by the hash of the source, or builds it and waits.

A tag is never used twice, so nothing is built twice: not after a change elsewhere in the stack, not when a failed
update rolls back, and not when Lambda delivers a request a second time.
"""

import base64
import binascii
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from build_failure import describe_failure
from custom_resource import FailedError, Request
from image_order import Order, read
from new_permission import retry, retry_until

if TYPE_CHECKING:
    from mypy_boto3_codebuild import CodeBuildClient
    from mypy_boto3_codebuild.type_defs import BuildTypeDef
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient

POLL_S = 5.0
# The time that is kept to stop a build that takes too long, and to report it before CloudFormation gives up.
STOP_S = 30.0
SHA256_BYTES = 32


@dataclass(frozen=True, slots=True)
class Clients:
    """The clients of AWS."""

    codebuild: "CodeBuildClient"
    ecr: "ECRClient"
    functions: "LambdaClient"
    logs: "CloudWatchLogsClient"


def build_image(request: Request, clients: Clients, pause: Callable[[float], None] = time.sleep) -> dict[str, str]:
    """The attribute `ImageUri`: the repository with a digest. Raises `FailedError`.

    `pause` waits for some seconds. Nothing reports the end of a build, so its status is requested again and again.
    """
    order = read(request.properties)
    # The first request to each service may come too early for IAM.
    until_allowed = retry_until(request.until)
    tag = retry(lambda: _read_tag(order, clients.functions), until_allowed)
    digest = retry(lambda: _find_digest(order, tag, clients.ecr), until_allowed)
    if digest is None:
        build_id = retry(lambda: _start_build(order, tag, request, clients.codebuild), until_allowed)
        build = _wait_for_build(build_id, request, clients, pause)
        digest = _find_digest(order, tag, clients.ecr)
        if digest is None:
            raise FailedError(f"Build {build['id']} succeeded, but left no image {order.repository}:{tag}.")
    return {"ImageUri": f"{order.repository}@{digest}"}


def _read_tag(order: Order, functions: "LambdaClient") -> str:
    """The hash of the layer's content. SAM uploads the same source once, and its archive contains no times."""
    try:
        content = functions.get_layer_version_by_arn(Arn=order.layer_arn)["Content"]
    except functions.exceptions.ResourceNotFoundException as error:
        raise FailedError(f"The source cannot be had: there is no layer {order.layer_arn}.") from error
    try:
        sha256 = base64.b64decode(content["CodeSha256"], validate=True)
    except binascii.Error:
        sha256 = b""
    if len(sha256) != SHA256_BYTES:
        raise FailedError(f"Layer {order.layer_arn}: expected a SHA-256 in base64, got {content['CodeSha256']!r}.")
    return f"{order.architecture}-{sha256.hex()}"


def _find_digest(order: Order, tag: str, ecr: "ECRClient") -> str | None:
    """None: there is no image with this tag."""
    try:
        found = ecr.describe_images(
            registryId=order.registry_id, repositoryName=order.repository_name, imageIds=[{"imageTag": tag}]
        )["imageDetails"]
    except ecr.exceptions.ImageNotFoundException:
        return None
    except ecr.exceptions.RepositoryNotFoundException as error:
        raise FailedError(f"There is no repository {order.repository}.") from error
    return found[0]["imageDigest"]


def _start_build(order: Order, tag: str, request: Request, codebuild: "CodeBuildClient") -> str:
    """The build's id. The template's buildspec reads these three variables."""
    variables = {
        "SOURCE_LAYER_ARN": order.layer_arn,
        "IMAGE": f"{order.repository}:{tag}",
        "PLATFORM": order.platform,
    }
    try:
        build = codebuild.start_build(
            projectName=order.project,
            idempotencyToken=request.request_id,  # the same request starts the same build
            environmentVariablesOverride=[
                {"name": name, "value": value, "type": "PLAINTEXT"} for name, value in variables.items()
            ],
        )["build"]
    except codebuild.exceptions.AccountLimitExceededException as error:
        size = "ARM/Small" if order.architecture == "arm64" else "Linux/Small"
        raise FailedError(
            f"CodeBuild does not take the build: {error.response['Error']['Message']}. A new account may have a quota "
            f'of zero builds: in Service Quotas, AWS CodeBuild, ask for "Concurrently running builds for {size} '
            'environment" to be 1 or more, or deploy with an image of your own (parameter ImageUri; "make image").'
        ) from error
    except codebuild.exceptions.ResourceNotFoundException as error:
        raise FailedError(f"There is no CodeBuild project {order.project}.") from error
    return build["id"]


def _wait_for_build(
    build_id: str, request: Request, clients: Clients, pause: Callable[[float], None]
) -> "BuildTypeDef":
    """The build, which has succeeded."""
    began = time.monotonic()
    while time.monotonic() < request.until - STOP_S:
        builds = clients.codebuild.batch_get_builds(ids=[build_id]).get("builds")
        if not builds:
            raise FailedError(f"CodeBuild knows nothing of build {build_id}, which it has started.")
        (build,) = builds
        match build["buildStatus"]:
            case "SUCCEEDED":
                return build
            case "IN_PROGRESS":
                pause(POLL_S)
            case _:
                raise FailedError(describe_failure(build, clients.logs))
    raise FailedError(_stop_build(build_id, int(time.monotonic() - began), clients.codebuild))


def _stop_build(build_id: str, seconds: int, codebuild: "CodeBuildClient") -> str:
    try:
        codebuild.stop_build(id=build_id)
    except ClientError as error:
        ended = f"could not be stopped: {error}"
    else:
        ended = "was stopped"
    return (
        f"Build {build_id} was not finished after {seconds} s and {ended}. Deploy again, or see its log in CodeBuild."
    )
