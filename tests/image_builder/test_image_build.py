"""Builds that are needed, builds that are not, and builds that take too long."""

import pytest
from botocore.exceptions import ClientError

import image_builder
import new_permission
from tests.cloudformation import Context
from tests.image_builder.aws import LAYER, PROJECT, REPOSITORY, TAG_1, TAG_2, Ending
from tests.image_builder.conftest import PROPERTIES, Stack
from tests.image_builder.wire import Refusal

DIGEST_1, DIGEST_2 = "sha256:" + "1".zfill(64), "sha256:" + "2".zfill(64)


def test_a_new_source_is_built(stack: Stack) -> None:
    answer = stack.ask()

    assert (answer["Status"], answer["Data"]) == ("SUCCESS", {"ImageUri": f"{REPOSITORY}@{DIGEST_1}"})
    assert stack.aws.variables == {
        "SOURCE_LAYER_ARN": f"{LAYER}:1",
        "IMAGE": f"{REPOSITORY}:arm64-{TAG_1}",
        "PLATFORM": "linux/arm64",
    }


def test_the_other_architecture_is_another_image(stack: Stack) -> None:
    stack.ask()
    stack.aws.builds.clear()

    answer = stack.ask("Update", Architecture="x86_64", RequestId="2")

    assert answer["Data"] == {"ImageUri": f"{REPOSITORY}@{DIGEST_2}"}
    assert (stack.aws.variables["IMAGE"], stack.aws.variables["PLATFORM"]) == (
        f"{REPOSITORY}:x86_64-{TAG_1}",
        "linux/amd64",
    )


def test_an_unchanged_source_is_not_built_again(stack: Stack) -> None:
    first = stack.ask()

    # The same content once more, as another version of the layer.
    stack.aws.layers[f"{LAYER}:3"] = stack.aws.layers[f"{LAYER}:1"]
    second = stack.ask("Update", SourceLayerArn=f"{LAYER}:3", RequestId="2")

    assert second["Data"] == first["Data"]
    assert stack.aws.asked.count("StartBuild") == 1


def test_the_way_back_to_the_old_source_costs_no_build(stack: Stack) -> None:
    before = stack.ask()
    after = stack.ask("Update", SourceLayerArn=f"{LAYER}:2", RequestId="2")

    back = stack.ask("Update", SourceLayerArn=f"{LAYER}:1", RequestId="3")

    assert set(stack.aws.images) == {f"arm64-{TAG_1}", f"arm64-{TAG_2}"}
    assert back["Data"] == before["Data"] != after["Data"]
    assert stack.aws.asked.count("StartBuild") == 2
    assert back["PhysicalResourceId"] == before["PhysicalResourceId"] == after["PhysicalResourceId"]


def test_the_way_back_is_open_though_the_new_build_failed(stack: Stack) -> None:
    before = stack.ask()
    stack.aws.ending = Ending(status="FAILED")
    assert stack.ask("Update", SourceLayerArn=f"{LAYER}:2", RequestId="2")["Status"] == "FAILED"

    assert stack.ask("Update", RequestId="3")["Data"] == before["Data"]


def test_what_was_built_is_kept_when_the_resource_goes(stack: Stack) -> None:
    stack.ask()
    asked = list(stack.aws.asked)

    answer = stack.ask("Delete", SourceLayerArn="garbage")

    assert answer["Status"] == "SUCCESS"
    assert stack.aws.asked == asked


def test_a_request_that_comes_twice_starts_one_build(stack: Stack) -> None:
    stack.aws.ending = Ending(pushes=False)  # so that the second one does not find the image either
    stack.reason()

    stack.reason()

    assert stack.aws.asked.count("StartBuild") == 2
    assert len(stack.aws.builds) == 1


def test_a_failed_build_is_tried_again_by_the_next_deploy(stack: Stack) -> None:
    stack.aws.ending = Ending(status="FAILED")
    stack.reason()
    stack.aws.ending = Ending()

    assert stack.ask(RequestId="2")["Status"] == "SUCCESS"


def test_a_build_that_takes_too_long_is_stopped(stack: Stack) -> None:
    stack.aws.ending = Ending(polls=1_000_000)

    reason = stack.read_reason_of_too_little_time()

    (build,) = stack.aws.builds.values()
    assert build["buildStatus"] == "STOPPED"
    assert f"{build['id']} was not finished after" in reason
    assert "was stopped" in reason


def test_a_build_that_cannot_even_be_stopped_is_told_as_such(stack: Stack) -> None:
    stack.aws.ending = Ending(polls=1_000_000)
    stack.aws.refused["StopBuild"] = Refusal("AccessDeniedException", "no codebuild:StopBuild")

    assert "could not be stopped: " in (reason := stack.read_reason_of_too_little_time())
    assert "no codebuild:StopBuild" in reason


def test_an_account_without_builds_is_told_what_to_do(stack: Stack) -> None:
    stack.aws.quota = 0

    reason = stack.reason()

    assert "Cannot have more than 0 builds in queue for the account" in reason
    assert '"Concurrently running builds for ARM/Small environment"' in reason
    assert "ImageUri" in reason
    assert '"Concurrently running builds for Linux/Small environment"' in stack.reason(Architecture="x86_64")


def test_a_build_without_an_image_is_a_failure(stack: Stack) -> None:
    stack.aws.ending = Ending(pushes=False)

    assert f"succeeded, but left no image {REPOSITORY}:arm64-{TAG_1}" in stack.reason()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"SourceLayerArn": f"{LAYER}:9"}, f"there is no layer {LAYER}:9"),
        ({"Repository": f"{REPOSITORY}-gone"}, f"There is no repository {REPOSITORY}-gone"),
        ({"Project": "gone"}, "There is no CodeBuild project gone"),
    ],
)
def test_what_is_not_there_is_named(stack: Stack, changes: dict[str, str], expected: str) -> None:
    assert expected in stack.reason(900_000, **changes)


@pytest.mark.parametrize("sha256", ["", "no base64"])
def test_a_layer_without_a_good_hash_is_no_source(stack: Stack, sha256: str) -> None:
    stack.aws.layers[f"{LAYER}:1"] = sha256

    assert "expected a SHA-256 in base64" in stack.reason()


def test_a_build_that_codebuild_has_forgotten_is_a_failure(stack: Stack) -> None:
    def forget(parameters: dict[str, object]) -> dict[str, object]:
        return {"buildsNotFound": parameters["ids"]}

    stack.aws.replaced["BatchGetBuilds"] = forget

    assert f"CodeBuild knows nothing of build {PROJECT}:" in stack.reason()


@pytest.mark.parametrize("operation", ["GetLayerVersionByArn", "DescribeImages", "StartBuild"])
def test_a_missing_permission_is_told_in_the_words_of_aws(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    stack.aws.refused[operation] = Refusal("AccessDeniedException", f"not authorized to perform {operation}")

    monkeypatch.setattr(new_permission, "RETRY_S", 0.0)  # it has had its time to come

    assert f"not authorized to perform {operation}" in stack.reason()


def test_a_build_that_may_not_be_watched_is_a_failure(stack: Stack) -> None:
    stack.aws.refused["BatchGetBuilds"] = Refusal("AccessDeniedException", "not authorized to perform BatchGetBuilds")

    assert "not authorized to perform BatchGetBuilds" in stack.reason()


def test_a_permission_that_is_not_yet_there_is_waited_for(stack: Stack) -> None:
    early = Refusal("AccessDeniedException", "not authorized to perform GetLayerVersion")
    stack.aws.refused_once["GetLayerVersionByArn"] = early

    assert stack.ask()["Status"] == "SUCCESS"
    assert stack.aws.asked.count("GetLayerVersionByArn") == 2


def test_the_handler_answers_for_itself(stack: Stack) -> None:
    stack.aws.images[f"arm64-{TAG_1}"] = DIGEST_1

    image_builder.lambda_handler(stack.cloudformation.request("Create", "Image", PROPERTIES), Context(900_000))

    assert stack.cloudformation.answer["Data"] == {"ImageUri": f"{REPOSITORY}@{DIGEST_1}"}


@pytest.mark.usefixtures("stack")
def test_the_wire_refuses_what_no_model_allows() -> None:
    with pytest.raises(ClientError, match="repositoryName: 'UPPER CASE' does not match"):
        image_builder.clients().ecr.describe_images(repositoryName="UPPER CASE", imageIds=[{"imageTag": "1"}])
