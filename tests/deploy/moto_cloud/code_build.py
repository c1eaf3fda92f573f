"""A stand-in for CodeBuild: takes builds of the stack's projects, and leaves an image in moto's ECR at once.

There is no Docker here, so nothing is built: what must be true before a build can succeed is looked at instead. The
variables are those that the project's buildspec reads, the layer exists and holds a Dockerfile, and the repository of
IMAGE takes an image with that tag. What the buildspec says is not executed.
https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StartBuild.html
"""

import io
import json
import uuid
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.awslambda.models import LayerVersion

TARGET = "CodeBuild_20161006."


class RefusedError(Exception):
    """The API's error: its kind, and a message."""


@dataclass(slots=True)
class CodeBuild:
    projects: Callable[[], Iterable[Mapping[str, Any]]]
    """The properties of those that exist."""
    layer: Callable[[str], LayerVersion | None]
    client: Callable[[str], Any]
    _builds: dict[str, dict[str, Any]] = field(default_factory=dict)

    def answer(self, operation: str, body: bytes) -> tuple[int, bytes]:
        """Status and body."""
        asked = json.loads(body)
        answered: dict[str, Any]
        try:
            match operation:
                case "StartBuild":
                    answered = {"build": self._start_build(asked)}
                case "BatchGetBuilds":
                    answered = {"builds": [self._builds[one] for one in asked["ids"] if one in self._builds]}
                case _:
                    raise RefusedError("InvalidInputException", f"{operation}: the stand-in does not know it")
        except RefusedError as error:
            kind, message = error.args
            return 400, json.dumps({"__type": kind, "message": message}).encode()
        return 200, json.dumps(answered).encode()

    def _start_build(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        name = asked["projectName"]
        project = next((one for one in self.projects() if one["Name"] == name), None)
        if project is None:
            raise RefusedError("ResourceNotFoundException", f"Project cannot be found: {name}")
        fault = self._find_fault(project, {one["name"]: one["value"] for one in asked["environmentVariablesOverride"]})
        build = {
            "id": f"{name}:{uuid.uuid4()}",
            "buildStatus": "FAILED" if fault else "SUCCEEDED",
            "phases": [{"phaseType": "BUILD", "phaseStatus": "FAILED", "contexts": [{"message": fault}]}]
            if fault
            else [],
        }
        self._builds[str(build["id"])] = build
        return {**build, "buildStatus": "IN_PROGRESS"}

    def _find_fault(self, project: Mapping[str, Any], variables: Mapping[str, str]) -> str | None:
        script = project["Source"]["BuildSpec"]
        if unread := [name for name in variables if f"${name}" not in script and f"${{{name}" not in script]:
            return f"the buildspec does not read {', '.join(unread)}"
        layer = self.layer(variables["SOURCE_LAYER_ARN"])
        if layer is None:
            return f"there is no layer {variables['SOURCE_LAYER_ARN']}"
        with zipfile.ZipFile(io.BytesIO(layer.code_bytes)) as source:
            if "Dockerfile" not in source.namelist():
                return f"the layer has no Dockerfile, but {source.namelist()[:20]}"
        image = variables["IMAGE"].partition("/")[2]
        repository, _, tag = image.rpartition(":")
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {"digest": f"sha256:{layer.code_digest}", "size": 1},
            "layers": [],
        }
        self.client("ecr").put_image(repositoryName=repository, imageTag=tag, imageManifest=json.dumps(manifest))
        return None
