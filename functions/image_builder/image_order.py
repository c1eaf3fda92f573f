"""The request of CloudFormation: the properties of `Custom::Image`, read once and checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from custom_resource import FailedError

# Docker's names for the template's Architecture.
PLATFORMS = {"arm64": "linux/arm64", "x86_64": "linux/amd64"}

_LAYER = re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:layer:[A-Za-z0-9_-]+:[0-9]+")
_PROJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,254}")
_REPOSITORY = re.compile(r"([0-9]{12})\.dkr[.-]ecr\.[a-z0-9.-]+/([a-z0-9]+(?:[._/-]+[a-z0-9]+)*)")
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Order:
    """An image of this source, for this architecture, in this repository."""

    layer_arn: str
    """The version of the layer that holds the source."""
    project: str
    """CodeBuild's."""
    repository: str
    """Its URI, without a tag."""
    registry_id: str
    """The account that the repository belongs to."""
    repository_name: str
    architecture: str

    @property
    def platform(self) -> str:
        return PLATFORMS[self.architecture]


def read(properties: Mapping[str, object]) -> Order:
    """Raises `FailedError` with all faults, because a deploy takes minutes."""
    faults: list[str] = []

    def read_text(name: str, expected: str, pattern: re.Pattern[str]) -> tuple[str, ...]:
        value = properties.get(name)
        match = pattern.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            came = "nothing" if value is None else repr(value)[:_SHOWN]
            faults.append(f"Property {name}: expected {expected}, got {came}.")
            return ("", "", "")
        return (match[0], *match.groups())

    layer_arn, *_ = read_text("SourceLayerArn", "the ARN of a layer's version", _LAYER)
    project, *_ = read_text("Project", "the name of a CodeBuild project", _PROJECT)
    repository, registry_id, name = read_text("Repository", "the URI of an ECR repository", _REPOSITORY)
    architecture, *_ = read_text("Architecture", " or ".join(PLATFORMS), re.compile("|".join(PLATFORMS)))
    if faults:
        raise FailedError(" ".join(faults))
    return Order(layer_arn, project, repository, registry_id, name, architecture)
