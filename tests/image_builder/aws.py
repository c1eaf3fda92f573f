"""CodeBuild, ECR, Lambda's layers and Logs, as far as an image is built with them.

Simpler than they are: a build does nothing but come to the end that it is given, and a log has one page.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.image_builder.wire import Refusal

ACCOUNT_ID = "000000000000"
REPOSITORY = f"{ACCOUNT_ID}.dkr.ecr.us-east-1.amazonaws.com/warmline-image-1abcd"
REPOSITORY_NAME = "warmline-image-1abcd"
PROJECT = "warmline-image"
LAYER = f"arn:aws:lambda:us-east-1:{ACCOUNT_ID}:layer:warmline-socket-server-source"
LOG_GROUP = "/aws/codebuild/warmline-image"

SHA256_1, SHA256_2 = "AAEC" + "A" * 39 + "=", "//79" + "A" * 39 + "="  # 000102000000..., fffefd000000...
TAG_1, TAG_2 = "000102" + "0" * 58, "fffefd" + "0" * 58

type Operation = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass
class Ending:
    """How the next build ends."""

    status: str = "SUCCEEDED"
    polls: int = 2
    """So often it is still in progress when it is asked for."""
    pushes: bool = True
    phases: list[dict[str, Any]] = field(default_factory=list)
    log: list[str] | None = field(default_factory=list)
    """None: it comes to its end before it has a log."""


@dataclass
class Aws:
    """An account with one project, one repository, and versions 1 and 2 of the layer."""

    ending: Ending = field(default_factory=Ending)
    quota: int = 1
    layers: dict[str, str] = field(default_factory=lambda: {f"{LAYER}:1": SHA256_1, f"{LAYER}:2": SHA256_2})
    """ARN of a version: its CodeSha256."""
    images: dict[str, str] = field(default_factory=dict)
    """Tag: digest."""
    builds: dict[str, dict[str, Any]] = field(default_factory=dict)
    logs: dict[str, list[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    refused: dict[str, Refusal] = field(default_factory=dict)
    """Operation: what it answers."""
    refused_once: dict[str, Refusal] = field(default_factory=dict)
    """Operation: what it answers the first time."""
    replaced: dict[str, Operation] = field(default_factory=dict)
    """Operation: what is done instead."""
    _left: dict[str, Ending] = field(default_factory=dict)
    _started: dict[str, dict[str, Any]] = field(default_factory=dict)

    def answer(self, name: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """For the wire."""
        self.asked.append(name)
        if name in self.refused:
            raise self.refused[name]
        if name in self.refused_once:
            raise self.refused_once.pop(name)
        operations: dict[str, Operation] = {
            "GetLayerVersionByArn": self._get_layer,
            "DescribeImages": self._describe,
            "StartBuild": self._start,
            "BatchGetBuilds": self._get,
            "StopBuild": self._stop,
            "GetLogEvents": self._list_events,
        }
        return {**operations, **self.replaced}[name](parameters)

    @property
    def variables(self) -> dict[str, str]:
        """What the only build was told."""
        (build_id,) = self.builds
        return self._read_variables(build_id)

    def _get_layer(self, parameters: dict[str, Any]) -> dict[str, Any]:
        arn = parameters["Arn"]
        if arn not in self.layers:
            raise Refusal("ResourceNotFoundException", "The resource you requested does not exist.", 404)
        content = {"Location": "https://layers.example/signed", "CodeSha256": self.layers[arn], "CodeSize": 200_000}
        return {"LayerVersionArn": arn, "Content": content}

    def _describe(self, parameters: dict[str, Any]) -> dict[str, Any]:
        if (parameters["registryId"], parameters["repositoryName"]) != (ACCOUNT_ID, REPOSITORY_NAME):
            raise Refusal("RepositoryNotFoundException", "The repository does not exist in the registry")
        (image,) = parameters["imageIds"]
        if image["imageTag"] not in self.images:
            raise Refusal("ImageNotFoundException", "The image requested does not exist in the repository")
        return {"imageDetails": [{"imageDigest": self.images[image["imageTag"]], "imageTags": [image["imageTag"]]}]}

    def _start(self, parameters: dict[str, Any]) -> dict[str, Any]:
        if parameters["projectName"] != PROJECT:
            raise Refusal("ResourceNotFoundException", "Project cannot be found")
        token = parameters["idempotencyToken"]
        build_id = f"{PROJECT}:{token}"
        if token in self._started:
            if self._started[token] != parameters:
                raise Refusal("InvalidInputException", "Parameter mismatch for the same idempotency token")
            return {"build": self.builds[build_id]}
        running = sum(build["buildStatus"] == "IN_PROGRESS" for build in self.builds.values())
        if running >= self.quota:
            words = f"Cannot have more than {self.quota} builds in queue for the account"
            raise Refusal("AccountLimitExceededException", words)
        self._started[token] = parameters
        self._left[build_id] = self.ending
        self.builds[build_id] = {"id": build_id, "projectName": PROJECT, "buildStatus": "IN_PROGRESS"}
        if self.ending.log is not None:
            self.logs[token] = self.ending.log
            self.builds[build_id]["logs"] = {"groupName": LOG_GROUP, "streamName": token}
        return {"build": self.builds[build_id]}

    def _get(self, parameters: dict[str, Any]) -> dict[str, Any]:
        known = [build_id for build_id in parameters["ids"] if build_id in self.builds]
        for build_id in known:
            build, ending = self.builds[build_id], self._left[build_id]
            if build["buildStatus"] == "IN_PROGRESS":
                ending.polls -= 1
                if ending.polls < 0:
                    self._end(build, ending)
        missing = [build_id for build_id in parameters["ids"] if build_id not in known]
        found = {"builds": [self.builds[build_id] for build_id in known], "buildsNotFound": missing}
        return {name: listed for name, listed in found.items() if listed}

    def _end(self, build: dict[str, Any], ending: Ending) -> None:
        build["buildStatus"] = ending.status
        build["phases"] = ending.phases
        if ending.status == "SUCCEEDED" and ending.pushes:
            repository, _, tag = self._read_variables(build["id"])["IMAGE"].rpartition(":")
            assert repository == REPOSITORY
            assert tag not in self.images, "the tags of the repository are immutable"
            self.images[tag] = "sha256:" + f"{len(self.images) + 1:064x}"

    def _read_variables(self, build_id: str) -> dict[str, str]:
        parameters = self._started[build_id.removeprefix(f"{PROJECT}:")]
        return {each["name"]: each["value"] for each in parameters["environmentVariablesOverride"]}

    def _stop(self, parameters: dict[str, Any]) -> dict[str, Any]:
        build = self.builds.get(parameters["id"])
        if build is None:
            raise Refusal("ResourceNotFoundException", "Build does not exist")
        build["buildStatus"] = "STOPPED"
        return {"build": build}

    def _list_events(self, parameters: dict[str, Any]) -> dict[str, Any]:
        if parameters["logGroupName"] != LOG_GROUP or parameters["logStreamName"] not in self.logs:
            raise Refusal("ResourceNotFoundException", "The specified log stream does not exist.")
        lines = self.logs[parameters["logStreamName"]]
        last = lines[-parameters["limit"] :] if not parameters["startFromHead"] else lines[: parameters["limit"]]
        return {"events": [{"timestamp": 0, "message": f"{line}\n", "ingestionTime": 0} for line in last]}
